"""Which rooms are active, by the index: all of them now and then, and what changed since.

Promises: reads only. `step` asks for the checkpoints, and only where a history has moved for its
new events and the rooms they are about. All active rooms are read at the start, every
`COMPARE_SECONDS`, and soon after a reorg or a leap; that makes true whatever was missed.
Assumes: events, then rooms, then the checkpoint are written, in this order.
On restart: everything is read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import structlog

from common.clock import Clock
from indexer.documents import SILENT, why_unreadable
from indexer.reader import AsyncReader
from presence.board import ActiveRoom, active_room

log = structlog.get_logger(__name__)

COMPARE_SECONDS = 600.0
COMPARE_SOON_SECONDS = 30.0
"""No two full comparisons closer than this."""
MOST_EVENTS = 1000
BACK = 200
"""Events before a reorg whose rooms are read again at once."""

Doc = Mapping[str, Any]


class IndexUnusable(Exception):
    """Why there is nothing to go by, and what to do."""


class RoomIndex(Protocol):
    """What is asked of the index."""

    async def positions(self) -> list[dict[str, Any]]:
        """The checkpoints of our contracts."""
        ...

    async def events(self, contract: str, first: int, last: int) -> list[dict[str, Any]]: ...

    async def rooms_by_id(self, ids: Sequence[int]) -> list[dict[str, Any]]: ...

    async def open_rooms(self, now: int) -> list[dict[str, Any]]:
        """Every open room of every operator of our contracts."""
        ...


class MongoRoomIndex:
    """The index in MongoDB, by the indexer's own reader."""

    def __init__(self, reader: AsyncReader, contracts: Sequence[str]) -> None:
        self._reader = reader
        self._contracts = contracts
        self.positions = reader.positions
        self.events = reader.events
        self.rooms_by_id = reader.rooms_by_id

    async def open_rooms(self, now: int) -> list[dict[str, Any]]:
        return [
            doc
            for contract in self._contracts
            for operator in await self._reader.operators(contract)
            for doc in await self._reader.open_rooms(contract, operator["operator_id"], now)
        ]


class RoomChange(NamedTuple):
    """What became different. `over`: numbers of rooms that are not active. `complete`: `active` are
    all that there are."""

    active: list[ActiveRoom]
    over: list[int]
    complete: bool = False


@dataclass
class _Mark:
    """Where we stand in a contract's history. `last`: the event at `seq`, by its place."""

    seq: int
    history: str
    last: tuple[Any, ...] | None = None
    recent: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=BACK))


class RoomFollower:
    """See the module."""

    def __init__(self, index: RoomIndex, contracts: Sequence[str], clock: Clock) -> None:
        self._index = index
        self._contracts = tuple(contracts)
        self._clock = clock
        self._marks: dict[str, _Mark] = {}
        self._compared_at = float("-inf")
        self._wants_all = True
        self.note: str | None = None

    def forget(self) -> None:
        """Begin anew."""
        self._marks.clear()
        self._compared_at, self._wants_all = float("-inf"), True

    async def step(self) -> RoomChange:
        """What changed since the last step. Raises IndexUnusable, the database's errors."""
        points = {point["_id"]: point for point in await self._index.positions()}
        self._check(points)
        since = self._clock.monotonic() - self._compared_at
        if since >= COMPARE_SECONDS or (self._wants_all and since >= COMPARE_SOON_SECONDS):
            return await self._everything(points)
        wanted: dict[int, None] = {}
        marks = []
        for contract, point in points.items():
            mark = self._marks.get(contract)
            if mark is None:
                self._wants_all = True
            elif (point["seq"], point["history"]) != (mark.seq, mark.history):
                marks.append((contract, await self._moved(contract, mark, point, wanted)))
        change = await self._read(list(wanted))
        self._marks.update(marks)  # only now: a read that failed is done again
        return change

    def _check(self, points: Mapping[str, Doc]) -> None:
        for contract in self._contracts:
            point = points.get(contract)
            if point is None:
                raise IndexUnusable(f"there is no index of {contract} yet: start the indexer")
            if (why := why_unreadable(point)) is not None:
                raise IndexUnusable(why)
        age = self._clock.now() - max(float(point["updated_at"]) for point in points.values())
        self.note = None
        if age > SILENT:
            self.note = "the indexer is silent: rooms that changed since are not known"

    async def _everything(self, points: Mapping[str, Doc]) -> RoomChange:
        now = self._clock.now()
        found = [active_room(doc) for doc in await self._index.open_rooms(int(now))]
        marks = {}
        for contract, point in points.items():
            newest = await self._index.events(contract, point["seq"], point["seq"])
            last = _place(newest[-1]) if newest else None
            marks[contract] = _Mark(point["seq"], point["history"], last)
        self._marks = marks
        self._compared_at, self._wants_all = self._clock.monotonic(), False
        return RoomChange([room for room in found if room is not None], [], complete=True)

    async def _moved(
        self, contract: str, mark: _Mark, point: Doc, wanted: dict[int, None]
    ) -> _Mark:
        """The mark there now; the rooms that may have changed go to `wanted`."""
        if point["seq"] - mark.seq > MOST_EVENTS:
            self._wants_all = True
        first, last = max(mark.seq, point["seq"] - MOST_EVENTS, 1), point["seq"]
        events = await self._index.events(contract, first, last)
        forked = point["seq"] <= mark.seq or (
            mark.last is not None and (not events or _place(events[0]) != mark.last)
        )
        if forked:
            log.info("the index went back", contract=contract, seq=mark.seq)
            self._wants_all = True
            events = await self._index.events(contract, max(1, first - BACK), last)
            wanted.update((n, None) for _, n in mark.recent)
        about = [(doc["seq"], doc["room_id"]) for doc in events if doc["room_id"] is not None]
        wanted.update((n, None) for _, n in about)
        newest = _place(events[-1]) if events else None
        recent = deque([] if forked else mark.recent, maxlen=BACK)
        recent.extend(about)
        return _Mark(point["seq"], point["history"], newest, recent)

    async def _read(self, numbers: list[int]) -> RoomChange:
        if not numbers:
            return RoomChange([], [])
        found = [active_room(doc) for doc in await self._index.rooms_by_id(numbers)]
        active = [room for room in found if room is not None and room.contract in self._contracts]
        there = {room.n for room in active}
        return RoomChange(active, [n for n in numbers if n not in there])


def _place(event: Doc) -> tuple[Any, ...]:
    return event["seq"], event["block_hash"], event["log_index"]
