"""Which room is asked about next.

Promises: pure but for its state. Each room is asked as often as `pace` says for its kind, the one
that is most overdue for its kind first, so that nobody starves. A hint moves a room to the front,
at most once in `HINT_SECONDS` a room, and hints have every second question at most. Rooms of a host
that may not be asked wait and hold up nobody else; what they would have had goes to the others.
Assumes: `next_question` is called as often as questions may begin, and `ended` after each. Times
are monotonic seconds.
On restart: nothing is kept; rooms that were never asked are asked soon.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Callable
from typing import NamedTuple

from common.clock import Rng
from presence.host_manners import AnswerKind, HostManners
from presence.pace import AT_BEST, Intervals, RoomKind, intervals

HINT_SECONDS = 5.0
MOST_WAITING_HINTS = 500  # of one host
_NEVER = float("-inf")
# overdue rooms are alike beyond this: a host that comes back does not push all others aside
_MOST_OVERDUE = 1.5
_NEVER_ASKED = 1.2
_EARLY = 0.8
_PACE_SECONDS = 1.0


class RoomQuestion(NamedTuple):
    """What is to be asked: /lifecycle of a room or, of kind `VIEWS`, /views."""

    n: int
    kind: RoomKind
    host: str
    asked_at: float


class _Due:
    """One room's lifecycle or views in its host's queue. `waits_since`: when it was asked about, or
    came."""

    __slots__ = ("asked_at", "host", "in_flight", "kind", "waits_since")

    def __init__(self, host: str, kind: RoomKind, asked_at: float, now: float) -> None:
        self.host = host
        self.kind = kind
        self.asked_at = asked_at
        self.waits_since = now if asked_at == _NEVER else asked_at
        self.in_flight = False


class _HostQueues:
    """A host's rooms by kind, each a heap of (asked_at, chance, n). What stands there is true only
    if it agrees with the room's entry."""

    def __init__(self, manners: HostManners) -> None:
        self.manners = manners
        self.counts: Counter[RoomKind] = Counter()
        self.heaps: dict[RoomKind, list[tuple[float, float, int]]] = {kind: [] for kind in RoomKind}
        self.hints: deque[int] = deque()
        self.served_at = _NEVER


