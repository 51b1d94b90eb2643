"""Requests sent through a rate limiter to a model server, on a clock of the test's own."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from oracle.cloudflare.operations import Operation, Priority
from oracle.cloudflare.rate_limit import RateLimiter
from oracle.cloudflare.request_log import RateLimit
from tests.support.manual_clock import ManualClock
from tests.unit.oracle.rate_servers import FirstCall, Fixed, RateServer, Sliding

LIMIT = RateLimit(120, 30.0)
FORMS: dict[str, Callable[[ManualClock], RateServer]] = {
    "sliding": lambda clock: Sliding(clock, *LIMIT),
    "first call": lambda clock: FirstCall(clock, *LIMIT),
    "fixed": lambda clock: Fixed(clock, *LIMIT),
    "fixed, about to turn": lambda clock: Fixed(clock, *LIMIT, offset=29.5),
}


class Traffic:
    """Sends requests through a rate limiter to a server, each taking a while there and back."""

    def __init__(
        self, clock: ManualClock, rate_limiter: RateLimiter, server: RateServer, seed: int = 1
    ) -> None:
        self.clock, self.rate_limiter, self.server = clock, rate_limiter, server
        self._rng = random.Random(seed)
        self.done: list[tuple[Priority, float]] = []

    async def request(self, priority: Priority = Priority.PROVISION, wait: float = 9e9) -> None:
        served = False
        while not served:
            async with self.rate_limiter.slot(Operation.CREATE, priority, wait) as slot:
                slot.leave()
                await self.clock.sleep(self._rng.uniform(0.01, 0.2))
                served, headers = self.server.take()
                await self.clock.sleep(self._rng.uniform(0.01, 0.1))
                if served:
                    slot.answered(headers)
                else:
                    slot.rate_limited(float(headers["retry-after"]))
        self.done.append((priority, self.clock.monotonic()))

    async def drive(self, tasks: list[asyncio.Task[None]], limit: float = 2000.0) -> None:
        end = self.clock.monotonic() + limit
        while not all(task.done() for task in tasks):
            assert self.clock.monotonic() < end, "the traffic does not come to its end"
            await self.clock.advance(1.0, settle=100)
        for task in tasks:
            task.result()

    def start(self, n: int, priority: Priority = Priority.PROVISION) -> list[asyncio.Task[None]]:
        return [asyncio.ensure_future(self.request(priority)) for _ in range(n)]


def traffic_of(form: str, *limits: RateLimit) -> Traffic:
    clock = ManualClock()
    return Traffic(clock, RateLimiter(clock, limits or (LIMIT,)), FORMS[form](clock))
