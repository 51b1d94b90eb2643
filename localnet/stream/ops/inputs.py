"""Control routes about inputs: what exists (with secrets), who is live, recordings, views."""

from typing import Any

from aiohttp import web

from localnet.stream import errors
from localnet.stream.live_inputs import LiveInputs
from localnet.stream.model import StandInLiveInput, stamp
from localnet.stream.ops.routes import answer, body_of
from localnet.stream.playback.status import StatusRoutes
from localnet.stream.recordings import StandInRecordings
from localnet.stream.store import StandInStore

_PROTOCOLS = ("rtmp", "srt", "webrtc")


class OpsInputRoutes:
    """Handlers over inputs and recordings, without an account's credentials."""

    def __init__(
        self,
        inputs: LiveInputs,
        recordings: StandInRecordings,
        store: StandInStore,
        status: StatusRoutes,
    ) -> None:
        self._inputs = inputs
        self._recordings = recordings
        self._store = store
        self._status = status

    def table(self) -> list[web.RouteDef]:
        return [
            web.get("/inputs", self.dump),
            web.get("/secrets", self.secrets),
            web.post("/inputs/{uid}/live", self.live),
            web.post("/inputs/{uid}/disconnect", self.disconnect),
            web.post("/inputs/{uid}/recordings", self.record),
            web.put("/inputs/{uid}/views", self.views),
        ]

    async def dump(self, request: web.Request) -> web.Response:
        deleted = request.query.get("deleted") == "true"
        return answer([_render(live) for live in self._store.inputs(deleted=deleted)])

    async def secrets(self, request: web.Request) -> web.Response:
        rows = self._store.secrets()
        return answer([{"uid": uid, "kind": kind, "value": value} for uid, kind, value in rows])

    async def live(self, request: web.Request) -> web.Response:
        protocol = (await body_of(request)).get("protocol", "webrtc")
        if protocol not in _PROTOCOLS:
            raise ValueError(f"protocol must be one of {', '.join(_PROTOCOLS)}")
        live = self._find(request)
        if not live.enabled:
            raise ValueError("a disabled input cannot be live")
        self._inputs.connected(live.uid, protocol)
        return answer(self._find(request).status)

    async def disconnect(self, request: web.Request) -> web.Response:
        live = self._find(request)
        self._inputs.disconnected(live.uid)
        return answer(self._find(request).status)

    async def record(self, request: web.Request) -> web.Response:
        """A finished recording of `duration` seconds, as if a broadcast had been."""
        duration = float((await body_of(request)).get("duration", 60.0))
        live = self._find(request)
        if live.is_live:
            raise ValueError("the input is live: disconnect it first")
        video = self._recordings.begin(live)
        self._recordings.finish(live, duration)
        return answer(self._recordings.get(live.account, video.uid).render())

    async def views(self, request: web.Request) -> web.Response:
        viewers = int((await body_of(request))["viewers"])
        self._status.viewers[self._find(request).uid] = viewers
        return answer({"liveViewers": viewers})

    def _find(self, request: web.Request) -> StandInLiveInput:
        live = self._inputs.find(request.match_info["uid"])
        if live is None:
            raise errors.not_found()
        return live


def _render(live: StandInLiveInput) -> dict[str, Any]:
    deleted = None if live.deleted is None else stamp(live.deleted)
    return {**live.render(), "account": live.account, "deleted": deleted}
