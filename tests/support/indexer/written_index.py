"""An index written block by block into a store in memory, to be rolled back, crashed and recovered.

`WrittenIndex.grow` writes one block of events as the indexer would; `documents()` is what must be
the same again once the block is taken back.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from chain import events as t
from chain.enums import EndReason, Mode
from chain.event_codec import build_event
from chain.follow.window import BlockPosition
from chain.hexes import ZERO_ADDRESS
from indexer.checkpoint import Origin
from indexer.documents import CHECKPOINT, VOLATILE
from indexer.writer import IndexWriter
from tests.support.indexer.fold_tables import (
    ALICE,
    BASE,
    BOB,
    CAROL,
    CONTRACT,
    MODERATOR,
    OPERATOR,
    OWNER,
    PAYEE,
)
from tests.support.indexer.memory_store import MemoryStore

CHAIN_ID = 31337
START = 5
ORIGIN = Origin(CONTRACT, CHAIN_ID, START, "0x" + "04" * 32, 1)
DEPOSIT, FEE = 10**16, 10**15
POINT = ("block", "block_hash", "seq", "history", "rooms", "ended_rooms", "first_room_id", "owner",
         "pending_owner", "paused", "retired", "successor", "current_terms", "contract_seqs",
         "pending")  # fmt: skip
"""The checkpoint's fields that tell a place in the story."""


class EventSpec(NamedTuple):
    """An event before it has a place."""

    kind: Any
    actor: str
    values: dict[str, Any]


def _digest(size: int, *parts: object) -> bytes:
    return hashlib.sha256(repr(parts).encode()).digest()[:size]


def created(room: int, host: str, operator: int = 1, terms: int = 1) -> EventSpec:
    return EventSpec(t.RoomCreated, host, {
        "room_id": room, "operator_id": operator, "terms_id": terms, "mode": Mode.WEBRTC,
        "gate": ZERO_ADDRESS, "ingest_key": _digest(32, room), "tag": _digest(12, room, 1),
        "title": b"Room %d" % room,
    })  # fmt: skip


def renamed(room: int, host: str, title: bytes) -> EventSpec:
    return EventSpec(t.RoomUpdated, host, {"room_id": room, "title": title})


def _key(room: int, version: int) -> dict[str, Any]:
    return {"key_version": version, "ingest_key": _digest(32, room, version),
            "tag": _digest(12, room, version)}  # fmt: skip


def described(room: int, host: str, details: bytes, starts_at: int = 0) -> EventSpec:
    values = {"room_id": room, "starts_at": starts_at, "details": details}
    return EventSpec(t.RoomDescribed, host, values)


def rekeyed(room: int, host: str, version: int = 2) -> EventSpec:
    return EventSpec(t.RoomRekeyed, host, {"room_id": room, **_key(room, version)})


def offered(room: int, host: str, to: str) -> EventSpec:
    return EventSpec(t.RoomTransferStarted, host, {"room_id": room, "to": to})


def accepted(room: int, former: str, host: str, version: int = 2) -> EventSpec:
    values = {"room_id": room, "former_host": former, **_key(room, version)}
    return EventSpec(t.RoomTransferred, host, values)


def provisioned(room: int, version: int = 1) -> EventSpec:
    return EventSpec(t.RoomProvisioned, OPERATOR, {
        "room_id": room, "tag": _digest(12, room, version), "uid": _digest(16, room),
        "sealed_ingest": _digest(20, room, version),
    })  # fmt: skip


def ended(
    room: int, actor: str, reason: EndReason = EndReason.HOST, amount: int = DEPOSIT, *,
    host: str = "",
) -> EventSpec:  # fmt: skip
    """`host`: where it is not `actor`."""
    values = {"room_id": room, "host": host or actor, "reason": reason, "detail": 0,
              "amount": amount}  # fmt: skip
    return EventSpec(t.RoomEnded, actor, values)


def released(room: int) -> EventSpec:
    return EventSpec(t.RoomReleased, OPERATOR, {"room_id": room})


def credited(account: str, amount: int = FEE) -> EventSpec:
    values = {"account": account, "amount": amount, "operator_id": 1}
    return EventSpec(t.Credited, OPERATOR, values)


def spent(room: int, host: str, amount: int) -> EventSpec:
    return EventSpec(t.CreditSpent, host, {"room_id": room, "amount": amount})


def withdrawn(account: str, amount: int, to: str = CAROL) -> EventSpec:
    return EventSpec(t.Withdrawn, account, {"to": to, "amount": amount})


