"""The simulated clock, and calls that take long."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from random import Random


async def quiet() -> None:
    """Let every task run until all of them wait for time or for the world."""
    loop = asyncio.get_running_loop()
    ready = loop._ready  # type: ignore[attr-defined]  # no public way to see that all is quiet
    while ready:
        await asyncio.sleep(0)


class OracleSimClock:
    """Time passes only by `advance`."""

    def __init__(self, start: float) -> None:
        self._now = start
        self._start = start
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[bool]]] = []
        self._parked: list[tuple[float, int, asyncio.Future[bool]]] = []

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now - self._start

    async def sleep(self, seconds: float) -> None:
        await self._until(self._sleepers, max(0.0, seconds))

    async def park(self, seconds: float) -> bool:
        """A slow call: True if it took all of its time-out."""
        return await self._until(self._parked, seconds)

    def release_one(self, rng: Random) -> None:
        """One slow call is answered; any of them, so answers overtake each other."""
        if self._parked:
            self._end(self._parked.pop(rng.randrange(len(self._parked))), False)
            heapq.heapify(self._parked)

    def release_all(self) -> bool:
        """All slow calls are answered; False if there were none."""
        some = bool(self._parked)
        while self._parked:
            self._end(self._parked.pop(), False)
        return some

    async def advance(self, seconds: float) -> None:
        """Time passes; sleepers wake and slow calls time out on the way."""
        end = self._now + seconds
        await quiet()
        while True:
            due = [heap[0] for heap in (self._sleepers, self._parked) if heap and heap[0][0] <= end]
            if not due:
                break
            first = min(due)
            heap = self._sleepers if self._sleepers and self._sleepers[0] is first else self._parked
            self._now = max(self._now, first[0])
            self._end(heapq.heappop(heap), True)
            await quiet()
        self._now = end

    def skip(self, seconds: float) -> None:
        """Much time passes at once; whoever slept is late."""
        self._now += seconds

    async def _until(
        self, heap: list[tuple[float, int, asyncio.Future[bool]]], seconds: float
    ) -> bool:
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        heapq.heappush(heap, (self._now + seconds, next(self._order), future))
        return await future

    @staticmethod
    def _end(sleeper: tuple[float, int, asyncio.Future[bool]], timed_out: bool) -> None:
        if not sleeper[2].done():
            sleeper[2].set_result(timed_out)
