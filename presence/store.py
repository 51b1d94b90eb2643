"""Presence's own database, and the oracle's notes.

Promises: rows first, then the state that names their rev; many rows go in one command. A row is
replaced only where no newer rev stands, the state only where it is ours: whoever finds another's
work, or none of its own, raises `LostStore` and reads all anew. Each command ends within
`STORE_SECONDS`. pymongo's errors pass.
Assumes: the lease covers `STORE_SECONDS` when a write begins.
On restart: `load` reads what stands there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import pymongo
from pymongo import DeleteOne, ReplaceOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, DuplicateKeyError

from common import live_status
from presence.documents import (
    PRESENCE_HOSTS,
    PRESENCE_INDEXES,
    PRESENCE_ROOMS,
    PRESENCE_STATE,
    STATE_ID,
    PresenceHost,
    PresenceRow,
    PresenceState,
    presence_state,
    read_state,
)
from presence.verdict import OracleNote

STORE_SECONDS = 2.0
LOAD_SECONDS = 30.0
_DUPLICATE = 11000
_GROUP = 50


class LostStore(Exception):
    """Somebody else wrote here, or the database is new."""


class StoredPresence(NamedTuple):
    """What stands in the database. `knows_whip`: by playback base, unix seconds."""

    rows: list[PresenceRow]
    state: PresenceState | None
    knows_whip: dict[str, int]


class PresenceStore(Protocol):
    """Where presence keeps what it knows."""

    async def load(self) -> StoredPresence: ...

    async def write_rows(self, rows: Sequence[PresenceRow], known: Sequence[bool]) -> None:
        """`known[i]`: row i stands there already, in an older form. Raises LostStore."""
        ...

    async def write_hosts(self, knows_whip: Mapping[str, int]) -> None: ...

    async def write_state(self, before: PresenceState | None, after: PresenceState) -> None:
        """Raises LostStore if `before` is not what stands there."""
        ...

    async def remove(self, numbers: Sequence[int]) -> None: ...


class NoteReader(Protocol):
    """The oracle's notes."""

    async def read(self, numbers: Sequence[int]) -> dict[int, OracleNote]:
        """Of those rooms that have one."""
        ...


class MongoPresenceStore:
    """See the module. `database`: PRESENCE_DATABASE."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._rooms = database[PRESENCE_ROOMS]
        self._state = database[PRESENCE_STATE]
        self._hosts = database[PRESENCE_HOSTS]

    async def reach(self) -> None:
        """Ask for something small."""
        await self._state.find_one({"_id": STATE_ID})

    async def ensure_indexes(self) -> None:
        """Idempotent; call it once at start."""
        for fields in PRESENCE_INDEXES[PRESENCE_ROOMS]:
            await self._rooms.create_index([(name, 1) for name in fields])

    async def load(self) -> StoredPresence:
        with pymongo.timeout(LOAD_SECONDS):
            rows: Any = await self._rooms.find({}).to_list()
            state = read_state(await self._state.find_one({"_id": STATE_ID}))
            hosts = await self._hosts.find({}).to_list()
        knows = {doc["_id"]: doc["knows_whip"] for doc in hosts if doc["knows_whip"] is not None}
        return StoredPresence(rows, state, knows)

    async def write_rows(self, rows: Sequence[PresenceRow], known: Sequence[bool]) -> None:
        if not rows:
            return
        writes: list[Any] = [
            # a repeated write finds its own rev
            ReplaceOne({"_id": row["_id"], "rev": {"$lte": row["rev"]}}, dict(row), upsert=not old)
            for row, old in zip(rows, known, strict=True)
        ]
        with pymongo.timeout(STORE_SECONDS):
            try:
                done = await self._rooms.bulk_write(writes, ordered=False)
            except BulkWriteError as error:
                faults = (error.details or {}).get("writeErrors", [])
                if any(fault.get("code") == _DUPLICATE for fault in faults):
                    raise LostStore("a room has a newer row than ours") from None
                raise
        if done.matched_count + done.upserted_count != len(rows):
            raise LostStore("rows of ours are gone, or newer than ours")

    async def write_hosts(self, knows_whip: Mapping[str, int]) -> None:
        with pymongo.timeout(STORE_SECONDS):
            for base, at in knows_whip.items():
                doc: PresenceHost = {"_id": base, "knows_whip": at}
                await self._hosts.replace_one({"_id": base}, dict(doc), upsert=True)

    async def write_state(self, before: PresenceState | None, after: PresenceState) -> None:
        with pymongo.timeout(STORE_SECONDS):
            # a repeated write finds its own beat
            beats = [after["beat"]] if before is None else [before["beat"], after["beat"]]
            ours = {"_id": STATE_ID, "beat": {"$in": beats}}
            try:
                done = await self._state.replace_one(ours, dict(after), upsert=before is None)
            except DuplicateKeyError:
                raise LostStore("another has begun to write here") from None
            if before is None:
                return
        if done.matched_count != 1:
            raise LostStore("the state is another's, or gone")

    async def remove(self, numbers: Sequence[int]) -> None:
        with pymongo.timeout(STORE_SECONDS):
            await self._rooms.bulk_write([DeleteOne({"_id": n}) for n in numbers], ordered=False)


class MongoNotes:
    """`database`: ORACLE_DATABASE, which is only read."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._notes = database[live_status.COLLECTION]

    async def read(self, numbers: Sequence[int]) -> dict[int, OracleNote]:
        found: dict[int, OracleNote] = {}
        with pymongo.timeout(STORE_SECONDS):
            for start in range(0, len(numbers), _GROUP):
                group = list(numbers[start : start + _GROUP])
                async for doc in self._notes.find({"_id": {"$in": group}}):
                    if isinstance(doc.get("live"), bool) and isinstance(doc.get("at"), int | float):
                        found[doc["_id"]] = OracleNote(doc["live"], doc["at"])
        return found


def next_state(before: PresenceState | None, rev: int, at: float) -> PresenceState:
    """The state after `before`, complete up to `rev`."""
    return presence_state(rev, 1 if before is None else before["beat"] + 1, int(at))
