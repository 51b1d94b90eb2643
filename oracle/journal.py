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
`OpenRecords.fence` says for which hold of the lease they were loaded, since between two holds
somebody else may have written.
On restart: `OpenRecords.load` reads all that is not at rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
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
    """Of the credentials inside (`PublishCredentials.digest`)."""
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rotation:
    """A rotation of the input's keys for a tag, written down before it is asked for."""

    tag: bytes
    before: str | None
    """`keysRotatedAt` as read before, ISO text: once it differs, the rotation took place."""
    done: bool = False


@dataclass(frozen=True, slots=True)
class CutOff:
    """The rotation that takes an ended room's input from whoever holds its credentials, written
    down before it is asked for, and what was seen of it afterwards. Times are unix seconds.

    `since`: when it was last asked for. `rotated`: it took place; False: perhaps.
    `connected`: whether somebody was still broadcasting when it was looked at (`looked_at`).
    """

    since: float
    rotated: bool = False
    looked_at: float | None = None
    connected: bool = False


@dataclass(frozen=True, slots=True)
class RoomRecord:
    """See the module. Times are unix seconds, blocks numbers, `uid` 32 hex digits.

    `seen_block`: acting depth at which the room was first seen: once that is final, so is the room.
    `account`: the Cloudflare account in which the input was made or seen.
    `intent_at`: since when an input of this `attempt` may exist; None: surely none does.
    `enabled`: the input's switch as we last set it; None: unknown, perhaps half-way.
    `gone`: Cloudflare proved that the input of this attempt exists no more.
    `digest`: of the input's present credentials, as far as we know.
    `suspect`: a former key's holder may know the present credentials (the journal was lost).
    `stale`: what is published for the present tag is known not to open the input any more.
    `cut_off`: the input was taken from its host, and its credentials not read since.
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
    suspect: bool = False
    rotation: Rotation | None = None
    stale: bool = False
    cut_off: CutOff | None = None
    sent: str | None = None
    verified: bytes | None = None
    cleared: bool = False
    lost_at: float | None = None
    closed: bool = False
    reason: str | None = None
    updated_at: float = 0.0
    version: int = 0

    def next_attempt(self) -> RoomRecord:
        """The same room without an input, after the deletion of the former one was proven."""
        return RoomRecord(
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
            # After the journal was lost, a next attempt is as little known as the first.
            suspect=self.suspect,
            updated_at=self.updated_at,
            version=self.version,
        )

    def adopting(self, uid: str) -> RoomRecord:
        """The room with an input that the chain names and this journal knows nothing of."""
        fresh = self.next_attempt()
        return replace(fresh, attempt=self.attempt, uid=uid, suspect=True)

    def rotated_for(self, tag: bytes) -> bool:
        """Whether the input's keys were rotated for `tag`."""
        return self.rotation is not None and self.rotation.tag == tag and self.rotation.done

    def needs_rotation(self, tag: bytes) -> bool:
        """Whether the present credentials must not be handed to the holder of `tag`'s key.

        Never under the first tag: a later key gets credentials once it is final, and then the room
        has the first tag no more. For each later one the keys are rotated first (`oracle.plan`).
        """
        begun = self.rotation is not None and self.rotation.tag == tag and not self.rotation.done
        return tag != self.tag0 and (self.suspect or begun)

    def sealed_for(self, tag: bytes) -> bool:
        """Whether `seal` holds the present credentials for `tag`."""
        if self.cut_off is not None:
            return False
        return self.seal is not None and self.seal.tag == tag and self.seal.digest == self.digest

    @property
    def still_connected(self) -> bool:
        """Whether somebody was seen broadcasting into what was taken from them."""
        taken = self.enabled is False and not self.gone
        return taken and self.cut_off is not None and self.cut_off.connected


def record_id(contract: str, room_id: int, tag0: bytes) -> str:
    """The record's name: `<contract>:<room>:<tag at creation>`."""
    return f"{contract}:{room_id}:{tag0.hex()}"


class JournalConflict(Exception):
    """Somebody else changed a record: another oracle acts for this operator."""


