"""Time and chance, passed in.

Promises: this is the one module of `common`, `chain`, `indexer` and `oracle` that touches the real
clock. Everything else takes a `Clock` (and an `Rng` where it needs jitter), so that a test or a
simulation decides how time passes.
Assumes: `now` may jump (the system clock is corrected), `monotonic` never goes back.
On restart: nothing is kept; `monotonic` values mean nothing in another process.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Clock(Protocol):
    """What the services know of time."""

    def now(self) -> float:
        """Unix time in seconds; compare it with block timestamps."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start that never go back; measure durations with it."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; a negative or zero time yields once."""
        ...


class Rng(Protocol):
    """A source of chance; `random.Random` fits."""

    def random(self) -> float:
        """A float in [0, 1)."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


async def wait_event(clock: Clock, event: asyncio.Event, seconds: float) -> bool:
    """Wait until `event` is set, at most `seconds` of `clock`. True: it is set."""
    if event.is_set():
        return True
    waiter = asyncio.ensure_future(event.wait())
    sleeper = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({waiter, sleeper}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiter.cancel()
        sleeper.cancel()
    return event.is_set()


async def within(clock: Clock, seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which is cancelled after `seconds`: TimeoutError then."""
    task = asyncio.ensure_future(work)
    sleeper = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({task, sleeper}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise TimeoutError
        return task.result()
    finally:
        task.cancel()
        sleeper.cancel()


def jittered(seconds: float, rng: Rng, spread: float = 0.2) -> float:
    """`seconds` give or take up to `spread` of itself, so that clients do not march in step."""
    return seconds * (1.0 + spread * (2.0 * rng.random() - 1.0))
