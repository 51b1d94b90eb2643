"""WHIP and WHEP over HTTP.

Promises: 405 for a URL that is none, 401 for a key that is not (or no longer) valid, 409
`Live broadcast not started yet` while nobody publishes, 400 `Unable to parse SDP`; 201 with the
answer, `Location` (below the path that was asked) and `ETag`; DELETE of a session is 200, however
often, and also with a token that has ended: what is closed is named by the session's id.
Assumes (guesses): publishing to a disabled input gets 403; playing a disabled or deleted one 409;
an offer without a codec that passes through gets 406; trickled candidates are taken and ignored,
since the answer needs none; an ICE restart is 501.
"""

import re

from aiohttp import web

from localnet.stream.live_inputs import LiveInputs
from localnet.stream.model import StandInLiveInput
from localnet.stream.playback.media import NOT_STARTED, Media
from localnet.stream.playback.signed_playback import Targets
from localnet.stream.playback.token_verifier import BadTokenError
from localnet.stream.playback.whep_ends import WhepEnds

_SECRET = re.compile(r"[0-9a-f]{32}k([0-9a-f]{32})")
_PUBLISH = "/{segment}/webRTC/publish"
_PLAY = "/{segment}/webRTC/play"


class WebRtcRoutes:
    """Handlers of `/{secret}/webRTC/publish` and `/{uid}/webRTC/play`."""

    def __init__(self, inputs: LiveInputs, targets: Targets, media: Media, ends: WhepEnds) -> None:
        self._inputs = inputs
        self._targets = targets
        self._media = media
        self._ends = ends

    def table(self) -> list[web.RouteDef]:
        return [
            web.post(_PUBLISH, self.publish),
            web.post(_PLAY, self.play),
            web.patch(_PUBLISH + "/{session}", self.trickle),
            web.patch(_PLAY + "/{session}", self.trickle),
            web.delete(_PUBLISH + "/{session}", self.hang_up),
            web.delete(_PLAY + "/{session}", self.hang_up),
        ]

    async def publish(self, request: web.Request) -> web.Response:
        live = self._publisher(request.match_info["segment"])
        body = await request.read()
        plane = self._media.plane()
        with self._media.as_http():
            session, answer = await plane.publish(live.uid, body)
        current = self._inputs.find(live.uid)
        if current is None or not current.enabled or current.credentials != live.credentials:
            await plane.hang_up(live.uid, session)
            raise web.HTTPUnauthorized(text="Unauthorized: invalid stream key")
        return _created(request, session, answer)

    async def play(self, request: web.Request) -> web.Response:
        live, exp = self._viewer(request)
        body = await request.read()
        if not self._media.started:
            raise web.HTTPConflict(text=NOT_STARTED)
        with self._media.as_http():
            session, answer = await self._media.plane().play(live.uid, body)
        if exp is not None:
            self._ends.watch(live.uid, session, exp)
        return _created(request, session, answer)

    async def trickle(self, request: web.Request) -> web.Response:
        self._uid(request.match_info["segment"])
        if request.headers.get("If-Match") == "*":
            raise web.HTTPNotImplemented(text="not simulated here: ICE restart")
        return web.Response(status=204)

    async def hang_up(self, request: web.Request) -> web.Response:
        uid = self._uid(request.match_info["segment"])
        if self._media.started:
            await self._media.plane().hang_up(uid, request.match_info["session"])
        return web.Response(status=200)

    def _publisher(self, segment: str) -> StandInLiveInput:
        """The input a WHIP URL publishes to. Raises 405, 401 or 403."""
        form = _SECRET.fullmatch(segment)
        if form is None:
            raise _no_such_url()
        live = self._inputs.find(form[1])
        if live is None or live.credentials.webrtc != segment:
            raise web.HTTPUnauthorized(text="Unauthorized: invalid stream key")
        if not live.enabled:
            raise web.HTTPForbidden(text="Forbidden: live input is disabled")
        return live

    def _viewer(self, request: web.Request) -> tuple[StandInLiveInput, float | None]:
        """The input a WHEP URL plays, and when its token ends (unix seconds; None: no token).
        Raises 405, 401, or 409 for what will not play."""
        segment, viewer = request.match_info["segment"], request.remote or "0.0.0.0"
        try:
            found = self._targets.find(segment, viewer, whep=True)
        except BadTokenError:
            raise web.HTTPUnauthorized(text="Unauthorized") from None
        except LookupError:
            raise _no_such_url() from None
        live = None if found is None else found.item
        if found is None or not isinstance(live, StandInLiveInput) or not live.enabled:
            raise web.HTTPConflict(text=NOT_STARTED)
        return live, found.exp

    def _uid(self, segment: str) -> str:
        """The uid in any first segment; the session's id is what gives the right to end it."""
        form = _SECRET.fullmatch(segment)
        if form is not None:
            return form[1]
        try:
            return self._targets.named_uid(segment)
        except BadTokenError:
            raise web.HTTPUnauthorized(text="Unauthorized") from None
        except LookupError:
            raise _no_such_url() from None


def _no_such_url() -> web.HTTPMethodNotAllowed:
    return web.HTTPMethodNotAllowed("POST", (), text="Method Not Allowed")


def _created(request: web.Request, session: str, answer: str) -> web.Response:
    headers = {
        "Location": f"{request.path}/{session}",
        "ETag": f'"{session}"',
        "protocol-version": "draft-ietf-wish-whip-06",
    }
    return web.Response(status=201, text=answer, content_type="application/sdp", headers=headers)
