"""Routes of recordings: the video list with its filters, one video, its deletion, an input's own.

`GET …/live_inputs/{uid}/videos` no longer answers once the input is deleted; the video list does
(measured).
"""

from collections.abc import Callable, Mapping

from aiohttp import web

from localnet.stream import errors
from localnet.stream.live_inputs import LiveInputs
from localnet.stream.recordings import StandInRecordings
from localnet.stream.rest.envelope import ok
from localnet.stream.rest.guard import RestGuard
from localnet.stream.rest.inputs import INPUT
from localnet.stream.video import StandInVideo

_LIST = "/accounts/{account}/stream"
_ONE = _LIST + "/{video}"
_MOST = 1000


class VideoRoutes:
    """Handlers over `StandInRecordings`."""

    def __init__(self, guard: RestGuard, inputs: LiveInputs, recordings: StandInRecordings) -> None:
        self._guard = guard
        self._inputs = inputs
        self._recordings = recordings

    def table(self) -> list[web.RouteDef]:
        return [
            web.get(INPUT + "/videos", self.of_input, allow_head=False),
            web.get(_LIST, self.list, allow_head=False),
            web.get(_ONE, self.get, allow_head=False),
            web.delete(_ONE, self.delete),
        ]

    async def of_input(self, request: web.Request) -> web.Response:
        account = self._guard.account(request, "read")
        live = self._inputs.get(account.id, request.match_info["uid"])
        return ok([video.render() for video in self._recordings.list(account.id, live.uid)])

    async def list(self, request: web.Request) -> web.Response:
        account = self._guard.account(request, "read")
        query = request.query
        limit = _limit(query.get("limit", str(_MOST)))
        found = self._recordings.list(account.id, query.get("live_input_id"))
        found = [video for video in found if _wanted(video, query)]
        if query.get("asc") == "true":
            found.reverse()
        items = [video.render() for video in found[:limit]]
        if query.get("include_counts") == "true":
            return ok(items, range=len(items), total=str(len(found)))
        return ok(items)

    async def get(self, request: web.Request) -> web.Response:
        account = self._guard.account(request, "read")
        return ok(self._recordings.get(account.id, request.match_info["video"]).render())

    async def delete(self, request: web.Request) -> web.Response:
        account = self._guard.account(request, "write")
        self._recordings.delete(account.id, request.match_info["video"])
        return ok("")


_FILTERS: dict[str, Callable[[StandInVideo, str], bool]] = {
    "search": lambda video, text: text.lower() in str(video.meta.get("name", "")).lower(),
    "video_name": lambda video, text: text == video.meta.get("name"),
    "creator": lambda video, text: text == video.creator,
    "status": lambda video, text: text == video.state,
    "type": lambda video, text: text == "live",
}


def _wanted(video: StandInVideo, query: Mapping[str, str]) -> bool:
    return all(test(video, query[name]) for name, test in _FILTERS.items() if name in query)


def _limit(text: str) -> int:
    """1001 is refused with 10005; a word gets a bare 500 (both measured)."""
    if not text.isascii() or not text.isdigit():
        raise web.HTTPInternalServerError(text="")
    limit = int(text)
    if not 1 <= limit <= _MOST:
        raise errors.bad_request(f"limit must be between 1 and {_MOST}")
    return limit
