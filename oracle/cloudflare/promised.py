"""Places kept for requests that found none in time and will come back.

A caller waits a moment only, then turns to other rooms and comes back later. Without this it would
come back as the last of all, and whoever happens to stand there when a window opens, however little
its call matters, would take the places.

Promises: who comes back takes up the oldest place kept for its priority, and the rank that goes
with it; a place is kept for `seconds` after its owner left, no longer. Pure; times are passed in.
"""

from __future__ import annotations

from bisect import insort
from typing import NamedTuple

from oracle.cloudflare.operations import Priority

MAX_KEPT = 2000


class _Place(NamedTuple):
    rank: float
    until: float
    priority: Priority


class Promised:
    """See the module."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._places: list[_Place] = []

    def keep(self, priority: Priority, rank: float, now: float) -> None:
        """Somebody of this rank left without a place."""
        self._forget(now)
        if len(self._places) < MAX_KEPT:
            insort(self._places, _Place(rank, now + self._seconds, priority))

    def redeem(self, priority: Priority, now: float) -> float | None:
        """Somebody of this priority comes: the rank of the oldest place kept for it."""
        self._forget(now)
        for index, place in enumerate(self._places):
            if place.priority is priority:
                return self._places.pop(index).rank
        return None

    def ahead(self, priority: Priority, rank: float, now: float) -> int:
        """How many places are kept for more urgent requests that come before this rank.

        Equals do not wait for who is away: a place that nobody uses would be lost.
        """
        self._forget(now)
        return sum(1 for p in self._places if p.priority < priority and p.rank < rank)

    def ends_in(self, now: float) -> float:
        """Seconds until one of them is kept no longer; infinite without any."""
        return min((place.until - now for place in self._places), default=float("inf"))

    def _forget(self, now: float) -> None:
        self._places = [place for place in self._places if place.until > now]
