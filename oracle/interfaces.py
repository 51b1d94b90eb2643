"""What the oracle's work asks of the outside, as protocols, so that a simulation can own them.

The real ones: `oracle.cloudflare.client`, `oracle.recordings`, `oracle.sealing`. The index and the
journal have their protocols beside them (`index_view.IndexView`, `journal.Journal`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from oracle.cloudflare.models import Issued, ListedInput, LiveInput, Video
from oracle.cloudflare.operations import Priority
from oracle.ingest import Ingest
from oracle.journal import RoomRecord

SealFunction = Callable[[bytes, bytes, bytes, Ingest], bytes]
"""(ingest key, tag, uid, credentials) -> sealed bytes; raises SealingError."""


class CloudflareApi(Protocol):
    """The live inputs of one account; every call raises CloudflareError."""

    async def create(
        self, body: bytes, idempotency_key: str, *, priority: Priority = ...
    ) -> Issued: ...

    async def get(self, uid: str, *, priority: Priority = ...) -> Issued: ...

    async def list_inputs(self, *, priority: Priority = ...) -> tuple[ListedInput, ...]: ...

    async def disable(self, uid: str, *, priority: Priority = ...) -> LiveInput: ...

    async def enable(self, uid: str, *, priority: Priority = ...) -> LiveInput: ...

    async def rotate_keys(self, uid: str, *, priority: Priority = ...) -> Issued: ...

    async def delete(self, uid: str, *, priority: Priority = ...) -> bool: ...

    async def videos(
        self, uid: str, *, after_delete: bool = ..., priority: Priority = ...
    ) -> tuple[Video, ...]: ...

    async def delete_video(self, video_uid: str, *, priority: Priority = ...) -> bool: ...


class Recordings(Protocol):
    """The list of recordings that outlive their rooms."""

    async def keep(self, record: RoomRecord, videos: Sequence[Video]) -> None:
        """Remember what was recorded; idempotent."""
        ...

    async def forget(self, video_uids: Sequence[str]) -> None:
        """These were deleted; idempotent."""
        ...
