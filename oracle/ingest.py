"""What a host needs to go live, and the exact text that is sealed for them.

The text is compact JSON (no blanks, keys in this order, UTF-8):

    {"v":1,"mode":"webrtc","whip":URL}
    {"v":1,"mode":"broadcast","rtmps":{"url":URL,"streamKey":KEY},
     "srt":{"url":URL,"streamId":ID,"passphrase":WORD}}

Promises: the values never show in a `repr` or an error text; `decode` accepts keys it does not
know, so a later version of the oracle may add some. Assumes nothing else, and keeps no state.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from oracle.secret import Secret

VERSION = 1


class IngestFormatError(ValueError):
    """The text is not an ingest message this version can read. Never quotes the text."""


@dataclass(frozen=True, slots=True)
class WebRtcIngest:
    """Credentials of a WEBRTC room: the WHIP URL, which carries its own key."""

    whip: Secret


@dataclass(frozen=True, slots=True)
class BroadcastIngest:
    """Credentials of a BROADCAST room: RTMPS and SRT. The two URLs are the same for everybody."""

    rtmps_url: str
    stream_key: Secret
    srt_url: str
    srt_stream_id: Secret
    passphrase: Secret


Ingest = WebRtcIngest | BroadcastIngest


def encode(ingest: Ingest) -> bytes:
    """The plain text to be sealed."""
    document: dict[str, Any]
    if isinstance(ingest, WebRtcIngest):
        document = {"v": VERSION, "mode": "webrtc", "whip": ingest.whip.reveal()}
    else:
        document = {
            "v": VERSION,
            "mode": "broadcast",
            "rtmps": {"url": ingest.rtmps_url, "streamKey": ingest.stream_key.reveal()},
            "srt": {
                "url": ingest.srt_url,
                "streamId": ingest.srt_stream_id.reveal(),
                "passphrase": ingest.passphrase.reveal(),
            },
        }
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def decode(text: bytes) -> Ingest:
    """The credentials in an opened message. Raises IngestFormatError."""
    document = _load(text)
    if not isinstance(document, dict):
        raise IngestFormatError("the decrypted message is not a JSON object")
    if document.get("v") != VERSION:
        raise IngestFormatError("the decrypted message has an unknown version; update this program")
    mode = document.get("mode")
    if mode == "webrtc":
        return WebRtcIngest(Secret(_text(document, "whip")))
    if mode == "broadcast":
        return BroadcastIngest(
            rtmps_url=_text(document, "rtmps", "url"),
            stream_key=Secret(_text(document, "rtmps", "streamKey")),
            srt_url=_text(document, "srt", "url"),
            srt_stream_id=Secret(_text(document, "srt", "streamId")),
            passphrase=Secret(_text(document, "srt", "passphrase")),
        )
    raise IngestFormatError("the decrypted message has an unknown mode")


def _load(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    # Raised outside the handler: the JSON error would carry the text with it.
    raise IngestFormatError("the decrypted message is not JSON")


def _text(document: Any, *path: str) -> str:
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    if not isinstance(document, str) or not document:
        raise IngestFormatError(f"the decrypted message lacks {'.'.join(path)}")
    return document
