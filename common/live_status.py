"""The oracle's notes of which WEBRTC rooms are on air: their collection, and what one says.

The oracle writes them into its own database, for the live inputs of its own account; the presence
service reads them there. Neither imports the other: what they share stands here.

Promises: plain values. Nothing secret, nothing of the chain: losing the notes loses nothing, and
they are no part of the index.
"""

from __future__ import annotations

from typing import TypedDict

COLLECTION = "oracle_live_status"
GOOD_SECONDS = 180
"""An older note says nothing any more: its oracle is down, or has too many rooms to come round."""


class LiveStatusNote(TypedDict):
    """Of an active WEBRTC room, by its number. `contract`: 0x, lower case; `operator_id`: whose
    oracle wrote it. `live`: somebody broadcasts into its live input. `at`: when Cloudflare said
    so, unix seconds.

    The row of a room that is over is removed.
    """

    _id: int
    contract: str
    operator_id: int
    live: bool
    at: int