def terms_set(number: int) -> EventSpec:
    return EventSpec(t.TermsSet, OWNER, {
        "terms_id": number, "deposit": DEPOSIT, "fee": FEE, "max_room_seconds": 3600 * number,
        "fulfill_deadline_seconds": 60, "max_open_rooms": 9, "max_room_events": 99,
        "rekey_cooldown": 0,
    })  # fmt: skip


def operator_added(number: int) -> EventSpec:
    base = (BASE + str(number)).encode()
    values = {"operator_id": number, "account": OPERATOR, "payee": PAYEE, "playback_base": base}
    return EventSpec(t.OperatorAdded, OWNER, values)


def payee_set(number: int, payee: str) -> EventSpec:
    return EventSpec(t.OperatorPayeeChanged, OWNER, {"operator_id": number, "payee": payee})


def moderator_set(account: str, allowed: bool) -> EventSpec:
    return EventSpec(t.ModeratorChanged, OWNER, {"account": account, "allowed": allowed})


def retired(successor: str) -> EventSpec:
    return EventSpec(t.Retired, OWNER, {"successor": successor})


def owned(account: str) -> EventSpec:
    return EventSpec(t.OwnerChanged, account, {"account": account})


FOUNDATION = (
    owned(OWNER), terms_set(1), operator_added(1), moderator_set(MODERATOR, True),
    created(1, ALICE), created(2, BOB), provisioned(1), credited(PAYEE), renamed(1, ALICE, b"A"),
    offered(2, BOB, CAROL), created(3, ALICE), ended(3, ALICE, amount=DEPOSIT + FEE),
)  # fmt: skip
"""Alice: room 1 (active), room 3 (ended) and what she is owed for it; Bob: room 2 (pending,
offered to Carol)."""


class WrittenIndex:
    """`await WrittenIndex.begun()`: with the foundation in block `START`."""

    def __init__(self, store: MemoryStore, writer: IndexWriter) -> None:
        self.store = store
        self.writer = writer

    @classmethod
    async def begun(cls) -> WrittenIndex:
        store = MemoryStore()
        index = cls(store, await IndexWriter.open(store, ORIGIN))
        await index.grow(FOUNDATION)
        return index

    async def reopen(self) -> None:
        """A new process on the same database."""
        self.store.crash_at = self.store.fail_at = None
        self.writer = await IndexWriter.open(self.store, ORIGIN)

    def events(
        self, told: Sequence[EventSpec], fork: int = 0, *, number: int = 0, seq: int = -1
    ) -> list[Any]:
        """A block's events: the next one's, or of block `number` after event `seq`."""
        number = number or self.writer.tip.number + 1
        before = self.writer.seq if seq < 0 else seq
        made = []
        for index, (kind, actor, values) in enumerate(told):
            seq = before + 1 + index
            tx = "0x" + _digest(32, "tx", seq, fork).hex()
            meta = t.LogMeta(CONTRACT, number, self.hash(number, fork), tx, index, index)
            at = 1_700_000_000 + 12 * number + fork
            made.append(build_event(kind, meta, seq=seq, actor=actor, timestamp=at, **values))
        return made

    @staticmethod
    def hash(number: int, fork: int = 0) -> str:
        return "0x" + _digest(32, "block", number, fork).hex()

    async def fold(self, told: Sequence[EventSpec], fork: int = 0) -> BlockPosition:
        """One more block's events in memory; where they end."""
        number = self.writer.tip.number + 1
        events = self.events(told, fork)
        await self.writer.add(events, *self.writer.hash(events))
        return BlockPosition(number, self.hash(number, fork), self.writer.seq, self.writer.history)

    async def grow(
        self, told: Sequence[EventSpec] = (), *, fork: int = 0, final: int = -1
    ) -> BlockPosition:
        """One more block, written."""
        position = await self.fold(told, fork)
        await self.writer.commit([position], final)
        return position

    def documents(self) -> dict[str, Any]:
        """Everything that the story alone decides."""
        held = copy.deepcopy(self.store.kinds)
        points = held.pop(CHECKPOINT)
        found: dict[str, Any] = {
            kind: {
                name: {field: value for field, value in doc.items() if field not in VOLATILE}
                for name, doc in docs.items()
            }
            for kind, docs in held.items()
        }
        found[CHECKPOINT] = {name: points[CONTRACT][name] for name in POINT}
        return found