class Journal(Protocol):
    """What the oracle needs of a database for its records."""

    async def get(self, ids: Sequence[str]) -> dict[str, RoomRecord]:
        """The records that are there, by id."""
        ...

    async def open_records(self, contract: str, operator_id: int) -> list[RoomRecord]:
        """All records that are not at rest."""
        ...

    async def save(self, records: Sequence[RoomRecord]) -> list[RoomRecord]:
        """Write all; returns them with their new versions. Raises JournalConflict."""
        ...


class OpenRecords:
    """The records that are not at rest, in memory; every write goes through here."""

    def __init__(self, journal: Journal, contract: str, operator_id: int) -> None:
        self._journal = journal
        self._contract = contract
        self._operator_id = operator_id
        self._open: dict[str, RoomRecord] = {}
        self._saved: dict[str, RoomRecord] = {}
        self.fence: int | None = None

    async def load(self, fence: int) -> None:
        """Read all open records, for the hold of the lease with this token.

        What is saved meanwhile is newer than what was read.
        """
        self._saved = {}
        found = await self._journal.open_records(self._contract, self._operator_id)
        records = {record.id: record for record in found} | self._saved
        self._open = {name: record for name, record in records.items() if not record.closed}
        self.fence = fence

    def forget(self) -> None:
        """Somebody else may write, or have written."""
        self._open = {}
        self.fence = None

    @property
    def open(self) -> list[RoomRecord]:
        """All records that are not at rest."""
        return list(self._open.values())

    async def get(self, ids: Sequence[str]) -> dict[str, RoomRecord]:
        """The records that are there, open or closed."""
        found = {i: self._open[i] for i in ids if i in self._open}
        missing = [i for i in ids if i not in found]
        return found | (await self._journal.get(missing) if missing else {})

    async def save(self, record: RoomRecord) -> RoomRecord:
        """Write one. Raises JournalConflict."""
        return (await self.save_all([record]))[0]

    async def save_all(self, records: Sequence[RoomRecord]) -> list[RoomRecord]:
        """Write several. Raises JournalConflict and the database's errors."""
        try:
            saved = await self._journal.save(records)
        except BaseException:
            self.forget()
            raise
        for record in saved:
            if self.fence is None:
                self._saved[record.id] = record
            if record.closed:
                self._open.pop(record.id, None)
            else:
                self._open[record.id] = record
        return saved


class MemoryJournal:
    """For tests and simulations. Keeps the same rules."""

    def __init__(self) -> None:
        self.records: dict[str, RoomRecord] = {}

    async def get(self, ids: Sequence[str]) -> dict[str, RoomRecord]:
        return {i: self.records[i] for i in ids if i in self.records}

    async def open_records(self, contract: str, operator_id: int) -> list[RoomRecord]:
        return [
            record
            for record in self.records.values()
            if not record.closed
            and record.operator_id == operator_id
            and record.id.startswith(contract)
        ]

    async def save(self, records: Sequence[RoomRecord]) -> list[RoomRecord]:
        return self.save_now(records)

    def save_now(self, records: Sequence[RoomRecord]) -> list[RoomRecord]:
        """`save`, at once."""
        for record in records:
            stored = self.records.get(record.id)
            if (stored.version if stored else 0) != record.version:
                raise JournalConflict(f"{record.id} was changed by another process")
        saved = [replace(record, version=record.version + 1) for record in records]
        self.records.update({record.id: record for record in saved})
        return saved


