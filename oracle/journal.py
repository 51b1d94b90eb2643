"""What the oracle remembers of its rooms: what it has begun, so that a restart goes on from there.

A room is named by its tag at creation, so a room number that a reorg gives to another host is
another record. Records are in the journal (`Journal`; in MongoDB `MongoJournal`), and the open ones
in memory as well (`OpenRecords`), where the one oracle that may write them reads them.

Promises: a `save` is durable when it returns, and refused (`JournalConflict`) if the record was
changed by somebody else since, which means that the lease was lost. A save that failed may have
taken effect all the same, so any failure empties `OpenRecords`, as a lost lease does; they are then
loaded again, and nothing that is in the journal is ever forgotten. Records are immutable and hold
no secret: credentials are kept as a digest, sealed bytes as they go on chain. Losing the whole
journal costs delay only.
Assumes: one writer at a time (the lease); the version catches a writer that does not know yet.
`OpenRecords.fence` tells for which hold of the lease they were loaded, since between two holds
somebody else may have written.
On restart: `OpenRecords.load` reads all that is not at rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from pymongo import ASCENDING, ReplaceOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, DuplicateKeyError

from chain.enums import Mode
from chain.hexes import hex_data, to_bytes

COLLECTION = "oracle_journal"


@dataclass(frozen=True, slots=True)
class Seal:
    """Credentials sealed to one key: ready to be sent, or sent."""

    tag: bytes
    digest: str
    """Of the credentials inside (`Credentials.digest`)."""
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rotation:
    """A rotation of the input's keys for a tag, written down before it is asked for."""

    tag: bytes
    before: str | None
    """`keysRotatedAt` as read before, ISO text: once it differs, the rotation took place."""
    done: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """See the module. Times are unix seconds, blocks numbers, `uid` 32 hex digits.

    `seen_block`: acting depth at which the room was first seen: once that is final, so is the room.
    `account`: the Cloudflare account in which the input was made or seen.
    `intent_at`: since when an input of this `attempt` may exist; None: surely none does.
    `enabled`: the input's switch as we last set it; None: unknown, perhaps half-way.
    `gone`: Cloudflare proved that the input of this attempt exists no more.
    `digest`: of the input's present credentials, as far as we know.
    `exposed`: per tag (hex) the digest of the credentials that were sealed to its key, and so may
    be known to whoever holds it.
    `suspect`: the present credentials may be so exposed without our knowing (the journal was lost).
    `stale`: what is published for the present tag is known not to open the input any more.
    `sent`: key of the last transaction that carries this room.
    `verified`: the tag whose published credentials were compared with Cloudflare's afterwards.
    `cleared`: recordings were dealt with. `lost_at`: since when Cloudflare denies the input.
    `closed`: at rest. `reason`: what last went wrong with it, in words.
    """

    id: str
    operator_id: int
    room_id: int
    tag0: bytes
    mode: Mode
    gated: bool
    host: str
    created_at: int
    seen_block: int
    attempt: int = 0
    account: str | None = None
    intent_at: float | None = None
    uid: str | None = None
    enabled: bool | None = None
    gone: bool = False
    digest: str | None = None
    seal: Seal | None = None
    exposed: Mapping[str, str] = field(default_factory=dict)
    suspect: bool = False
    rotation: Rotation | None = None
    stale: bool = False
    sent: str | None = None
    verified: bytes | None = None
    cleared: bool = False
    lost_at: float | None = None
    closed: bool = False
    reason: str | None = None
    updated_at: float = 0.0
    version: int = 0

    def next_attempt(self) -> Entry:
        """The same room without an input, after the deletion of the former one was proven."""
        return Entry(
            id=self.id,
            operator_id=self.operator_id,
            room_id=self.room_id,
            tag0=self.tag0,
            mode=self.mode,
            gated=self.gated,
            host=self.host,
            created_at=self.created_at,
            seen_block=self.seen_block,
            attempt=self.attempt + 1,
            # Of a forgotten life's next attempt we know as little as of its first.
            suspect=self.suspect,
            updated_at=self.updated_at,
            version=self.version,
        )

    def adopting(self, uid: str) -> Entry:
        """The room with an input that the chain names and this journal knows nothing of."""
        fresh = self.next_attempt()
        return replace(fresh, attempt=self.attempt, uid=uid, suspect=True)

    def rotated_for(self, tag: bytes) -> bool:
        """Whether the input's keys were rotated for `tag`."""
        return self.rotation is not None and self.rotation.tag == tag and self.rotation.done

    def needs_rotation(self, tag: bytes) -> bool:
        """Whether the present credentials must not be handed to the holder of `tag`'s key."""
        if self.rotation is not None and self.rotation.tag == tag and not self.rotation.done:
            return True
        others = [digest for other, digest in self.exposed.items() if other != tag.hex()]
        return self.suspect or any(self.digest in (None, digest) for digest in others)

    def sealed_for(self, tag: bytes) -> bool:
        """Whether `seal` holds the present credentials for `tag`."""
        return self.seal is not None and self.seal.tag == tag and self.seal.digest == self.digest


def entry_id(contract: str, room_id: int, tag0: bytes) -> str:
    """The entry's name: `<contract>:<room>:<tag at creation>`."""
    return f"{contract}:{room_id}:{tag0.hex()}"


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


class Book:
    """See the module."""

    def __init__(self, journal: Journal, contract: str, operator_id: int) -> None:
        self._journal = journal
        self._contract = contract
        self._operator_id = operator_id
        self._open: dict[str, Entry] = {}
        self._saved: dict[str, Entry] = {}
        self.fence: int | None = None

    async def load(self, fence: int) -> None:
        """Read all open entries, for the hold of the lease with this token.

        What is saved meanwhile is newer than what was read.
        """
        self._saved = {}
        found = await self._journal.open_entries(self._contract, self._operator_id)
        entries = {entry.id: entry for entry in found} | self._saved
        self._open = {name: entry for name, entry in entries.items() if not entry.closed}
        self.fence = fence

    def forget(self) -> None:
        """Somebody else may write, or have written."""
        self._open = {}
        self.fence = None

    @property
    def open(self) -> list[Entry]:
        """All entries that are not at rest."""
        return list(self._open.values())

    def known(self, entry_id: str) -> Entry | None:
        """The open entry of that name."""
        return self._open.get(entry_id)

    async def get(self, ids: Sequence[str]) -> dict[str, Entry]:
        """The entries that are there, open or closed."""
        found = {i: self._open[i] for i in ids if i in self._open}
        missing = [i for i in ids if i not in found]
        return found | (await self._journal.get(missing) if missing else {})

    async def save(self, entry: Entry) -> Entry:
        """Write one. Raises JournalConflict."""
        return (await self.save_all([entry]))[0]

    async def save_all(self, entries: Sequence[Entry]) -> list[Entry]:
        """Write several. Raises JournalConflict and the database's errors."""
        try:
            saved = await self._journal.save(entries)
        except BaseException:
            self.forget()
            raise
        for entry in saved:
            if self.fence is None:
                self._saved[entry.id] = entry
            if entry.closed:
                self._open.pop(entry.id, None)
            else:
                self._open[entry.id] = entry
        return saved


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
