"""When to look at a room again: backoff after failures, patience, turns.

Promises: a room that fails waits longer each time, up to `MAX_BACKOFF`, with jitter, so that one
poisonous room never takes the turns of the others; the room looked at longest ago goes first.
Assumes: nothing; kept in memory. On restart every room is looked at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Protocol, TypeVar

from common.clock import Clock, Rng, jittered

FIRST_BACKOFF = 1.0
MAX_BACKOFF = 120.0
MAX_TURNS = 50_000


class QueuedRoom(Protocol):
    """A room to be scheduled."""

    @property
    def id(self) -> str: ...
    @property
    def host(self) -> str: ...


C = TypeVar("C", bound=QueuedRoom)


@dataclass(slots=True)
class _Turn:
    due: float = 0.0
    failures: int = 0
    until_final: int = 0
    looked: int = 0


class RoomQueue:
    """See the module. Keys are record ids; times are unix seconds of the clock passed in."""

    def __init__(self, clock: Clock, rng: Rng) -> None:
        self._clock = clock
        self._rng = rng
        self._turns: dict[str, _Turn] = {}
        self._looks = 0

    def failed(self, key: str, until: float | None = None) -> float:
        """It failed: not before `until`, or the next backoff. Returns when."""
        turn = self._turn(key)
        backoff = min(FIRST_BACKOFF * 2.0**turn.failures, MAX_BACKOFF)
        turn.failures = min(turn.failures + 1, 20)
        turn.due = until if until is not None else self._clock.now() + jittered(backoff, self._rng)
        return turn.due

    def hurry(self) -> None:
        """Something was mended: every backoff is over."""
        for turn in self._turns.values():
            turn.due = 0.0

    def went_well(self, key: str, until_final: int = 0, until: float | None = None) -> None:
        """It got somewhere, or has to wait; `until_final`: for that block to become final, `until`:
        for that time."""
        turn = self._turn(key)
        turn.failures, turn.due, turn.until_final = 0, until or 0.0, until_final

    def drop(self, key: str) -> None:
        """It is at rest."""
        self._turns.pop(key, None)

    def due(self, key: str) -> bool:
        """Whether its backoff is over."""
        turn = self._turns.get(key)
        return turn is None or turn.due <= self._clock.now()

    def waits_for_final(self, key: str, final_block: int) -> bool:
        """Whether only a reorg can bring work before a later block is final."""
        turn = self._turns.get(key)
        return turn is not None and turn.until_final > max(0, final_block)

    def next_due(self) -> float | None:
        """When the next backoff ends; None if nobody is in one."""
        now = self._clock.now()
        return min((turn.due for turn in self._turns.values() if turn.due > now), default=None)

    def pick(self, candidates: Sequence[C], limit: int) -> list[C]:
        """At most `limit` whose turn it is: the longest unseen first, host by host."""
        ready = [c for c in candidates if self.due(c.id)]
        ready.sort(key=self._looked)
        by_host: dict[str, list[C]] = {}
        for candidate in ready:
            by_host.setdefault(candidate.host, []).append(candidate)
        turns = (c for row in zip_longest(*by_host.values()) for c in row if c is not None)
        picked = [c for c, _ in zip(turns, range(limit), strict=False)]
        for candidate in picked:
            self._looks += 1
            self._turn(candidate.id).looked = self._looks
        return picked

    def unseen(self, candidates: Sequence[C]) -> int:
        """How many of them nobody has looked at yet."""
        return sum(1 for candidate in candidates if not self._looked(candidate))

    def _looked(self, candidate: QueuedRoom) -> int:
        turn = self._turns.get(candidate.id)
        return turn.looked if turn is not None else 0

    def _turn(self, key: str) -> _Turn:
        if key not in self._turns and len(self._turns) >= MAX_TURNS:
            # Rooms that are at rest by now: forgetting a turn only means an early look.
            oldest = sorted(self._turns, key=lambda k: self._turns[k].looked)[: MAX_TURNS // 2]
            for old in oldest:
                del self._turns[old]
        return self._turns.setdefault(key, _Turn())
