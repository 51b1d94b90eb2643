"""What aiortc and aioice are told before the first session.

Promises: media stays on loopback; a near peer that vanished is noticed within five seconds (a real
browser's closed tab takes 33 s otherwise), a far one within half a minute (RFC 7675); encoded
frames pass through undecoded.
Assumes: exactly the aiortc version that requirements-dev.txt pins, since this replaces functions
of its modules; `tests/browser` proves it with a real browser.
On restart: nothing is kept.
"""

from fractions import Fraction

import aioice.ice
import aioice.stun
import aiortc.rtcrtpreceiver
import aiortc.rtcrtpsender
import av
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection
from aiortc.codecs.base import Decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av.frame import Frame

_LOOPBACK = "127.0.0.1"


class PassThrough(Decoder):
    """A decoder that hands on the encoded frame as a packet, which aiortc's senders accept."""

    def __init__(self, clock_rate: int) -> None:
        self._time_base = Fraction(1, clock_rate)

    def decode(self, encoded_frame: JitterFrame) -> list[Frame]:
        packet = av.Packet(encoded_frame.data)
        packet.pts = encoded_frame.timestamp
        packet.time_base = self._time_base
        return [packet]  # type: ignore[list-item]


def install() -> None:
    """Sets all of it, for the whole process and near peers. Safe to call again."""
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: [_LOOPBACK]
    expect_peers(far=False)
    aiortc.rtcrtpreceiver.get_decoder = _pass_through  # type: ignore[attr-defined]


def expect_peers(*, far: bool) -> None:
    """How long the answers of peers may take from now on, how many in a row may be lost, and how
    many packets a peer may ask for again."""
    aioice.ice.CONSENT_INTERVAL, aioice.ice.CONSENT_FAILURES = (5, 5) if far else (1, 3)
    aioice.stun.RETRY_RTO = 1.0 if far else 0.5
    setattr(aiortc.rtcrtpsender, "RTP_HISTORY_SIZE", 1024 if far else 128)  # noqa: B010


def connection() -> RTCPeerConnection:
    """A peer connection without STUN servers, one transport for everything."""
    return RTCPeerConnection(
        RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    )


def _pass_through(codec: RTCRtpCodecParameters) -> Decoder:
    return PassThrough(codec.clockRate)