class Schedule:
    """See the module. `kind_of(n)`: what a room is by now; rooms grow cold by themselves, and are
    looked at when their turn comes."""

    def __init__(self, budget: float, rng: Rng, kind_of: Callable[[int], RoomKind]) -> None:
        self._budget = budget
        self._rng = rng
        self._kind_of = kind_of
        self._hosts: dict[str, _HostQueues] = {}
        self._rooms: dict[int, _Due] = {}
        self._views: dict[int, _Due] = {}
        self._hinted: set[int] = set()
        self._hint_was_last = False
        self._paced_at = _NEVER
        self.pace: Intervals = intervals({}, budget)

    def host(self, base: str, now: float) -> HostManners:
        """How a host is treated; it is known from then on."""
        return self._queues(base, now).manners

    def hosts(self) -> dict[str, HostManners]:
        """Every host that has rooms, or had."""
        return {base: queues.manners for base, queues in self._hosts.items()}

    def put(self, n: int, host: str, kind: RoomKind, now: float) -> None:
        """Ask about this room from now on; or it has another host or kind."""
        self._put(self._rooms, n, host, kind, now)

    def put_views(self, n: int, host: str, now: float) -> None:
        """Ask how many watch it, too."""
        self._put(self._views, n, host, RoomKind.VIEWS, now)

    def drop(self, n: int) -> None:
        """Ask about it no more."""
        self.drop_views(n)
        entry = self._rooms.pop(n, None)
        if entry is not None:
            self._hosts[entry.host].counts[entry.kind] -= 1
        self._hinted.discard(n)

    def drop_views(self, n: int) -> None:
        entry = self._views.pop(n, None)
        if entry is not None:
            self._hosts[entry.host].counts[entry.kind] -= 1

    def hint(self, n: int) -> bool:
        """Ask about it soon. False: it is not asked about, waits at the front already, or too many
        do."""
        entry = self._rooms.get(n)
        if entry is None or n in self._hinted:
            return False
        hints = self._hosts[entry.host].hints
        if len(hints) >= MOST_WAITING_HINTS:
            return False
        self._hinted.add(n)
        hints.append(n)
        return True

    def next_question(self, now: float) -> RoomQuestion | None:
        """The question to begin now, if there is any; call `ended` when it has ended."""
        self._keep_pace(now)
        usable = [queues for queues in self._hosts.values() if queues.manners.open(now)]
        chosen = None if self._hint_was_last else self._from_hints(usable, now)
        self._hint_was_last = chosen is not None
        chosen = chosen or self._most_overdue(usable, now) or self._from_hints(usable, now)
        if chosen is None:
            return None
        n, entry = chosen
        entry.in_flight, entry.asked_at, entry.waits_since = True, now, now
        queues = self._hosts[entry.host]
        queues.manners.began()
        queues.served_at = now
        return RoomQuestion(n, entry.kind, entry.host, now)

    def ended(
        self,
        question: RoomQuestion,
        outcome: AnswerKind,
        now: float,
        retry_after: float | None = None,
    ) -> None:
        """What came of it."""
        queues = self._hosts[question.host]
        queues.manners.ended(outcome, question.asked_at, now, retry_after)
        among = self._views if question.kind is RoomKind.VIEWS else self._rooms
        entry = among.get(question.n)
        if entry is not None and entry.in_flight and entry.asked_at == question.asked_at:
            entry.in_flight = False
            self._push(question.n, entry)

    def longest_waits(self, now: float) -> dict[RoomKind, float]:
        """Of each kind that there is, the seconds since the room that waits longest was asked about
        or came. Hosts that pause are left out: that is not for want of questions."""
        found: dict[RoomKind, float] = {}
        for queues in self._hosts.values():
            if queues.manners.paused(now):
                continue
            for kind in RoomKind:
                if self._head(queues, kind) is not None:
                    among = self._views if kind is RoomKind.VIEWS else self._rooms
                    waits = now - among[queues.heaps[kind][0][2]].waits_since
                    found[kind] = max(found.get(kind, 0.0), waits)
        return found

    def __len__(self) -> int:
        return len(self._rooms)

    # --- inside -----------------------------------------------------------------------------------

    def _queues(self, base: str, now: float) -> _HostQueues:
        if base not in self._hosts:
            self._hosts[base] = _HostQueues(HostManners(self._rng, now))
        return self._hosts[base]

    def _put(self, among: dict[int, _Due], n: int, host: str, kind: RoomKind, now: float) -> None:
        entry = among.get(n)
        if entry is not None and (entry.host, entry.kind) == (host, kind):
            return
        asked_at, in_flight = _NEVER, False
        if entry is not None:
            self._hosts[entry.host].counts[entry.kind] -= 1
            asked_at = entry.asked_at
            in_flight = entry.in_flight and entry.host == host
            if entry.host != host:
                self._hinted.discard(n)
        new = among[n] = _Due(host, kind, asked_at, now)
        if entry is not None:
            new.waits_since = entry.waits_since
        new.in_flight = in_flight
        self._queues(host, now).counts[kind] += 1
        if not in_flight:
            self._push(n, new)

    def _push(self, n: int, entry: _Due) -> None:
        heap = self._hosts[entry.host].heaps[entry.kind]
        heapq.heappush(heap, (entry.asked_at, self._rng.random(), n))

    def _keep_pace(self, now: float) -> None:
        """Rooms of hosts that pause are not counted: their share is the others' meanwhile."""
        if now - self._paced_at < _PACE_SECONDS:
            return
        self._paced_at = now
        counts: Counter[RoomKind] = Counter()
        for queues in self._hosts.values():
            if not queues.manners.paused(now):
                counts.update(queues.counts)
        self.pace = intervals(counts, self._budget)

    def _from_hints(self, usable: list[_HostQueues], now: float) -> tuple[int, _Due] | None:
        for queues in usable:
            for _ in range(len(queues.hints)):
                n = queues.hints[0]
                entry = self._rooms.get(n)
                if entry is None or n not in self._hinted:
                    queues.hints.popleft()
                    continue
                if entry.in_flight or now - entry.asked_at < HINT_SECONDS:
                    queues.hints.rotate(-1)
                    continue
                queues.hints.popleft()
                self._hinted.discard(n)
                return n, entry
        return None

    def _most_overdue(self, usable: list[_HostQueues], now: float) -> tuple[int, _Due] | None:
        best: tuple[float, float] | None = None
        found: tuple[_HostQueues, RoomKind] | None = None
        for queues in usable:
            for kind in RoomKind:
                asked_at = self._head(queues, kind)
                if asked_at is None:
                    continue
                over = (now - asked_at) / self.pace[kind]
                over = _NEVER_ASKED if asked_at == _NEVER else min(over, _MOST_OVERDUE)
                rank = (over, -queues.served_at)
                if over >= self._early(kind) and (best is None or rank > best):
                    best, found = rank, (queues, kind)
        if found is None:
            return None
        queues, kind = found
        n = heapq.heappop(queues.heaps[kind])[2]
        among = self._views if kind is RoomKind.VIEWS else self._rooms
        return n, among[n]

    def _early(self, kind: RoomKind) -> float:
        """From which part of its interval a room may be asked where none is overdue: what is
        stretched for want of questions takes those that are left over, so that rooms which were
        asked all at once spread out again."""
        return max(_EARLY, min(1.0, AT_BEST[kind] / self.pace[kind]))

    def _head(self, queues: _HostQueues, kind: RoomKind) -> float | None:
        """When the room of this kind that waits longest was asked; what is no longer so is removed
        on the way."""
        heap = queues.heaps[kind]
        among = self._views if kind is RoomKind.VIEWS else self._rooms
        while heap:
            asked_at, _, n = heap[0]
            entry = among.get(n)
            there = entry is not None and entry.kind is kind and self._hosts[entry.host] is queues
            if entry is None or not there or entry.in_flight or entry.asked_at != asked_at:
                heapq.heappop(heap)
                continue
            if kind is not RoomKind.VIEWS and (now_kind := self._kind_of(n)) is not kind:
                heapq.heappop(heap)
                queues.counts[kind] -= 1
                queues.counts[now_kind] += 1
                entry.kind = now_kind
                self._push(n, entry)
                continue
            return asked_at
        return None
