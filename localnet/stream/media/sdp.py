"""Offers read, answers adjusted.

Promises: `Offer.parse` raises BadOfferError for anything that is no usable offer; the codec chosen
for a publisher is the first on their list that can be passed through, and viewers get that one.
Assumes: candidates in offers are not needed: the peer's checks to our loopback address tell where
it is. So they are left out, and with them host names that would have to be resolved.
"""

import re
from dataclasses import dataclass

from aiortc import RTCRtpSender
from aiortc.codecs import CODECS
from aiortc.rtcpeerconnection import find_common_codecs
from aiortc.rtcrtpparameters import RTCRtpCodecCapability, RTCRtpCodecParameters
from aiortc.sdp import MediaDescription, SessionDescription

_CANDIDATES = re.compile(r"^a=(candidate:.*|end-of-candidates)\r?\n", re.MULTILINE)
_VIDEO_SECTION = re.compile(r"(?ms)^m=video .*?(?=^m=|\Z)")
_BITRATE_HINTS = "x-google-start-bitrate=1500;x-google-min-bitrate=1500"
"""kbit/s. Without them Chromium begins at 480x360 for half a minute."""


class BadOfferError(Exception):
    """Not SDP, or no media in it."""


class NoCommonCodecError(Exception):
    """Nothing in the offer can be passed through."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A cleaned offer: at most one section each of audio and video."""

    text: str
    media: dict[str, MediaDescription]

    @classmethod
    def parse(cls, body: bytes) -> "Offer":
        """Raises BadOfferError."""
        try:
            text = _CANDIDATES.sub("", body.decode())
            description = SessionDescription.parse(text)
        except Exception as error:  # the parser trusts its input: any error is the offer's fault
            raise BadOfferError(str(error)) from error
        media: dict[str, MediaDescription] = {}
        for section in description.media:
            ice, dtls = section.ice, section.dtls
            usable = ice and ice.usernameFragment and dtls and dtls.fingerprints
            if section.kind in media or section.kind not in ("audio", "video") or not usable:
                raise BadOfferError("one audio and one video section, with ICE and DTLS")
            media[section.kind] = section
        mids: list[int | str] = [section.rtp.muxId for section in description.media]
        bundles = [group.items for group in description.group if group.semantic == "BUNDLE"]
        if not media or (bundles or [mids[:1]])[0] != mids:
            raise BadOfferError("all sections must be bundled")
        return cls(text, media)

    def choose(self, kind: str) -> list[RTCRtpCodecCapability]:
        """The most wanted codec of the offer that passes through, with retransmission.

        Raises NoCommonCodecError.
        """
        ours = [codec for codec in CODECS[kind] if kind == "video" or codec.name == "opus"]
        section = self.media[kind]
        offered = [codec for codec in section.rtp.codecs if codec.payloadType in section.fmt]
        offered.sort(key=lambda codec: section.fmt.index(codec.payloadType))
        common = find_common_codecs(ours, offered)
        for codec in common:
            if codec.name != "rtx":
                return capabilities(kind, codec)
        raise NoCommonCodecError(kind)


def capabilities(kind: str, codec: RTCRtpCodecParameters) -> list[RTCRtpCodecCapability]:
    """One codec as aiortc's preference list wants it, retransmission behind it."""
    known = RTCRtpSender.getCapabilities(kind).codecs
    chosen = [
        item
        for item in known
        if item.mimeType == codec.mimeType and item.parameters == codec.parameters
    ]
    return chosen + [item for item in known if item.name.lower() == "rtx"]


def with_bitrate_hints(answer: str) -> str:
    """A WHIP answer that tells Chromium to begin at a good bitrate."""
    return _VIDEO_SECTION.sub(_hint, answer)


def _hint(section: re.Match[str]) -> str:
    lines = section[0].split("\r\n")
    payload = lines[0].split()[3]
    for n, line in enumerate(lines):
        if line.startswith(f"a=fmtp:{payload} "):
            lines[n] = f"{line};{_BITRATE_HINTS}"
            return "\r\n".join(lines)
    for n, line in enumerate(lines):
        if line.startswith(f"a=rtpmap:{payload} "):
            lines.insert(n + 1, f"a=fmtp:{payload} {_BITRATE_HINTS}")
            break
    return "\r\n".join(lines)
