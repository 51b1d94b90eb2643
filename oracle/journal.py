"""The oracle's journal: what it has begun, so that a restart goes on where it stopped.

Promises: a `save` is durable when it returns, and refused (`JournalConflict`) if the entry was
changed by somebody else since, which means that the lease was lost. Losing the whole journal costs
delay only. Holds no secret.
Assumes: one writer at a time (the lease); the version catches a writer that does not know yet.
On restart: `open_entries` gives all that is not at rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from pymongo import ASCENDING, ReplaceOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, DuplicateKeyError

from chain.enums import Mode
from chain.hexes import hex_data, to_bytes
from oracle.entry import Entry, Rotation, Seal

COLLECTION = "oracle_journal"


class JournalConflict(Exception):
    """Somebody else changed an entry: another oracle acts for this operator."""


class Journal(Protocol):
    """What the oracle needs of a database for its entries."""

    async def get(self, ids: Sequence[str]) -> dict[str, Entry]:
        """The entries that are there, by id."""
        ...

    async def open_entries(self, contract: str, operator_id: int) -> list[Entry]:
        """All entries that are not at rest."""
        ...

    async def save(self, entries: Sequence[Entry]) -> list[Entry]:
        """Write all; returns them with their new versions. Raises JournalConflict."""
        ...


class MemoryJournal:
    """For tests and simulations. Keeps the same rules."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}

    async def get(self, ids: Sequence[str]) -> dict[str, Entry]:
        return {i: self.entries[i] for i in ids if i in self.entries}

    async def open_entries(self, contract: str, operator_id: int) -> list[Entry]:
        return [
            e
            for e in self.entries.values()
            if not e.closed and e.operator_id == operator_id and e.id.startswith(contract)
        ]

    async def save(self, entries: Sequence[Entry]) -> list[Entry]:
        return self.save_now(entries)

    def save_now(self, entries: Sequence[Entry]) -> list[Entry]:
        """`save`, at once."""
        for entry in entries:
            stored = self.entries.get(entry.id)
            if (stored.version if stored else 0) != entry.version:
                raise JournalConflict(f"{entry.id} was changed by somebody else")
        saved = [replace(entry, version=entry.version + 1) for entry in entries]
        self.entries.update({entry.id: entry for entry in saved})
        return saved


class MongoJournal:
    """The journal in MongoDB."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._entries = database[COLLECTION]

    async def ensure_indexes(self) -> None:
        """Idempotent; call it once at start."""
        await self._entries.create_index(
            [("contract", ASCENDING), ("operator_id", ASCENDING), ("closed", ASCENDING)]
        )

    async def get(self, ids: Sequence[str]) -> dict[str, Entry]:
        found = [to_entry(doc) async for doc in self._entries.find({"_id": {"$in": list(ids)}})]
        return {entry.id: entry for entry in found}

    async def open_entries(self, contract: str, operator_id: int) -> list[Entry]:
        query = {"contract": contract, "operator_id": operator_id, "closed": False}
        return [to_entry(doc) async for doc in self._entries.find(query)]

    async def save(self, entries: Sequence[Entry]) -> list[Entry]:
        if len(entries) == 1:
            return [await self._save_one(entries[0])]
        saved = [replace(entry, version=entry.version + 1) for entry in entries]
        requests = [
            ReplaceOne(
                {"_id": new.id, "version": old.version}, to_document(new), upsert=old.version == 0
            )
            for old, new in zip(entries, saved, strict=True)
        ]
        if not requests:
            return []
        try:
            result = await self._entries.bulk_write(requests, ordered=False)
        except BulkWriteError as error:
            raise JournalConflict(_told(error)) from None
        if result.matched_count + result.upserted_count != len(entries):
            raise JournalConflict("an entry was changed by somebody else")
        return saved

    async def _save_one(self, entry: Entry) -> Entry:
        saved = replace(entry, version=entry.version + 1)
        if entry.version == 0:
            try:
                await self._entries.insert_one(to_document(saved))
            except DuplicateKeyError:
                raise JournalConflict(f"{entry.id} is there already") from None
            return saved
        query = {"_id": entry.id, "version": entry.version}
        if (await self._entries.replace_one(query, to_document(saved))).matched_count != 1:
            raise JournalConflict(f"{entry.id} was changed by somebody else")
        return saved


def _told(error: BulkWriteError) -> str:
    codes: Iterable[Any] = (error.details or {}).get("writeErrors", [])
    return "the journal refused a write: " + ", ".join(str(e.get("code")) for e in codes)


def to_document(entry: Entry) -> dict[str, Any]:
    """An entry as stored: tags and sealed bytes as 0x hex, the mode as its word."""
    return {
        "_id": entry.id,
        "contract": entry.id.partition(":")[0],
        "operator_id": entry.operator_id,
        "room_id": entry.room_id,
        "tag0": hex_data(entry.tag0),
        "mode": entry.mode.word,
        "gated": entry.gated,
        "host": entry.host,
        "created_at": entry.created_at,
        "seen_block": entry.seen_block,
        "attempt": entry.attempt,
        "account": entry.account,
        "intent_at": entry.intent_at,
        "uid": entry.uid,
        "enabled": entry.enabled,
        "gone": entry.gone,
        "digest": entry.digest,
        "seal": None
        if entry.seal is None
        else {
            "tag": hex_data(entry.seal.tag),
            "digest": entry.seal.digest,
            "data": hex_data(entry.seal.data),
        },
        "exposed": dict(entry.exposed),
        "suspect": entry.suspect,
        "rotation": None
        if entry.rotation is None
        else {
            "tag": hex_data(entry.rotation.tag),
            "before": entry.rotation.before,
            "done": entry.rotation.done,
        },
        "stale": entry.stale,
        "sent": entry.sent,
        "verified": None if entry.verified is None else hex_data(entry.verified),
        "cleared": entry.cleared,
        "lost_at": entry.lost_at,
        "closed": entry.closed,
        "reason": entry.reason,
        "updated_at": entry.updated_at,
        "version": entry.version,
    }


def to_entry(doc: dict[str, Any]) -> Entry:
    """The entry in a document of `to_document`."""
    plain = {k: v for k, v in doc.items() if k not in ("_id", "contract")}
    seal, rotation, verified = doc["seal"], doc["rotation"], doc["verified"]
    plain |= {
        "id": doc["_id"],
        "tag0": to_bytes(doc["tag0"]),
        "mode": Mode[doc["mode"].upper()],
        "seal": seal and Seal(to_bytes(seal["tag"]), seal["digest"], to_bytes(seal["data"])),
        "rotation": rotation
        and Rotation(to_bytes(rotation["tag"]), rotation["before"], rotation["done"]),
        "verified": verified and to_bytes(verified),
    }
    return Entry(**plain)
