"""The running oracle: its loops, its lease, its periodic jobs.

Promises
1. A new head wakes everything at once, and once more as soon as the index has folded it; nothing
   depends on a wake-up, since every loop also runs by itself every few seconds.
2. Without the lease nothing is changed anywhere; with it, every effect asks how long it lasts.
3. `run` ends when `stop` is set, or when a task fails in a way that only a restart mends; it then
   gives the lease back.
Assumes: `oracle.bootstrap` has put the parts together.
On restart: open records are read from the journal, everything else from chain and index.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from chain.rpc.heads import HeadWatcher, Wakeups
from common.clock import Clock
from common.lease import Lease
from common.supervisor import JobGuard, JobLoop, Signal
from common.tasks import end_tasks
from oracle.index_view import IndexView
from oracle.journal import OpenRecords
from oracle.metrics import OracleMetrics
from oracle.problems import Problems
from oracle.reconciler import Reconciler
from oracle.steps.select import Choose

log = structlog.get_logger(__name__)

IDLE_SECONDS = 5.0
SENDER_SECONDS = 2.0
INDEX_POLL_SECONDS = 0.02
INDEX_PATIENCE_SECONDS = 2.0


@dataclass(frozen=True)
class PeriodicJob:
    """A job of APScheduler's, first after `first` seconds, then every `seconds`.

    `needs_lease`: skipped where another oracle acts.
    """

    name: str
    job: Callable[[], Awaitable[object]]
    seconds: float
    needs_lease: bool = False
    first: float | None = None


@dataclass
class OracleService:
    """See the module."""

    clock: Clock
    heads: HeadWatcher
    lease: Lease
    records: OpenRecords
    index: IndexView
    reconciler: Reconciler
    metrics: OracleMetrics
    problems: Problems
    guard: JobGuard
    passes: dict[str, Choose]
    next_due: Callable[[], float | None]
    send: Callable[[], Awaitable[bool]]
    halted: Callable[[], bool]
    periodic: Sequence[PeriodicJob]
    sender_wakeups: Wakeups = field(init=False)
    _wakeups: list[Signal] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.sender_wakeups = self.heads.subscribe()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set. Errors that only a restart mends pass."""
        loops = [self._pass_loop(name, choose) for name, choose in self.passes.items()]
        sender = JobLoop(
            "sender", self.send, self.sender_wakeups, self.guard, self.clock,
            seconds=SENDER_SECONDS, allowed=self._may_work,
        )  # fmt: skip
        self._wakeups = [loop.wakeups for loop in (*loops, sender)]
        scheduler = AsyncIOScheduler()
        for periodic in self.periodic:
            first = periodic.seconds if periodic.first is None else periodic.first
            scheduler.add_job(
                self._periodic(periodic), IntervalTrigger(seconds=periodic.seconds),
                next_run_time=datetime.fromtimestamp(self.clock.now() + first, UTC),
                name=periodic.name, max_instances=1, coalesce=True, misfire_grace_time=None,
            )  # fmt: skip
        scheduler.start()
        tasks = [
            asyncio.ensure_future(work)
            for work in (
                self.heads.run(),
                self._keep_lease(),
                self._follow_index(),
                sender.run(),
                *(loop.run() for loop in loops),
                self._until_wrong(),
                stop.wait(),
            )
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            scheduler.shutdown(wait=False)
            await end_tasks(*tasks)
            await self.guard.run("lease", self.lease.release)

    async def _until_wrong(self) -> None:
        """Until a job finds that the settings cannot be right. Raises that."""
        await self.guard.over.wait()
        if self.guard.wrong is not None:
            raise self.guard.wrong

    def wake(self) -> None:
        """Something may have changed."""
        for wakeups in self._wakeups:
            wakeups.wake()

    def _may_work(self) -> bool:
        mine = self.lease.held and self.records.fence == self.lease.token
        return mine and not self.halted()

    def _pass_loop(self, name: str, choose: Choose) -> JobLoop:
        async def once() -> bool:
            began = self.clock.monotonic()
            selection = await choose()
            moved = 0
            if selection.rooms:
                moved = await self.reconciler.advance(selection.rooms)
                self.metrics.pass_seconds.labels(name).observe(self.clock.monotonic() - began)
            self.metrics.passes.labels(name, "moved" if moved else "idle").inc()
            return bool(moved) or selection.more

        return JobLoop(
            name, once, self.heads.subscribe(), self.guard, self.clock,
            seconds=IDLE_SECONDS, when=self.next_due, allowed=self._may_work,
        )  # fmt: skip

    def _periodic(self, periodic: PeriodicJob) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            if not periodic.needs_lease or self._may_work():
                await self.guard.run(periodic.name, periodic.job)

        return run

    async def _keep_lease(self) -> None:
        while True:
            await self.guard.run("lease", self._lease_step)
            await self.clock.sleep(self.lease.pause_seconds)

    async def _lease_step(self) -> None:
        had = self.lease.held
        has = await self.lease.step()
        self.metrics.lease.set(int(has))
        holder = self.lease.other or "another process"
        self.problems.note("lease", None if has else f"held by {holder}")
        if had != has:
            self.metrics.lease_changes.labels("won" if has else "lost").inc()
            log.info("lease won" if has else "lease lost", fence=self.lease.token)
        if not has:
            self.records.forget()
        elif self.records.fence != self.lease.token:
            self.records.forget()
            await self.records.load(self.lease.token)
            self.wake()

    async def _follow_index(self) -> None:
        """Wake the passes again once the index has folded the block that woke them."""
        wakeups = self.heads.subscribe()
        while True:
            await wakeups.wait(IDLE_SECONDS)
            head = self.heads.latest
            if head is not None and self._may_work():
                await self.guard.run("fold", partial(self._until_folded, head.number))
                self.wake()

    async def _until_folded(self, number: int) -> None:
        deadline = self.clock.monotonic() + INDEX_PATIENCE_SECONDS
        while self.clock.monotonic() < deadline:
            progress = await self.index.progress()
            if progress is not None and progress.block >= number:
                return
            await self.clock.sleep(INDEX_POLL_SECONDS)
