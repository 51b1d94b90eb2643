"""The oracle's jobs on the clock's rhythm: looks around, measurements, the sweep.

Promises
1. A run that failed is followed by another within a minute, however rare the job is: after 5 s,
   then with growing pauses, until one works; a job that rooms wait for is tried every 2 s.
2. A run plans the next one when it ends: runs of a job never overlap, and none is skipped or piled
   up. A job that keeps taking longer than its rhythm is a note in words, and `oracle_job_seconds`.
3. A job that needs the lease is due again soon after the lease is won, not a whole rhythm later.
4. Runs under way end with `run`; none is left behind, and none is an error of APScheduler's. A bug
   of this module's ends `run`, which its keeper starts again: no job stops in silence.
Assumes: `JobGuard` takes every `Exception` of a job.
On restart: each job runs after its `first` seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from common.clock import Clock, Rng, jittered
from common.supervisor import JobGuard
from common.tasks import end_tasks

VITAL_RETRY_SECONDS = 2.0
RETRY_SECONDS = 5.0
LONGEST_RETRY_SECONDS = 50.0  # with its jitter, a minute
LEASE_LOOK_SECONDS = 5.0
LATE_RUNS = 3
"""So many runs in a row that take longer than the rhythm are said."""


@dataclass(frozen=True)
class PeriodicJob:
    """A job that runs first after `first` seconds, then every `seconds`.

    `job` answers False where what it needs is not there yet: it is tried again as if it had failed.
    `needs_lease`: not run where another oracle acts. `vital`: rooms wait while it fails, so a
    failure means that the oracle is not ready (`oracle.problems`).
    """

    name: str
    job: Callable[[], Awaitable[object]]
    seconds: float
    needs_lease: bool = False
    first: float | None = None
    vital: bool = False


class Timer(Protocol):
    """Calls back later, in the event loop. A test has one of its own clock."""

    def start(self) -> None: ...

    def after(self, seconds: float, name: str, call: Callable[[], None]) -> None: ...

    def stop(self) -> None: ...


class SchedulerTimer:
    """APScheduler's. Needs a running event loop at `start`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def start(self) -> None:
        self._scheduler.start()

    def after(self, seconds: float, name: str, call: Callable[[], None]) -> None:
        at = datetime.fromtimestamp(self._clock.now() + seconds, UTC)
        # It only starts a task of ours, so that ending it is no failure of the scheduler's.
        self._scheduler.add_job(
            _call, DateTrigger(at), args=[call], name=name, misfire_grace_time=None
        )

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)


async def _call(call: Callable[[], None]) -> None:
    call()


def pause_after_failure(job: PeriodicJob, failures: int, rng: Rng) -> float:
    """Seconds to the next run, after so many failed ones in a row."""
    if job.vital:
        return min(job.seconds, jittered(VITAL_RETRY_SECONDS, rng))
    growing = RETRY_SECONDS * 2.0 ** min(failures - 1, 10)
    return min(job.seconds, jittered(min(growing, LONGEST_RETRY_SECONDS), rng))


class PeriodicJobs:
    """See the module.

    `allowed`: whether this process may act (the lease). `took` is told each run's seconds, `note`
    what is to be known of a job, or None.
    """

    def __init__(
        self,
        jobs: Sequence[PeriodicJob],
        guard: JobGuard,
        clock: Clock,
        rng: Rng,
        *,
        allowed: Callable[[], bool],
        took: Callable[[str, float], None],
        note: Callable[[str, str | None], None],
        timer: Callable[[], Timer],
    ) -> None:
        self._jobs = tuple(jobs)
        self._guard = guard
        self._clock = clock
        self._rng = rng
        self._allowed = allowed
        self._took = took
        self._note = note
        self._new_timer = timer
        self._failures = dict.fromkeys((job.name for job in jobs), 0)
        self._late = dict.fromkeys((job.name for job in jobs), 0)
        self._running: set[asyncio.Task[None]] = set()
        self._died: asyncio.Future[None] | None = None

    async def run(self) -> None:
        """Until cancelled. May be started again."""
        self._timer = self._new_timer()
        self._timer.start()
        died = self._died = asyncio.get_running_loop().create_future()
        try:
            for job in self._jobs:
                self._plan(job, job.seconds if job.first is None else job.first)
            await died
        finally:
            self._timer.stop()
            await end_tasks(*self._running)

    def _plan(self, job: PeriodicJob, seconds: float) -> None:
        self._timer.after(seconds, job.name, partial(self._start, job))

    def _start(self, job: PeriodicJob) -> None:
        task = asyncio.ensure_future(self._run(job))
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if self._died is not None and not self._died.done():
            self._died.set_exception(error)

    async def _run(self, job: PeriodicJob) -> None:
        pause = min(job.seconds, LEASE_LOOK_SECONDS)
        if not job.needs_lease or self._allowed():
            pause = await self._once(job)
        self._plan(job, pause)

    async def _once(self, job: PeriodicJob) -> float:
        """Run it; seconds to the next run."""
        begun, found = self._clock.monotonic(), True

        async def work() -> None:
            nonlocal found
            found = await job.job() is not False

        worked = await self._guard.run(job.name, work) and found
        seconds = self._clock.monotonic() - begun
        self._took(job.name, seconds)
        self._watch_rhythm(job, seconds)
        self._failures[job.name] = 0 if worked else self._failures[job.name] + 1
        if worked:
            return max(job.seconds - seconds, min(job.seconds, 0.1))
        return pause_after_failure(job, self._failures[job.name], self._rng)

    def _watch_rhythm(self, job: PeriodicJob, seconds: float) -> None:
        late = self._late[job.name] = self._late[job.name] + 1 if seconds > job.seconds else 0
        if late == LATE_RUNS:
            text = f"takes longer than its {job.seconds:g} s: see oracle_job_seconds"
            self._note(f"job {job.name}", text)
        elif late == 0:
            self._note(f"job {job.name}", None)
