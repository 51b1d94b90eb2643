"""WHIP and WHEP: who may publish and play, before any media is set up.

Promises: 405 for a URL that is none, 401 for a key that is not (or no longer) valid, 409
`Live broadcast not started yet` while nobody publishes, 400 for broken SDP.
Assumes (guesses): publishing to a disabled input gets 403; playing a disabled or deleted one 409.
"""

import re

from aiohttp import web

from localnet.stream.model import LiveInput
from localnet.stream.playback.signed import BadTokenError, Targets
from localnet.stream.service import LiveInputs

_SECRET = re.compile(r"[0-9a-f]{32}k([0-9a-f]{32})")
NOT_STARTED = "Live broadcast not started yet"


class WebRtcRoutes:
    """Handlers of `/{secret}/webRTC/publish` and `/{uid}/webRTC/play`."""

    def __init__(self, inputs: LiveInputs, targets: Targets) -> None:
        self._inputs = inputs
        self._targets = targets

    def table(self) -> list[web.RouteDef]:
        return [
            web.post("/{segment}/webRTC/publish", self.publish),
            web.post("/{segment}/webRTC/play", self.play),
        ]

    async def publish(self, request: web.Request) -> web.Response:
        publisher(self._inputs, request.match_info["segment"])
        return web.Response(status=501, text="not simulated here yet: publishing by WHIP")

    async def play(self, request: web.Request) -> web.Response:
        viewer(self._targets, request.match_info["segment"])
        raise web.HTTPConflict(text=NOT_STARTED)


def publisher(inputs: LiveInputs, segment: str) -> LiveInput:
    """The input a WHIP URL publishes to. Raises 405, 401 or 403."""
    form = _SECRET.fullmatch(segment)
    if form is None:
        raise web.HTTPMethodNotAllowed("POST", (), text="Method Not Allowed")
    live = inputs.find(form[1])
    if live is None or live.credentials.webrtc != segment:
        raise web.HTTPUnauthorized(text="Unauthorized: invalid stream key")
    if not live.enabled:
        raise web.HTTPForbidden(text="Forbidden: live input is disabled")
    return live


def viewer(targets: Targets, segment: str) -> LiveInput:
    """The input a WHEP URL plays. Raises 405, 401, or 409 for what will not play."""
    try:
        found = targets.find(segment)
    except BadTokenError:
        raise web.HTTPUnauthorized(text="Unauthorized") from None
    except LookupError:
        raise web.HTTPMethodNotAllowed("POST", (), text="Method Not Allowed") from None
    if not isinstance(found, LiveInput) or not found.enabled:
        raise web.HTTPConflict(text=NOT_STARTED)
    return found
