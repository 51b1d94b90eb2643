"""A clock that a test owns: time passes only when the test says so."""

from __future__ import annotations

import asyncio
import heapq
import itertools


class ManualClock:
    """`advance` moves time and wakes the sleepers that are due, in order of their time."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._start = start
        self._elapsed = 0.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self._start + self._elapsed

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._order), future))
        await future

    @property
    def sleepers(self) -> int:
        """How many tasks wait for time to pass."""
        return sum(1 for _, _, future in self._sleepers if not future.done())

    def tick(self, seconds: float) -> None:
        """Move time without letting any task run (for code that never sleeps)."""
        self._elapsed += seconds

    async def advance(self, seconds: float, settle: int = 20) -> None:
        """Move time by `seconds`, letting due tasks run (each gets `settle` turns of the loop)."""
        end = self._elapsed + seconds
        await self._settle(settle)
        while self._sleepers and self._sleepers[0][0] <= end:
            due, _, future = heapq.heappop(self._sleepers)
            self._elapsed = max(self._elapsed, due)
            if not future.done():
                future.set_result(None)
                await self._settle(settle)
        self._elapsed = end
        await self._settle(settle)

    @staticmethod
    async def _settle(turns: int) -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
