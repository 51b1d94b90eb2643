"""The stand-in's clock.

Promises: `now()` in seconds since the epoch; `advance` moves it forward only, and tells
`on_advance`.
Assumes: the offset is kept by the caller's `StandInStore`, so that a restart does not turn time
back.
On restart: begins with the offset it is given.
"""

import time
from collections.abc import Callable
from typing import Protocol


class StandInClock(Protocol):
    """Where the time comes from."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...


class StandInSystemClock:
    """The machine's clock."""

    def now(self) -> float:
        return time.time()


class ShiftedClock:
    """Another clock plus an offset that tests may raise."""

    def __init__(self, base: StandInClock, offset: float = 0.0) -> None:
        self._base = base
        self.offset = offset
        self.on_advance: list[Callable[[], None]] = []

    def now(self) -> float:
        return self._base.now() + self.offset

    def advance(self, seconds: float) -> float:
        """Moves the clock forward by `seconds`; returns the new offset.

        Raises ValueError for a negative value: no part of the stand-in copes with time going back.
        """
        if seconds < 0:
            raise ValueError("the clock only moves forward: advance by zero or more seconds")
        self.offset += seconds
        for look in self.on_advance:
            look()
        return self.offset
