"""A contract's story, told event by event, and the index documents that the real fold makes of it.

For tests of readers: no chain, no indexer. `ContractStory.write(db)` puts the documents where the
indexer would, in its order (events, rooms, checkpoint); `MemorySource` serves them without a
database.
"""

from __future__ import annotations

import copy
import hashlib
import time
from collections.abc import Sequence
from typing import Any

from chain import events as t
from chain import history
from chain.enums import EndReason, Mode
from chain.event_codec import build_event
from chain.hexes import ZERO_ADDRESS
from chain.history import room_tag
from indexer import documents as model
from indexer.event_pages import event_doc, pack_events
from indexer.projection.contract import apply
from indexer.projection.ledger import Ledger
from indexer.queries import INDEXES

CONTRACT = "0x" + "c0" * 20
OWNER = "0x" + "0e" * 20
OPERATOR = "0x" + "0a" * 20
PAYEE = "0x" + "fa" * 20
ALICE = "0x" + "a1" * 20
BOB = "0x" + "b0" * 20
MODERATOR = "0x" + "0d" * 20
GATE = "0x" + "6a" * 20
BASE = "https://customer-abc123.cloudflarestream.com"
KEY = b"\x11" * 32
DEPOSIT, FEE, DEADLINE = 10**16, 10**15, 3600


def block_hash(number: int, fork: int = 0) -> str:
    return "0x" + hashlib.sha256(f"block {number} {fork}".encode()).hexdigest()


