"""Control routes about media: who publishes and watches, dropping the media, bringing it back."""

from aiohttp import web

from localnet.stream import errors
from localnet.stream.live_inputs import LiveInputs
from localnet.stream.ops.routes import answer, body_of
from localnet.stream.playback.media import Media


class OpsMediaRoutes:
    """Handlers over the media plane."""

    def __init__(self, inputs: LiveInputs, media: Media) -> None:
        self._inputs = inputs
        self._media = media

    def table(self) -> list[web.RouteDef]:
        return [
            web.get("/media", self.snapshot),
            web.put("/inputs/{uid}/media", self.set_state),
        ]

    async def snapshot(self, request: web.Request) -> web.Response:
        return answer(self._media.snapshot())

    async def set_state(self, request: web.Request) -> web.Response:
        state = str((await body_of(request)).get("state"))
        live = self._inputs.find(request.match_info["uid"])
        if live is None:
            raise errors.not_found()
        self._media.plane().set_media(live.uid, state)
        return answer({"state": state})
