"""The list of recordings that outlive their rooms, in a collection of its own that the API reads.

`oracle_recordings`: {_id: video uid, contract, room_id (int), input_uid, mode, state, created (unix
seconds | None), duration_seconds | None, size_bytes | None, delete_at (unix seconds | None),
hls (URL | None), thumbnail (URL | None), signed (bool: needs a playback token), noted_at}.

Promises: idempotent writes; nothing secret (playback URLs are public). It is no part of the index:
what is not on chain cannot be rebuilt from it. Losing it loses the list, not the recordings.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, ReplaceOne
from pymongo.asynchronous.database import AsyncDatabase

from common.clock import Clock
from oracle.cloudflare.models import Video
from oracle.journal import RoomRecord

COLLECTION = "oracle_recordings"


class MongoRecordings:
    """See the module."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], clock: Clock) -> None:
        self._list = database[COLLECTION]
        self._clock = clock

    async def ensure_indexes(self) -> None:
        """Idempotent; call it once at start."""
        await self._list.create_index([("contract", ASCENDING), ("room_id", ASCENDING)])

    async def keep(self, record: RoomRecord, videos: Sequence[Video]) -> None:
        """Remember what was recorded."""
        documents = [self._document(record, video) for video in videos]
        if documents:
            await self._list.bulk_write(
                [ReplaceOne({"_id": doc["_id"]}, doc, upsert=True) for doc in documents],
                ordered=False,
            )

    async def forget(self, video_uids: Sequence[str]) -> None:
        """These were deleted."""
        for uid in video_uids:
            await self._list.delete_one({"_id": uid})

    def _document(self, record: RoomRecord, video: Video) -> dict[str, Any]:
        return {
            "_id": video.uid,
            "contract": record.id.partition(":")[0],
            "room_id": record.room_id,
            "input_uid": record.uid,
            "mode": record.mode.word,
            "state": video.state,
            "created": _unix(video.created),
            "duration_seconds": video.duration_seconds,
            "size_bytes": video.size_bytes,
            "delete_at": _unix(video.scheduled_deletion),
            "hls": video.hls,
            "thumbnail": video.thumbnail,
            "signed": video.require_signed_urls,
            "noted_at": int(self._clock.now()),
        }


def _unix(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())
