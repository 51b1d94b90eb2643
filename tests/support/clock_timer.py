"""Calls that a manual clock makes: what APScheduler does for the oracle, on a test's own time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.support.manual_clock import ManualClock


class ClockTimer:
    """`oracle.periodic.Timer` on a `ManualClock`."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None: ...

    def after(self, seconds: float, name: str, call: Callable[[], None]) -> None:
        task = asyncio.ensure_future(self._call(seconds, call))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _call(self, seconds: float, call: Callable[[], None]) -> None:
        await self._clock.sleep(seconds)
        call()
