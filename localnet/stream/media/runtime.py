"""What aiortc and aioice are told before the first session.

Promises: media stays on loopback; a peer that vanished is noticed within five seconds (a real
browser's closed tab takes 33 s otherwise); encoded frames pass through undecoded.
Assumes: exactly the aiortc version that requirements-dev.txt pins, since this replaces functions
of its modules; `tests/browser` proves it with a real browser.
On restart: nothing is kept.
"""

from fractions import Fraction

import aioice.ice
import aiortc.rtcrtpreceiver
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
    """Sets all of it, for the whole process. Safe to call again."""
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: [_LOOPBACK]
    aioice.ice.CONSENT_INTERVAL = 1
    aioice.ice.CONSENT_FAILURES = 3
    aiortc.rtcrtpreceiver.get_decoder = _pass_through  # type: ignore[attr-defined]


def connection() -> RTCPeerConnection:
    """A peer connection without STUN servers, one transport for everything."""
    return RTCPeerConnection(
        RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    )


def _pass_through(codec: RTCRtpCodecParameters) -> Decoder:
    return PassThrough(codec.clockRate)