class ContractStory:
    """Each step is one event in a block of its own, unless `same_block` is set."""

    def __init__(
        self,
        contract: str = CONTRACT,
        *,
        chain_id: int = 31337,
        first_room: int = 1,
        at: int = 0,
        operator: bool = True,
    ) -> None:
        self.contract = contract
        self.chain_id = chain_id
        self.first_room = first_room
        self.next_room = first_room
        self.ledger = Ledger(contract)
        self.events: list[Any] = []
        self.block = 10
        self.fork = 0
        self.time = at or int(time.time()) - 600
        self.history = history.genesis(chain_id, contract)
        self.confirmed_by = 0  # blocks on top of the last event's
        self.finalized = 0
        self.state = "following"
        self.stop_reason: str | None = None
        self.lag = 0
        self.updated_at: float | None = None
        self.block_seconds: float | None = None
        self.emit(t.OwnerChanged, OWNER, account=OWNER)
        self.emit(
            t.TermsSet, OWNER, terms_id=1, deposit=DEPOSIT, fee=FEE, max_room_seconds=86400,
            fulfill_deadline_seconds=DEADLINE, max_open_rooms=5, max_room_events=200,
            rekey_cooldown=60,
        )  # fmt: skip
        if operator:
            self.emit(
                t.OperatorAdded, OWNER, operator_id=1, account=OPERATOR, payee=PAYEE,
                playback_base=BASE.encode(),
            )  # fmt: skip

    @property
    def seq(self) -> int:
        return len(self.events)

    def emit(self, kind: Any, actor: str, **values: Any) -> dict[str, Any]:
        """Any event, in the next block."""
        self.block += 1
        self.time += 1
        seq = self.seq + 1
        tx = "0x" + hashlib.sha256(f"tx {seq} {self.fork}".encode()).hexdigest()
        meta = t.LogMeta(self.contract, self.block, block_hash(self.block, self.fork), tx, 0, 0)
        event = build_event(kind, meta, seq=seq, actor=actor, timestamp=self.time, **values)
        apply(self.ledger, event)
        self.history = history.step(self.history, event)
        doc: dict[str, Any] = dict(event_doc(event))
        self.events.append(doc)
        return doc

    def create(
        self,
        host: str = ALICE,
        title: str | bytes = "Lớp học đàn",
        *,
        mode: Mode = Mode.WEBRTC,
        gate: str = ZERO_ADDRESS,
        operator_id: int = 1,
    ) -> int:
        number = self.next_room
        self.next_room += 1
        raw = title if isinstance(title, bytes) else title.encode()
        tag = room_tag(
            self.chain_id, self.contract, number, host, operator_id, int(mode), gate, KEY, 1
        )
        self.emit(
            t.RoomCreated, host, room_id=number, operator_id=operator_id, terms_id=1, mode=mode,
            gate=gate, ingest_key=KEY, tag=tag, title=raw,
        )  # fmt: skip
        return number

    def room(self, number: int) -> dict[str, Any]:
        """The document as it is now."""
        return dict(self.ledger.rooms[number])

    def provision(self, number: int) -> None:
        tag = bytes.fromhex(str(self.room(number)["tag"])[2:])
        uid = hashlib.sha256(f"uid {number}".encode()).digest()[:16]
        self.emit(
            t.RoomProvisioned, OPERATOR, room_id=number, tag=tag, uid=uid,
            sealed_ingest=b"sealed" + tag,
        )  # fmt: skip

    def live(self, host: str = ALICE, title: str | bytes = "Lớp học đàn", **options: Any) -> int:
        """A room with its live input."""
        number = self.create(host, title, **options)
        self.provision(number)
        return number

    def rename(self, number: int, title: str) -> None:
        host = self.room(number)["host"]
        self.emit(t.RoomUpdated, host, room_id=number, title=title.encode())

    def describe(self, number: int, details: bytes = b"", *, starts_at: int = 0) -> None:
        self.emit(
            t.RoomDescribed, self.room(number)["host"], room_id=number, starts_at=starts_at,
            details=details,
        )  # fmt: skip

    def offer(self, number: int, to: str) -> None:
        self.emit(t.RoomTransferStarted, self.room(number)["host"], room_id=number, to=to)

    def rekey(self, number: int) -> None:
        room = self.room(number)
        self.emit(
            t.RoomRekeyed, room["host"], room_id=number, key_version=room["key_version"] + 1,
            ingest_key=b"\x22" * 32, tag=hashlib.sha256(str(room["tag"]).encode()).digest()[:12],
        )  # fmt: skip

    def end(
        self, number: int, reason: EndReason = EndReason.HOST, detail: int = 0, actor: str = ""
    ) -> None:
        room = self.room(number)
        forfeited = room["uid"] is None and reason is EndReason.HOST
        amount = DEPOSIT + (0 if room["uid"] or forfeited else FEE)
        self.emit(
            t.RoomEnded, actor or room["host"], room_id=number, host=room["host"], reason=reason,
            detail=detail, amount=amount,
        )  # fmt: skip
        if forfeited:
            self.emit(t.Credited, room["host"], account=PAYEE, amount=FEE, operator_id=1)

    def take_down(self, number: int, detail: int = 2) -> None:
        self.end(number, EndReason.TAKEN_DOWN, detail, MODERATOR)

    def release(self, number: int) -> None:
        self.emit(t.RoomReleased, OPERATOR, room_id=number)

    # --- documents -----------------------------------------------------------------------------

    def checkpoint(self) -> dict[str, Any]:
        head = self.block + self.confirmed_by
        totals = self.ledger.totals
        return {
            "_id": self.contract,
            "format": model.FORMAT,
            "version": t.CONTRACT_VERSION,
            "chain_id": self.chain_id,
            "start_block": 1,
            "block": head - self.lag,
            "block_hash": block_hash(head - self.lag, self.fork),
            "seq": self.seq,
            "history": "0x" + self.history.hex(),
            "rooms": totals.rooms,
            "ended_rooms": totals.ended_rooms,
            "first_room_id": self.first_room,
            "owner": totals.owner,
            "pending_owner": totals.pending_owner,
            "paused": totals.paused,
            "retired": totals.retired,
            "successor": totals.successor,
            "current_terms": totals.current_terms,
            "contract_seqs": list(totals.contract_seqs),
            "finalized": {
                "block": self.finalized,
                "block_hash": block_hash(self.finalized, self.fork),
            },
            "head": {"block": head, "timestamp": self.time, "block_seconds": self.block_seconds},
            "window": [],
            "proven": self.seq,
            "pending": None,
            "state": self.state,
            "stop_reason": self.stop_reason,
            "updated_at": time.time() if self.updated_at is None else self.updated_at,
        }

    def documents(self) -> dict[str, list[dict[str, Any]]]:
        """Every collection, as the index holds it."""
        ledger = self.ledger
        found: dict[str, list[Any]] = {
            model.EVENTS: list(pack_events(self.events)),
            model.ROOMS: list(ledger.rooms.values()),
            model.OPERATORS: list(ledger.operators.values()),
            model.TERMS: list(ledger.terms.values()),
            model.ACCOUNTS: list(ledger.accounts.values()),
            model.MODERATORS: list(ledger.moderators.values()),
            model.CHECKPOINT: [self.checkpoint()],
        }
        return copy.deepcopy(found)

    def write(self, database: Any, *, since: int = 0) -> None:
        """Put the documents into a pymongo database; `since`: only what later events touched."""
        touched = {event["room_id"] for event in self.events[since:]}
        for name, found in self.documents().items():
            docs = found
            if name == model.EVENTS:
                docs = [page for page in found if page["last"] > since]
            elif since and name == model.ROOMS:
                docs = [doc for doc in found if doc["_id"] in touched]
            if since == 0 and docs and name != model.CHECKPOINT:
                database[name].insert_many(docs)
                continue
            for doc in docs:
                database[name].replace_one({"_id": doc["_id"]}, doc, upsert=True)

    def copy(self) -> ContractStory:
        """The same story so far, to be told on differently."""
        return copy.deepcopy(self)


def add_indexes(database: Any) -> None:
    """The indexes that readers need."""
    for kind, indexes in INDEXES.items():
        for fields in indexes:
            database[kind].create_index([(field, 1) for field in fields])


def stories_by_contract(stories: Sequence[ContractStory]) -> dict[str, ContractStory]:
    return {story.contract: story for story in stories}
