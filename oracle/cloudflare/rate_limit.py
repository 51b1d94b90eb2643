"""Cloudflare's rate limit: the one gate through which every request to an account passes.

Promises:
- Never more than the configured limits (by default 1200 requests in 5 minutes and 100 a second), in
  any window, sliding or fixed, nor more than the server announces or says is left; the full limit
  is used, one answer time a window apart.
- After a 429 nothing is sent before `Retry-After` has passed (a whole window if there is none),
  and then one request at a time until one is answered.
- More urgent requests go first; a less urgent one is overtaken for at most `patience` seconds a
  step, and equals go in order; so it is also for who leaves without a place and comes back within
  `RETURN_SECONDS` (`KeptPlaces`). A small reserve is for take-downs only, which nobody overtakes.
- A wait is bounded by the caller and ends in `BudgetExhausted`; a cancelled waiter leaves no trace.

Assumes: one process per token is normal; what others use is seen from the headers
(`rate_headers.ServerQuota`). A server that weights its previous window (an approximate sliding
counter) may still answer a 429 after a full burst; then the second promise holds.
On restart the log (`request_log`) is empty and the headers tell.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from bisect import insort
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from common.clock import Clock, wait_event
from oracle.cloudflare.errors import BudgetExhausted
from oracle.cloudflare.operations import Operation, Priority
from oracle.cloudflare.rate_headers import ServerQuota, rate_report
from oracle.cloudflare.request_log import RateLimit, RequestLog

CLOUDFLARE_LIMITS = (RateLimit(1200, 300.0), RateLimit(100, 1.0))
MAX_PENALTY_SECONDS = 900.0
TAKE_DOWN_EXTRA_IN_FLIGHT = 4
RESERVE_FRACTION = 100
RETURN_SECONDS = 20.0
"""The oracle comes back to a room after ten seconds at the latest, and once its turn is there."""
MAX_KEPT = 2000
_LEAST_PAUSE = 0.001
_LEAST_WAIT = 1.0
_FEW_LEFT = 20


class _KeptPlace(NamedTuple):
    rank: float
    until: float
    priority: Priority


class KeptPlaces:
    """Places kept for requests that found none in time and will come back.

    A caller waits a moment only, then turns to other rooms and comes back later. Without this it
    would come back as the last of all, and a request that happens to wait when a window opens,
    however little it matters, would take the places. Who comes back takes up the oldest place
    kept for its priority, and the rank that goes with it; a place is kept for `seconds` after its
    owner left, no longer. Pure; times are passed in.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._places: list[_KeptPlace] = []

    def keep(self, priority: Priority, rank: float, now: float) -> None:
        """Somebody of this rank left without a place."""
        self._forget(now)
        if len(self._places) < MAX_KEPT:
            insort(self._places, _KeptPlace(rank, now + self._seconds, priority))

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


@dataclass(order=True, slots=True)
class _Waiter:
    rank: float
    order: int
    priority: Priority = field(compare=False)
    turn: asyncio.Event = field(compare=False, default_factory=asyncio.Event)
    gone: bool = field(compare=False, default=False)


@dataclass(frozen=True, slots=True)
class RateLimitReport:
    """A look at the limit, for status and metrics."""

    in_flight: int
    waiting: Mapping[Priority, int]
    room: int
    blocked_seconds: float


