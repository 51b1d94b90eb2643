"""The edges of a simulated oracle process: journal, lease, sender's rows and index, with faults."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

from pymongo.errors import AutoReconnect

from chain.enums import Mode, Status
from chain.send import MemorySenderStore
from common.lease import LeaseRecord, LeaseWish
from common.lease_store import MemoryLeaseStore
from oracle.facts import Proposal
from oracle.index_view import IndexProgress, Published
from oracle.journal import MemoryJournal, RoomRecord
from oracle.operator_switch import MemorySwitchStore
from oracle.self_closing import LastChange, SwitchRecord
from tests.support.oracle.simulation.rooms_chain import Block

T = TypeVar("T")


class FaultyEdge(Protocol):
    """One exchange with the outside: the effect's answer, or a fault before or after it."""

    async def __call__(
        self,
        name: str,
        effect: Callable[[], T],
        before: Callable[[], Exception],
        after: Callable[[], Exception],
        /,
    ) -> T: ...


class Truth(Protocol):
    """What the simulated index sees of the world."""

    def index_block(self) -> Block: ...

    def proposals(self) -> list[Proposal]: ...


def _down() -> Exception:
    return AutoReconnect("the database does not answer")


class EdgeJournal:
    """The journal behind an edge."""

    def __init__(self, journal: MemoryJournal, edge: FaultyEdge) -> None:
        self._journal, self._edge = journal, edge

    async def get(self, ids: Sequence[str]) -> dict[str, RoomRecord]:
        found = self._journal.records
        return await self._edge(
            "journal.get", lambda: {i: found[i] for i in ids if i in found}, _down, _down
        )

    async def open_records(self, contract: str, operator_id: int) -> list[RoomRecord]:
        def read() -> list[RoomRecord]:
            every = self._journal.records.values()
            return [e for e in every if not e.closed and e.operator_id == operator_id]

        return await self._edge("journal.open", read, _down, _down)

    async def save(self, records: Sequence[RoomRecord]) -> list[RoomRecord]:
        return await self._edge(
            "journal.save", lambda: self._journal.save_now(records), _down, _down
        )


class EdgeLease:
    """The lease's row behind an edge."""

    def __init__(self, store: MemoryLeaseStore, edge: FaultyEdge) -> None:
        self._store, self._edge = store, edge

    async def read(self, name: str) -> LeaseRecord | None:
        return await self._do("lease.read", self._store.read, name)

    async def swap(self, before: LeaseRecord | None, after: LeaseRecord) -> bool:
        return await self._do("lease.swap", self._store.swap, before, after)

    async def wish(self, name: str, before: str | None, after: LeaseWish | None) -> bool:
        return await self._do("lease.wish", self._store.wish, name, before, after)

    async def _do(self, name: str, method: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> T:
        answer: T = await self._edge(name, lambda: run_now(method(*args)), _down, _down)
        return answer


class EdgeSwitchStore:
    """The record of the operator's switch behind an edge."""

    def __init__(self, store: MemorySwitchStore, edge: FaultyEdge) -> None:
        self._store, self._edge = store, edge

    async def load(self, name: str) -> SwitchRecord:
        read = lambda: run_now(self._store.load(name))  # noqa: E731
        return await self._edge("switch.load", read, _down, _down)

    async def save(self, record: SwitchRecord) -> SwitchRecord:
        write = lambda: run_now(self._store.save(record))  # noqa: E731
        return await self._edge("switch.save", write, _down, _down)


class EdgeSenderStore:
    """The sender's rows behind an edge: the memory store's own rules, with faults."""

    def __init__(self, store: MemorySenderStore, edge: FaultyEdge) -> None:
        self._store, self._edge = store, edge

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        async def call(*args: Any) -> Any:
            return await self._edge(f"sender.{name}", lambda: run_now(method(*args)), _down, _down)

        return call


def run_now(coroutine: Any) -> Any:
    """The result of a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waited")


class SimIndexView:
    """The index: the model's rooms a few blocks behind, of the canonical chain."""

    def __init__(self, world: Truth, operator_id: int, edge: FaultyEdge) -> None:
        self._world, self._operator_id, self._edge = world, operator_id, edge

    async def progress(self) -> IndexProgress | None:
        return await self._edge("index.position", self._progress, _down, _down)

    def _progress(self) -> IndexProgress:
        block = self._world.index_block()
        state = block.state
        return IndexProgress(block.number, block.hash, state.count, state.digest, None)

    async def work(self, kind: str, limit: int) -> list[Proposal]:
        return await self._some(lambda p: p.work == kind)

    async def expirable(self, now: int, limit: int) -> list[Proposal]:
        return await self._some(lambda p: p.expire_at is not None and p.expire_at <= now)

    async def rooms(self, ids: Sequence[int]) -> dict[int, Proposal]:
        return await self._edge(
            "index.rooms",
            lambda: {p.room_id: p for p in self._world.proposals() if p.room_id in ids},
            _down, _down,
        )  # fmt: skip

    async def active_inputs(self, now: int, mode: Mode | None = None) -> list[tuple[int, str]]:
        block = self._world.index_block()
        return await self._edge(
            "index.active",
            lambda: [
                (room.number, room.uid.hex())
                for room in block.state.rooms.values()
                if room.status is Status.ACTIVE
                and room.operator_id == self._operator_id
                and mode in (None, room.mode)
            ],
            _down, _down,
        )  # fmt: skip

    async def published(self, room_id: int) -> Published | None:
        def read() -> Published | None:
            room = self._world.index_block().state.rooms.get(room_id)
            if room is None or room.sealed is None:
                return None
            sealed = room.sealed
            return Published(sealed.tag, sealed.data, sealed.place.at)

        return await self._edge("index.published", read, _down, _down)

    async def waiting(self, kind: str) -> int:
        return len(await self.work(kind, 0))

    async def accepting_change(self) -> LastChange | None:
        def read() -> LastChange | None:
            row = self._world.index_block().state.operators[self._operator_id]
            place = row.updated
            return LastChange(row.accepting, place.tx, place.block) if place.tx else None

        return await self._edge("index.operator", read, _down, _down)

    async def _some(self, wanted: Callable[[Proposal], bool]) -> list[Proposal]:
        mine = self._operator_id
        return await self._edge(
            "index.work",
            lambda: [p for p in self._world.proposals() if p.operator_id == mine and wanted(p)],
            _down, _down,
        )  # fmt: skip
