"""Recordings of BROADCAST inputs, as values of the video list.

Promises: the fields a client of recordings reads, in the documented shape.
Assumes: `state` is `live-inprogress` while the broadcast runs, then `ready` (a real recording
takes a while in between).
"""

import json
from dataclasses import dataclass
from typing import Any

from localnet.stream.model import playback_urls, stamp

LIVE = "live-inprogress"
READY = "ready"


@dataclass(frozen=True, slots=True)
class StandInVideo:
    """One recording. Times are seconds since the epoch, `duration` is -1 while live."""

    uid: str
    account: str
    base: str
    live_input: str
    created: float
    modified: float
    state: str
    meta: dict[str, Any]
    duration: float = -1.0
    size: int = 0
    ready_at: float | None = None
    scheduled_deletion: float | None = None
    require_signed_urls: bool = False
    allowed_origins: list[str] | None = None
    creator: str | None = None

    def render(self) -> dict[str, Any]:
        """The video object of Cloudflare's documentation, without upload fields that a recording
        never sets."""
        return {
            "uid": self.uid,
            "creator": self.creator,
            "thumbnail": f"{self.base}/{self.uid}/thumbnails/thumbnail.jpg",
            "thumbnailTimestampPct": 0,
            "readyToStream": True,
            "readyToStreamAt": None if self.ready_at is None else stamp(self.ready_at),
            "status": {"state": self.state, "errorReasonCode": "", "errorReasonText": ""},
            "meta": self.meta,
            "created": stamp(self.created),
            "modified": stamp(self.modified),
            "scheduledDeletion": _maybe(self.scheduled_deletion),
            "size": self.size,
            "preview": f"{self.base}/{self.uid}/watch",
            "allowedOrigins": self.allowed_origins or [],
            "requireSignedURLs": self.require_signed_urls,
            "uploaded": stamp(self.created),
            "duration": self.duration,
            "input": {"width": -1, "height": -1},
            "playback": playback_urls(self.base, self.uid),
            "liveInput": self.live_input,
        }


def load_video(text: str) -> StandInVideo:
    """Reads back `model.dump` of a video."""
    return StandInVideo(**json.loads(text))


def _maybe(seconds: float | None) -> str | None:
    return None if seconds is None else stamp(seconds)
