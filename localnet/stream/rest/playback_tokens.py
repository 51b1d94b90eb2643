"""Route that gives a playback token for one input or recording."""

from aiohttp import web

from localnet.stream import errors
from localnet.stream.input_change import decode
from localnet.stream.playback.signed_playback import Targets, TokenSigner
from localnet.stream.rest.envelope import ok
from localnet.stream.rest.guard import RestGuard


class PlaybackTokenRoutes:
    """`POST /accounts/{a}/stream/{uid}/token`; the uid of an input or of a video."""

    def __init__(self, guard: RestGuard, targets: Targets, signer: TokenSigner) -> None:
        self._guard = guard
        self._targets = targets
        self._signer = signer

    def table(self) -> list[web.RouteDef]:
        return [web.post("/accounts/{account}/stream/{uid}/token", self.token)]

    async def token(self, request: web.Request) -> web.Response:
        account = self._guard.account(request, "write")
        found = self._targets.by_uid(request.match_info["uid"])
        if found is None or found.account != account.id:
            raise errors.not_found()
        return ok({"token": self._signer.token(found.uid, decode(await request.read()))})
