"""What may be sent by RTMP: H.264 with AAC, and a key frame at least every ten seconds.

Promises: `EncodingCheck.fault` names what is wrong with a broadcast by the code of Cloudflare's
`live_input.errored` notification.
Assumes: tags as FLV has them (Adobe's FLV specification 10.1, annex E.4.2 and E.4.3). Enhanced RTMP
is refused, whatever codec it names, and more than one key frame a second is not (guesses).
"""

from localnet.stream.broadcast.chunks import AUDIO, VIDEO, RtmpMessage

VIDEO_CODEC = "ERR_UNSUPPORTED_VIDEO_CODEC"
AUDIO_CODEC = "ERR_UNSUPPORTED_AUDIO_CODEC"
GOP = "ERR_GOP_OUT_OF_RANGE"

LONGEST_GOP_S = 10
_H264, _AAC = 7, 10
_KEY, _COMMAND = 1, 5
_SLACK_MS = 100  # a key frame comes with a frame


class EncodingCheck:
    """Looks at one broadcast, message by message."""

    def __init__(self) -> None:
        self._key_at: int | None = None

    def fault(self, message: RtmpMessage) -> str | None:
        """The code of what is wrong from this message on; None while all is well."""
        if not message.body:
            return None
        high, low = message.body[0] >> 4, message.body[0] & 0x0F
        if message.kind == AUDIO:
            return None if high == _AAC else AUDIO_CODEC
        if message.kind != VIDEO or high == _COMMAND:
            return None
        if low != _H264 or high > _COMMAND:
            return VIDEO_CODEC
        if high == _KEY or self._key_at is None:
            self._key_at = message.time
        return GOP if message.time - self._key_at > LONGEST_GOP_S * 1000 + _SLACK_MS else None