class MongoJournal:
    """The journal in MongoDB."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._records = database[COLLECTION]

    async def ensure_indexes(self) -> None:
        """Idempotent; call it once at start."""
        await self._records.create_index(
            [("contract", ASCENDING), ("operator_id", ASCENDING), ("closed", ASCENDING)]
        )

    async def get(self, ids: Sequence[str]) -> dict[str, RoomRecord]:
        found = [to_record(doc) async for doc in self._records.find({"_id": {"$in": list(ids)}})]
        return {record.id: record for record in found}

    async def open_records(self, contract: str, operator_id: int) -> list[RoomRecord]:
        query = {"contract": contract, "operator_id": operator_id, "closed": False}
        return [to_record(doc) async for doc in self._records.find(query)]

    async def save(self, records: Sequence[RoomRecord]) -> list[RoomRecord]:
        if len(records) == 1:
            return [await self._save_one(records[0])]
        saved = [replace(record, version=record.version + 1) for record in records]
        requests = [
            ReplaceOne(
                {"_id": new.id, "version": old.version}, to_document(new), upsert=old.version == 0
            )
            for old, new in zip(records, saved, strict=True)
        ]
        if not requests:
            return []
        try:
            result = await self._records.bulk_write(requests, ordered=False)
        except BulkWriteError as error:
            raise JournalConflict(_refusal(error)) from None
        if result.matched_count + result.upserted_count != len(records):
            raise JournalConflict("an entry was changed by another process")
        return saved

    async def _save_one(self, record: RoomRecord) -> RoomRecord:
        saved = replace(record, version=record.version + 1)
        if record.version == 0:
            try:
                await self._records.insert_one(to_document(saved))
            except DuplicateKeyError:
                raise JournalConflict(f"{record.id} already exists") from None
            return saved
        query = {"_id": record.id, "version": record.version}
        if (await self._records.replace_one(query, to_document(saved))).matched_count != 1:
            raise JournalConflict(f"{record.id} was changed by another process")
        return saved


def _refusal(error: BulkWriteError) -> str:
    codes: Iterable[Any] = (error.details or {}).get("writeErrors", [])
    return "the journal refused a write: " + ", ".join(str(e.get("code")) for e in codes)


def to_document(record: RoomRecord) -> dict[str, Any]:
    """A record as stored: tags and sealed bytes as 0x hex, the mode as its word."""
    return {
        "_id": record.id,
        "contract": record.id.partition(":")[0],
        "operator_id": record.operator_id,
        "room_id": record.room_id,
        "tag0": hex_data(record.tag0),
        "mode": record.mode.word,
        "gated": record.gated,
        "host": record.host,
        "created_at": record.created_at,
        "seen_block": record.seen_block,
        "attempt": record.attempt,
        "account": record.account,
        "intent_at": record.intent_at,
        "uid": record.uid,
        "enabled": record.enabled,
        "gone": record.gone,
        "digest": record.digest,
        "seal": None
        if record.seal is None
        else {
            "tag": hex_data(record.seal.tag),
            "digest": record.seal.digest,
            "data": hex_data(record.seal.data),
        },
        "suspect": record.suspect,
        "rotation": None
        if record.rotation is None
        else {
            "tag": hex_data(record.rotation.tag),
            "before": record.rotation.before,
            "done": record.rotation.done,
        },
        "stale": record.stale,
        "cut_off": None if record.cut_off is None else asdict(record.cut_off),
        "sent": record.sent,
        "verified": None if record.verified is None else hex_data(record.verified),
        "cleared": record.cleared,
        "lost_at": record.lost_at,
        "closed": record.closed,
        "reason": record.reason,
        "updated_at": record.updated_at,
        "version": record.version,
    }


def to_record(doc: dict[str, Any]) -> RoomRecord:
    """The record in a document of `to_document`."""
    plain = {k: v for k, v in doc.items() if k not in ("_id", "contract")}
    seal, rotation, verified = doc["seal"], doc["rotation"], doc["verified"]
    cut_off = doc.get("cut_off")  # an older version's records do not have it
    plain |= {
        "id": doc["_id"],
        "tag0": to_bytes(doc["tag0"]),
        "mode": Mode[doc["mode"].upper()],
        "seal": seal and Seal(to_bytes(seal["tag"]), seal["digest"], to_bytes(seal["data"])),
        "rotation": rotation
        and Rotation(to_bytes(rotation["tag"]), rotation["before"], rotation["done"]),
        "cut_off": cut_off and CutOff(**cut_off),
        "verified": verified and to_bytes(verified),
    }
    return RoomRecord(**plain)
