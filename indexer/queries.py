"""Every query of the index, as plans that a synchronous and an asynchronous reader carry out.

A plan is a generator: it yields a `Find`, is sent the documents found, and returns the answer.
Promises: no plan scans. A filter names exactly the fields of one index (`INDEXES`) as equalities
and at most one range at the end, or `_id`s in groups of at most `GROUP`; what else is asked for is
checked here, on the documents of a bounded range. That is fast on MongoDB and on servers with a
plainer planner alike, which scan for `$or`, `_id` ranges or a field that the index lacks.
Lists go newest first through windows of room numbers that grow while they find little.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Generator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple, TypeVar

from chain.enums import Mode, Status
from chain.playback_urls import room_access
from indexer.documents import ACCOUNTS, CHECKPOINT, EVENTS, ROOMS, doc_id
from indexer.event_pages import page_ids, unpack_events

Doc = dict[str, Any]

INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    ROOMS: (
        ("host", "status", "n"),
        ("mode", "status", "n"),
        ("pending_host", "status", "n"),
        ("search", "n"),
        ("contract", "operator_id", "work", "n"),
        ("contract", "operator_id", "expire_at"),
    ),
}
"""The secondary indexes. The other collections are read by `_id` alone."""

GROUP = 50
POSITION = {"window": 0, "contract_seqs": 0}
"""A checkpoint without what is long, and not needed for where it stands."""
OPEN = (Status.PENDING.word, Status.ACTIVE.word)
"""The statuses of a room that is not over."""
_FEW = 60
_CHUNK = 200
_FIRST = 2  # the first window's width, in pages
_LEAP = 4  # most growth of a window over the last: a database reads all of it that fits
_SPARE = 1.3


class Find(NamedTuple):
    """One query. `sort`: a field and its direction."""

    collection: str
    filter: Mapping[str, Any]
    sort: tuple[str, int] | None = None
    limit: int = 0
    projection: Mapping[str, int] | None = None


Docs = list[Doc]
T = TypeVar("T")
Plan = Generator[Find, Docs, T]


def run_plan(plan: Plan[T], find: Callable[[Find], Docs]) -> T:
    """What a plan answers, its queries answered by `find`, whose errors pass through."""
    try:
        wanted = next(plan)
        while True:
            wanted = plan.send(find(wanted))
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]


class RoomFilter(NamedTuple):
    """Which rooms to list; None means any. `pending_host`: rooms not over, offered to it. `access`:
    public, gate or invitation; no index has it."""

    status: str | None = None
    host: str | None = None
    mode: str | None = None
    pending_host: str | None = None
    access: str | None = None

    def matches(self, doc: Mapping[str, Any]) -> bool:
        """Whether a room is one of these."""
        if self.pending_host is not None and doc["status"] not in OPEN:
            return False
        told = self.access
        if told is not None and told != room_access(doc["gate"], doc["contract"]):
            return False
        return all(
            wanted is None or doc[name] == wanted
            for name, wanted in zip(self._fields, self, strict=True)
            if name != "access"
        )


def by_ids(
    collection: str, ids: Sequence[Any], projection: Mapping[str, int] | None = None
) -> Generator[Find, Docs, Docs]:
    """The documents of these `_id`s that exist, in their order."""
    found: dict[Any, Doc] = {}
    for start in range(0, len(ids), GROUP):
        group = list(ids[start : start + GROUP])
        criterion: Any = group[0] if len(group) == 1 else {"$in": group}
        for doc in (yield Find(collection, {"_id": criterion}, projection=projection)):
            found[doc["_id"]] = doc
    return [found[name] for name in ids if name in found]


def one(collection: str, name: Any) -> Generator[Find, Docs, Doc | None]:
    """One document by its `_id`."""
    docs = yield Find(collection, {"_id": name}, limit=1)
    return docs[0] if docs else None


# --- lists of rooms -------------------------------------------------------------------------------


def rooms(
    contracts: Sequence[str], wanted: RoomFilter, below: int | None, limit: int
) -> Generator[Find, Docs, Docs]:
    """Rooms newest first, numbers under `below`, at most `limit`."""
    spans = yield from _spans(contracts, below)
    if not spans or limit <= 0:
        return []
    if wanted == RoomFilter():
        newest = chain.from_iterable(range(high - 1, low - 1, -1) for low, high in reversed(spans))
        return (yield from by_ids(ROOMS, list(islice(newest, limit))))
    low, high = spans[0][0], spans[-1][1]
    few = yield from _few(contracts, wanted)
    return (yield from _walk(wanted, low, high, limit, few))


def _spans(
    contracts: Sequence[str], below: int | None
) -> Generator[Find, Docs, list[tuple[int, int]]]:
    """The room numbers given out, as [first, end) per contract, ascending, cut at `below`."""
    spans = []
    for point in (yield from by_ids(CHECKPOINT, list(contracts), {"window": 0})):
        low, high = point["first_room_id"], point["first_room_id"] + point["rooms"]
        high = high if below is None else min(high, below)
        if low < high:
            spans.append((low, high))
    return sorted(spans)


def _few(contracts: Sequence[str], wanted: RoomFilter) -> Generator[Find, Docs, bool]:
    """Whether there are so few rooms that one query may fetch them all, without windows: those of
    most hosts are, and those on offer to somebody."""
    if wanted.pending_host is not None:
        return True
    if wanted.host is None:
        return False
    accounts = yield from by_ids(
        ACCOUNTS, [doc_id(contract, wanted.host) for contract in contracts]
    )
    return sum(int(doc["rooms"]) for doc in accounts) <= _FEW


def equalities(wanted: RoomFilter) -> list[dict[str, str]]:
    """The equality parts of index look-ups that together find every wanted room."""
    statuses = (wanted.status,) if wanted.status else Status.words()
    if wanted.pending_host is not None:
        return [
            {"pending_host": wanted.pending_host, "status": status}
            for status in statuses
            if status in OPEN
        ]
    if wanted.host is not None:
        return [{"host": wanted.host, "status": status} for status in statuses]
    modes = (wanted.mode,) if wanted.mode else Mode.words()
    return [{"mode": mode, "status": status} for mode in modes for status in statuses]


def window(
    lookups: Sequence[Mapping[str, str]], low: int, high: int, most: int
) -> Generator[Find, Docs, tuple[Docs, int]]:
    """The rooms with numbers in [low, high) that any of these look-ups finds, newest first, and how
    far down they are complete: to `low`, unless a look-up found `most`, the most that it fetches.
    """
    docs: Docs = []
    for equal in lookups:
        query = {**equal, "n": {"$gte": low, "$lt": high}}
        some = yield Find(ROOMS, query, ("n", -1), most)
        docs += some
        if len(some) == most:
            low = int(some[-1]["n"])
    return sorted((doc for doc in docs if doc["n"] >= low), key=lambda doc: -int(doc["n"])), low


def _walk(
    wanted: RoomFilter, low: int, high: int, limit: int, few: bool
) -> Generator[Find, Docs, Docs]:
    """Up to `limit` wanted rooms with numbers in [low, high), newest first, window by window."""
    found: Docs = []
    width = high - low if few else _FIRST * limit
    while high > low and len(found) < limit:
        start = max(low, high - width)
        docs, start = yield from window(equalities(wanted), start, high, _CHUNK)
        fitting = [doc for doc in docs if wanted.matches(doc)]
        found += fitting
        width = _next_width(high - start, len(fitting), limit - len(found))
        high = start
    return found[:limit]


def _next_width(width: int, found: int, missing: int) -> int:
    """As wide as the last window says that the missing ones will take, within bounds."""
    if not found:
        return width * _LEAP
    return max(1, min(width * _LEAP, int(_SPARE * missing * width / found) + 1))


# --- events, operators, terms ---------------------------------------------------------------------


def room_events(room_id: int, after_seq: int, limit: int) -> Generator[Find, Docs, Docs]:
    """A room's events after `after_seq`, in their order. [] for an unknown room."""
    rows = yield Find(ROOMS, {"_id": room_id}, limit=1, projection={"contract": 1, "seqs": 1})
    if not rows:
        return []
    contract, seqs = rows[0]["contract"], rows[0]["seqs"]
    start = bisect_right(seqs, after_seq)
    return (yield from _events(contract, seqs[start : start + limit]))


def events(contract: str, first: int, last: int) -> Generator[Find, Docs, Docs]:
    """A contract's events from `first` to `last`, both included, in their order."""
    return (yield from _events(contract, range(max(1, first), last + 1)))


def _events(contract: str, seqs: Sequence[int]) -> Generator[Find, Docs, Docs]:
    """Those of these events that exist; `seqs` ascend."""
    pages: Any = yield from by_ids(EVENTS, page_ids(contract, seqs))
    found: Any = unpack_events(pages, seqs)
    return found  # type: ignore[no-any-return]


def numbered(collection: str, contract: str) -> Generator[Find, Docs, Docs]:
    """All operators or terms of a contract: their numbers have no gaps."""
    found: list[Doc] = []
    while True:
        ids = [doc_id(contract, len(found) + i) for i in range(1, GROUP + 1)]
        docs = yield from by_ids(collection, ids)
        found += docs
        if len(docs) < GROUP:
            return found


def named(collection: str, contract: str, name: int | str) -> Generator[Find, Docs, Doc | None]:
    """An operator, terms, an account or a moderator."""
    return (yield from one(collection, doc_id(contract, name)))