class Slot:
    """The right to send one request."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.sent_at: float | None = None
        self.headers: Mapping[str, str] | None = None
        self.refused = False
        self.retry_after: float | None = None

    def leave(self) -> None:
        """The request is being sent; a slot that was never left costs nothing."""
        self.sent_at = self._clock.monotonic()

    def answered(self, headers: Mapping[str, str]) -> None:
        """An answer came, other than a refusal for its rate. Header names in lower case."""
        self.headers = headers

    def rate_limited(self, retry_after: float | None) -> None:
        """A 429 came, with its `Retry-After` in seconds if it had one."""
        self.refused = True
        self.retry_after = retry_after


class RateLimiter:
    """See the module. One object per Cloudflare account, shared by all jobs."""

    def __init__(
        self,
        clock: Clock,
        limits: Sequence[RateLimit] = CLOUDFLARE_LIMITS,
        *,
        max_in_flight: int = 16,
        patience: float | None = None,
    ) -> None:
        """`limits[0]` is the account's limit. `patience` defaults to its window."""
        if not limits or any(limit.requests < 1 or limit.seconds <= 0 for limit in limits):
            raise ValueError("every rate limit must allow at least one request in a positive time")
        if max_in_flight < 1:
            raise ValueError("at least one request must be allowed in flight")
        self._clock = clock
        self._configured = tuple(limits)
        self._limits = self._configured
        self._log = RequestLog(max(limit.hold() for limit in limits))
        self._server_quota = ServerQuota(limits[0])
        self._max_in_flight = max_in_flight
        self._patience = limits[0].seconds if patience is None else patience
        self._blocked_until = float("-inf")
        self._probing = False
        self._waiters: list[_Waiter] = []
        self._kept_places = KeptPlaces(RETURN_SECONDS)
        self._order = itertools.count()

    @asynccontextmanager
    async def slot(
        self, operation: Operation, priority: Priority, max_wait: float
    ) -> AsyncIterator[Slot]:
        """Waits for its turn, at most `max_wait` seconds; raises BudgetExhausted."""
        await self._acquire(operation, priority, max_wait)
        slot = Slot(self._clock)
        try:
            yield slot
        finally:
            self._close(slot)

    def report(self) -> RateLimitReport:
        """What is used and who waits."""
        waiting = [waiter.priority for waiter in self._waiters if not waiter.gone]
        return RateLimitReport(
            in_flight=self._log.in_flight,
            waiting={priority: waiting.count(priority) for priority in Priority},
            room=max(0, self._room(Priority.SWEEP)),
            blocked_seconds=max(0.0, self._blocked_until - self._clock.monotonic()),
        )

    def spare(self) -> float:
        """Which share of every limit is free, 0 to 1; 0 while somebody waits, after a refusal, and
        where the server says that little is left. For questions that can as well be left out."""
        now = self._clock.monotonic()
        if now < self._blocked_until or self._probing or self._first() is not None:
            return 0.0
        told = self._server_quota.room(now, self._log.in_flight)
        if told is not None and told < _FEW_LEFT:
            return 0.0
        return min(1 - self._log.used(limit, now) / limit.requests for limit in self._limits)

    async def _acquire(self, operation: Operation, priority: Priority, max_wait: float) -> None:
        now = self._clock.monotonic()
        deadline = now + max_wait
        waiter = _Waiter(self._rank(priority, now), next(self._order), priority)
        heapq.heappush(self._waiters, waiter)
        try:
            while True:
                first = self._first() is waiter
                now = self._clock.monotonic()
                room = self._room(priority)
                kept = (
                    self._kept_places.ahead(priority, waiter.rank, now) if first and room > 0 else 0
                )
                if first and room > kept:
                    self._log.sent()
                    return
                left = deadline - now
                if left <= 0 or self._blocked_until > deadline:
                    if priority is not Priority.TAKE_DOWN:  # which has places of its own
                        self._kept_places.keep(priority, waiter.rank, now)
                    raise self._exhausted(operation, priority)
                pause = self._kept_places.ends_in(now) if kept else self._pause(priority)
                pause = min(left, pause) if first else left
                waiter.turn.clear()
                await wait_event(self._clock, waiter.turn, max(pause, _LEAST_PAUSE))
        finally:
            waiter.gone = True
            self._wake_first()

    def _rank(self, priority: Priority, now: float) -> float:
        if priority is Priority.TAKE_DOWN:
            return float("-inf")
        kept = self._kept_places.redeem(priority, now)
        return now + priority * self._patience if kept is None else kept

    def _close(self, slot: Slot) -> None:
        now = self._clock.monotonic()
        if slot.sent_at is None:
            self._log.unsent()
        else:
            self._log.finished(now)
            if slot.headers is not None:
                self._probing = False
                self._read(slot.headers, slot.sent_at, now)
        if slot.refused:
            told = slot.retry_after
            penalty = self._configured[0].seconds if told is None else told
            self._blocked_until = max(self._blocked_until, now + min(penalty, MAX_PENALTY_SECONDS))
            self._probing = True
        self._wake_first()

    def _read(self, headers: Mapping[str, str], sent_at: float, now: float) -> None:
        report = rate_report(headers)
        if report is None:
            return
        if report.policies:
            self._limits = (*self._configured, *report.policies)
            self._log.keep(max(limit.hold() for limit in self._limits))
        self._server_quota.report(report, sent_at, now, self._log)

    def _room(self, priority: Priority) -> int:
        """How many requests of this priority may leave now; 0 or less: none."""
        now = self._clock.monotonic()
        if now < self._blocked_until:
            return 0
        rooms = [self._in_flight_cap(priority) - self._log.in_flight]
        rooms += [places(limit, priority) - self._log.used(limit, now) for limit in self._limits]
        told = self._server_quota.room(now, self._log.in_flight)
        return min(rooms) if told is None else min(*rooms, told)

    def _pause(self, priority: Priority) -> float:
        """Seconds until time alone may make room; infinite where only an answer can."""
        now = self._clock.monotonic()
        if self._log.in_flight >= self._in_flight_cap(priority):
            return float("inf")
        pauses = [self._log.frees_in(limit, now, places(limit, priority)) for limit in self._limits]
        return max(*pauses, self._server_quota.frees_in(now), self._blocked_until - now)

    def _in_flight_cap(self, priority: Priority) -> int:
        if self._probing:
            return 1
        extra = TAKE_DOWN_EXTRA_IN_FLIGHT if priority is Priority.TAKE_DOWN else 0
        return self._max_in_flight + extra

    def _first(self) -> _Waiter | None:
        while self._waiters and self._waiters[0].gone:
            heapq.heappop(self._waiters)
        return self._waiters[0] if self._waiters else None

    def _wake_first(self) -> None:
        first = self._first()
        if first is not None:
            first.turn.set()

    def _exhausted(self, operation: Operation, priority: Priority) -> BudgetExhausted:
        blocked = self._blocked_until - self._clock.monotonic()
        pause = self._pause(priority)
        detail = (
            "rate limited by Cloudflare"
            if blocked > 0
            else "no free request in the rate limit's budget in time"
        )
        wait = max(pause, _LEAST_WAIT) if pause < float("inf") else _LEAST_WAIT
        return BudgetExhausted(operation, detail, until=self._clock.now() + wait)


def places(limit: RateLimit, priority: Priority) -> int:
    """How many of a limit's requests this priority may use: a hundredth is for take-downs only."""
    if priority is Priority.TAKE_DOWN:
        return limit.requests
    return max(1, limit.requests - max(1, limit.requests // RESERVE_FRACTION))
