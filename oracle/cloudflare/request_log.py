"""A sliding log of our own requests.

A request occupies a place from the moment it is sent until `seconds` after its answer: the server
counted it at some moment in between, so at every moment our count is at least the server's, whether
its window slides or is fixed and wherever a fixed one begins. What this costs is one answer time a
window. Promises: pure, no clock of its own; times are monotonic seconds. Keeps the last `horizon`
seconds; a restart forgets them, and the server's own headers then tell (`rate_headers`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import NamedTuple

_DRIFT = 1e-4  # two machines' clocks may run apart by this much
_GRAIN = 0.02


class RateLimit(NamedTuple):
    """At most `requests` within any `seconds`."""

    requests: int
    seconds: float

    def hold(self) -> float:
        """How long an answered request goes on occupying its place."""
        return self.seconds * (1 + _DRIFT) + _GRAIN


class RequestLog:
    """When our requests were answered, and how many are on their way."""

    def __init__(self, horizon: float) -> None:
        self.in_flight = 0
        self._horizon = horizon
        self._done: list[float] = []

    def sent(self) -> None:
        """A request leaves."""
        self.in_flight += 1

    def unsent(self) -> None:
        """It did not leave after all."""
        self.in_flight -= 1

    def finished(self, now: float) -> None:
        """A request was answered, failed or was abandoned at `now`."""
        self.in_flight -= 1
        self._done.append(now)
        if len(self._done) > 64 and self._done[len(self._done) // 2] < now - self._horizon:
            del self._done[: bisect_left(self._done, now - self._horizon)]

    def keep(self, horizon: float) -> None:
        """Keeps at least `horizon` seconds from now on."""
        self._horizon = max(self._horizon, horizon)

    def finished_since(self, moment: float) -> int:
        """How many were answered at or after `moment`."""
        return len(self._done) - bisect_left(self._done, moment)

    def used(self, limit: RateLimit, now: float) -> int:
        """How many places of `limit` are occupied at `now`, those in flight included."""
        settled = len(self._done) - bisect_right(self._done, now - limit.hold())
        return settled + self.in_flight

    def frees_in(self, limit: RateLimit, now: float, room: int) -> float:
        """Seconds until fewer than `room` places are occupied, as time alone frees them.

        0 if that holds now; infinite if only an answer to what is in flight can do it.
        """
        excess = self.used(limit, now) - room + 1
        if excess <= 0:
            return 0.0
        first = bisect_right(self._done, now - limit.hold())
        index = first + excess - 1
        return self._done[index] + limit.hold() - now if index < len(self._done) else float("inf")
