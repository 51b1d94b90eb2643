"""The media plane as the HTTP side sees it: loaded when the first publisher comes.

Promises: a stand-in that carries no video never loads the video libraries (half a second of
start); errors of the plane become the answers a browser gets.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from aiohttp import web

from localnet.stream.live_inputs import LiveInputs
from localnet.stream.quirks import Quirks

if TYPE_CHECKING:
    from localnet.stream.media.plane import MediaPlane

NOT_STARTED = "Live broadcast not started yet"


class Media:
    """Makes the `MediaPlane` once, wired to the inputs."""

    def __init__(
        self, inputs: LiveInputs, random_hex: Callable[[int], str], quirks: Quirks
    ) -> None:
        self._inputs = inputs
        self._quirks = quirks
        self._random_hex = random_hex
        self._plane: MediaPlane | None = None
        inputs.on_revoked.append(self._revoked)

    @property
    def started(self) -> bool:
        """Whether anybody has published since the process started."""
        return self._plane is not None

    def plane(self) -> "MediaPlane":
        """The plane; the first call loads the libraries."""
        if self._plane is None:
            from localnet.stream.media.plane import MediaPlane

            self._plane = MediaPlane(
                self._random_hex,
                on_live=lambda uid: self._inputs.connected(uid, "webrtc"),
                on_gone=self._inputs.disconnected,
                far=lambda: self._quirks.peers == "far",
            )
        return self._plane

    def snapshot(self) -> dict[str, dict[str, Any]]:
        return {} if self._plane is None else self._plane.snapshot()

    async def close(self) -> None:
        if self._plane is not None:
            await self._plane.close()

    @contextlib.contextmanager
    def as_http(self) -> Iterator[None]:
        """Turns the plane's errors into HTTP answers."""
        from localnet.stream.media.plane import CutError, NotLiveError
        from localnet.stream.media.sdp import BadOfferError, NoCommonCodecError

        try:
            yield
        except NotLiveError:
            raise web.HTTPConflict(text=NOT_STARTED) from None
        except CutError:
            raise web.HTTPServiceUnavailable(text="the media of this input is cut") from None
        except BadOfferError:
            raise web.HTTPBadRequest(text="Unable to parse SDP") from None
        except NoCommonCodecError:
            raise web.HTTPNotAcceptable(
                text="not simulated here: H.264 or VP8 with Opus only"
            ) from None

    def _revoked(self, uid: str) -> None:
        if self._plane is not None:
            self._plane.revoke(uid)
