"""Runs a service's work again and again, and survives its failures.

Promises: a job never overlaps with itself; its failure is counted, reported once in words, and ends
neither the job nor its neighbours. What a kind of error leads to is a table of the service's
(`Actions`); an error that only a person can put right ends the process: `JobGuard.over`.
Assumes: the last row of the table takes every `Exception`; `wake` may be called at any time.
On restart: all jobs run at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from common.clock import Clock

PAUSE_SECONDS = 0.5

Errors = tuple[type[Exception], ...]
Actions = Sequence[tuple[Errors, Callable[[str, Exception], None]]]
"""Kinds of error, and what is done with one, given the job's name; the first row that fits."""


class Signal(Protocol):
    """What wakes a loop; `chain.rpc.heads.Wakeups` is one."""

    def wake(self) -> None: ...

    async def wait(self, seconds: float) -> object: ...


class JobGuard:
    """Runs a job once, whatever happens; True if it went well.

    `fatal`: errors that end the process, `wrong` then being the first of them. `worked` and
    `failed` get each job's name after it ran.
    """

    def __init__(
        self,
        actions: Actions,
        *,
        fatal: Errors = (),
        worked: Callable[[str], None],
        failed: Callable[[str], None],
    ) -> None:
        self._actions = (*actions,)
        self._fatal = fatal
        self._worked = worked
        self._failed = failed
        self.wrong: Exception | None = None
        self.over = asyncio.Event()

    async def run(self, name: str, job: Callable[[], Awaitable[object]]) -> bool:
        """See the class."""
        try:
            await job()
        except self._fatal as error:
            self.wrong = self.wrong or error
            self.over.set()
        except Exception as error:
            next(act for kinds, act in self._actions if isinstance(error, kinds))(name, error)
        else:
            self._worked(name)
            return True
        self._failed(name)
        return False


class JobLoop:
    """A job that runs when woken, and every `seconds`; `when` bounds the wait further."""

    def __init__(
        self,
        name: str,
        job: Callable[[], Awaitable[bool]],
        wakeups: Signal,
        guard: JobGuard,
        clock: Clock,
        *,
        seconds: float,
        when: Callable[[], float | None] = lambda: None,
        allowed: Callable[[], bool] = lambda: True,
    ) -> None:
        """`job` answers whether there may be more to do at once. `when`: unix time of the next
        known work. `allowed`: whether this process may work at all (the lease)."""
        self.name = name
        self.wakeups = wakeups
        self._job = job
        self._guard = guard
        self._clock = clock
        self._seconds = seconds
        self._when = when
        self._allowed = allowed
        self._more = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.wakeups.wait(self._wait())
            if not self._allowed():
                continue
            self._more = False
            if not await self._guard.run(self.name, self._once):
                await self._clock.sleep(PAUSE_SECONDS)
            if self._more:
                self.wakeups.wake()

    async def _once(self) -> None:
        self._more = await self._job()

    def _wait(self) -> float:
        when = self._when()
        if when is None:
            return self._seconds
        return min(self._seconds, max(0.01, when - self._clock.now()))
