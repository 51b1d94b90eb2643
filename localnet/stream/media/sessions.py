"""One WebRTC session: a publisher, or a viewer.

Promises: `on_end` is called once, when the peer is gone, did not connect within 15 s, or `close`
was called; `close` may be called any number of times.
Assumes: aiortc's private names for key frame requests (pinned, see `runtime`).
"""

import asyncio
import contextlib
import time
from collections.abc import Callable

from aiortc import RTCPeerConnection, RTCRtpReceiver, RTCRtpTransceiver, RTCSessionDescription
from aiortc.rtcrtpparameters import RTCRtpCodecCapability

from localnet.stream.media.fanout import Fanout
from localnet.stream.media.runtime import connection
from localnet.stream.media.sdp import BadOfferError, NoCommonCodecError, Offer, with_bitrate_hints

_CONNECT_WITHIN_S = 15.0
_CLOSE_WITHIN_S = 5.0
_KEYFRAME_EVERY_S = 0.2


class Session:
    """A peer connection with an id, its state told by callbacks."""

    def __init__(
        self,
        uid: str,
        session_id: str,
        on_connected: Callable[["Session"], None],
        on_end: Callable[["Session"], None],
    ) -> None:
        self.uid = uid
        self.id = session_id
        self.connected = False
        self.ended = False
        self.pc: RTCPeerConnection = connection()
        self._on_connected = on_connected
        self._on_end = on_end
        self._limit = asyncio.get_running_loop().call_later(_CONNECT_WITHIN_S, self._too_late)
        self._closing: asyncio.Task[None] | None = None
        self.pc.on("connectionstatechange", self._changed)

    async def close(self) -> None:
        """Ends it and waits until its sockets are closed."""
        self.end()
        if self._closing is not None:
            await self._closing

    def _changed(self) -> None:
        state = self.pc.connectionState
        if state == "connected" and not self.connected:
            self.connected = True
            self._limit.cancel()
            self._on_connected(self)
        elif state in ("failed", "closed"):
            self.end()

    def _too_late(self) -> None:
        if not self.connected:
            self.end()

    def end(self) -> None:
        """Ends it; its sockets close in the background."""
        if self.ended:
            return
        self.ended = True
        self._limit.cancel()
        self._closing = asyncio.create_task(self._shut())
        self._on_end(self)

    async def _shut(self) -> None:
        """A connection whose offer was broken may fail or hang in closing: that ends here."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_CLOSE_WITHIN_S):
                await self.pc.close()

    async def _negotiate(self, offer: Offer) -> str:
        await self.pc.setRemoteDescription(RTCSessionDescription(offer.text, "offer"))
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        return self.pc.localDescription.sdp


class Publisher(Session):
    """Who publishes: one fan-out per kind of media, and the codec each came in."""

    def __init__(
        self,
        uid: str,
        session_id: str,
        on_connected: Callable[[Session], None],
        on_end: Callable[[Session], None],
    ) -> None:
        self.fanouts: dict[str, Fanout] = {}
        self.codecs: dict[str, list[RTCRtpCodecCapability]] = {}
        self._video: RTCRtpReceiver | None = None
        self._asked = 0.0
        self._asking: asyncio.Task[None] | None = None
        super().__init__(uid, session_id, on_connected, on_end)

    async def accept(self, offer: Offer) -> str:
        """The SDP answer. Raises NoCommonCodecError; any other error means a bad offer."""
        transceivers: list[RTCRtpTransceiver] = []
        for kind in offer.media:
            codecs = offer.choose(kind)
            transceiver = self.pc.addTransceiver(kind, direction="recvonly")
            transceiver.setCodecPreferences(codecs)
            transceivers.append(transceiver)
            self.codecs[kind] = codecs
        answer = await self._negotiate(offer)
        for transceiver in transceivers:
            if transceiver.currentDirection != "recvonly":
                raise BadOfferError(f"{transceiver.kind} is not offered to be sent")
            receiver = transceiver.receiver
            self.fanouts[transceiver.kind] = Fanout(receiver.track, self.ask_keyframe)
            if transceiver.kind == "video":
                self._video = receiver
        return with_bitrate_hints(answer)

    def ask_keyframe(self) -> None:
        """Asks for a key frame; several askers within 0.2 s share one."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._send_pli())

    async def _send_pli(self) -> None:
        await asyncio.sleep(self._asked + _KEYFRAME_EVERY_S - time.monotonic())
        self._asked = time.monotonic()
        if self._video is not None and not self.ended:
            for source in self._video.getSynchronizationSources():
                await self._video._send_rtcp_pli(source.source)

    def set_frozen(self, frozen: bool) -> None:
        """Frozen, frames are read and thrown away."""
        for fanout in self.fanouts.values():
            fanout.frozen = frozen

    def end(self) -> None:
        for fanout in self.fanouts.values():
            fanout.stop()
        super().end()


class Viewer(Session):
    """Who watches one publisher."""

    async def accept(self, offer: Offer, publisher: Publisher) -> str:
        """The SDP answer. Raises NoCommonCodecError; any other error means a bad offer."""
        # in the offer's order and all of them: aiortc bundles onto the first
        for kind in offer.media:
            fanout = publisher.fanouts.get(kind)
            if fanout is None:
                self.pc.addTransceiver(kind, direction="inactive")
                continue
            if not _accepts(offer, kind, publisher.codecs[kind][0]):
                raise NoCommonCodecError(kind)
            transceiver = self.pc.addTransceiver(fanout.join(), direction="sendonly")
            transceiver.setCodecPreferences(publisher.codecs[kind])
            sender = transceiver.sender
            sender._send_keyframe = publisher.ask_keyframe  # type: ignore[method-assign]
        return await self._negotiate(offer)


def _accepts(offer: Offer, kind: str, codec: RTCRtpCodecCapability) -> bool:
    names = {known.mimeType.lower() for known in offer.media[kind].rtp.codecs}
    return codec.mimeType.lower() in names
