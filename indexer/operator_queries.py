"""What an operator has to do: plans that go up an index, oldest first, in bounded answers.

Promises: no plan scans, as in `indexer.queries`. A walk asks for windows that hold about `TARGET`
rooms, as densely as they lie: a server that fetches all that match before it applies a limit is
never busy with one answer for long, whatever the backlog. A `Frontier` remembers between walks
where the rooms lie; a wrong one costs time only, never a room.
Assumes: rooms enter a walk at its upper end, as new numbers and later times; what enters elsewhere
is found all the same.
On restart: a new frontier feels its way up from the bottom with windows that grow.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

from indexer.documents import CHECKPOINT, ROOMS
from indexer.queries import Doc, Docs, Find, one

TARGET = 50  # rooms in a window
CHUNK = 100  # rooms in an answer, unless one second has more
FIRST_NUMBERS = 400  # a new frontier's first window, in room numbers
FIRST_SECONDS = 3600  # the same, in seconds
LONG_OVERDUE = 30 * 86_400  # seconds: from there a new frontier begins
FOR_EVER = 2**40
_LEAP = 4  # most growth of a window over the last
_FIELDS = dict.fromkeys(
    ("sealed.data", "title", "title_hex", "details", "details_hex", "search", "seqs"), 0
)
OPEN_FIELDS = dict.fromkeys(
    (
        *("contract", "mode", "gate", "status", "uid", "playback_base"),
        *("created_at", "provisioned_at", "expire_at"),
    ),
    1,
)
"""Of an open room: where it plays, for whom, and until when."""


@dataclass
class Frontier:
    """Where the last walk found its rooms. `until`: below it lay about `TARGET` of them, None if
    there were no more at all; `width`: of a window with about so many. 0: nothing is known."""

    until: int | None = 0
    width: int = 0


def work(
    contract: str, operator_id: int, kind: str, limit: int, frontier: Frontier
) -> Generator[Find, Docs, Docs]:
    """An operator's rooms with work of that kind, oldest first."""
    point = yield from one(CHECKPOINT, contract)
    if point is None:
        return []
    equal = {"contract": contract, "operator_id": operator_id, "work": kind}
    low, high = point["first_room_id"], point["first_room_id"] + point["rooms"]
    walk = _Walk(equal, "n", low, low, high, FIRST_NUMBERS, _FIELDS)
    return (yield from walk.oldest(limit, frontier))


def expirable(
    contract: str, operator_id: int, now: int, limit: int, frontier: Frontier
) -> Generator[Find, Docs, Docs]:
    """An operator's open rooms whose time is over at `now`, longest overdue first."""
    equal = {"contract": contract, "operator_id": operator_id}
    walk = _Walk(equal, "expire_at", 1, now - LONG_OVERDUE, now + 1, FIRST_SECONDS, _FIELDS)
    return (yield from walk.oldest(limit, frontier))


def live_inputs(
    contract: str, operator_id: int, now: int, mode: str | None = None
) -> Generator[Find, Docs, dict[int, str]]:
    """Number and uid of each of an operator's open rooms that has a live input; `mode`: only those
    of that mode."""
    fields = {"uid": 1, "expire_at": 1, "mode": 1}
    every = yield from open_rooms(contract, operator_id, now, fields)
    return {
        doc["_id"]: doc["uid"]
        for doc in every
        if doc["uid"] is not None and mode in (None, doc["mode"])
    }


def open_rooms(
    contract: str, operator_id: int, now: int, fields: Mapping[str, int]
) -> Generator[Find, Docs, Docs]:
    """Each of an operator's open rooms, with these `fields`, `expire_at` among them.

    All open rooms expire some day. A room that is provisioned meanwhile expires later than before,
    so the walk upwards meets it.
    """
    equal = {"contract": contract, "operator_id": operator_id}
    walk = _Walk(equal, "expire_at", 1, now, FOR_EVER, FIRST_SECONDS, fields)
    return (yield from walk.oldest(FOR_EVER, Frontier()))


@dataclass(frozen=True)
class _Walk:
    """Rooms with `equal`, by `field` from `low` up to `high`, which is not included; few are to be
    expected below `begin`."""

    equal: Mapping[str, Any]
    field: str
    low: int
    begin: int
    high: int
    first_width: int
    fields: Mapping[str, int]

    def oldest(self, limit: int, frontier: Frontier) -> Generator[Find, Docs, Docs]:
        """The first `limit` of them; each room once."""
        found: dict[Any, Doc] = {}
        width = frontier.width or self.first_width
        start, end = self.low, self.high
        if frontier.until is not None:
            end = min(self.high, max(self.low + width, frontier.until or self.begin))
        while start < end and len(found) < limit:
            docs, end = yield from self._window(start, end)
            for doc in docs:
                found[doc["_id"]] = doc
            width = self._next_width(start, end, docs)
            start, end = end, min(self.high, end + width)
        rooms = list(found.values())
        self._remember(rooms, start, width, frontier)
        return rooms[:limit]

    def _window(self, start: int, end: int) -> Generator[Find, Docs, tuple[Docs, int]]:
        """The rooms from `start` on, and how far up: `end`, unless they are too many."""
        docs = yield self._find(start, end, CHUNK)
        if len(docs) < CHUNK:
            return docs, end
        last = docs[-1][self.field]
        if last > start:  # there may be more at `last`
            return [doc for doc in docs if doc[self.field] < last], last
        return (yield self._find(start, start + 1, 0)), start + 1

    def _find(self, start: int, end: int, limit: int) -> Find:
        query = {**self.equal, self.field: {"$gte": start, "$lt": end}}
        return Find(ROOMS, query, (self.field, 1), limit, self.fields)

    def _remember(self, rooms: Docs, end: int, width: int, frontier: Frontier) -> None:
        """`rooms`: all that there are below `end`; `width`: of the window that would come next."""
        if len(rooms) > TARGET:
            stretch = rooms[-1][self.field] - rooms[0][self.field]
            frontier.until = rooms[TARGET][self.field]
            frontier.width = max(1, stretch * TARGET // len(rooms))
        elif end < self.high:
            frontier.until, frontier.width = end, width
        else:
            frontier.until, frontier.width = None, 0

    def _next_width(self, start: int, end: int, docs: Docs) -> int:
        """As wide as `TARGET` rooms take where they lie as densely as the last ones did."""
        if not docs:
            # Rooms with work are among the newest: the nearer, the more carefully.
            return max(self.first_width, min((end - start) * _LEAP, (self.high - end) // _LEAP))
        reach = end - int(docs[0][self.field])
        return max(1, min((end - start) * _LEAP, reach * TARGET // len(docs)))
