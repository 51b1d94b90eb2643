"""The running oracle: its loops, its lease, its periodic jobs.

Promises
1. A new head wakes everything at once, and once more as soon as the index has folded it; nothing
   depends on a wake-up, since every loop also runs by itself every few seconds.
2. Without the lease nothing is changed anywhere; with it, every effect asks how long it lasts.
3. `run` ends when `stop` is set, or when the settings turn out wrong; it then gives the lease back.
   A task that dies of a bug is started again and told (`common.task_keeper`).
Assumes: `oracle.bootstrap` has put the parts together.
On restart: open records are read from the journal, everything else from chain and index.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog

from chain.rpc.heads import HeadWatcher, Wakeups
from common.clock import Clock, Rng
from common.lease import Lease
from common.supervisor import JobGuard, JobLoop, Signal
from common.task_keeper import TaskKeeper
from common.tasks import end_tasks
from oracle.index_view import IndexView
from oracle.journal import OpenRecords
from oracle.metrics import OracleMetrics
from oracle.periodic import PeriodicJob, PeriodicJobs, SchedulerTimer, Timer
from oracle.problems import Problems
from oracle.reconciler import Reconciler
from oracle.self_closing import WorkMeter
from oracle.steps.select import Choose

log = structlog.get_logger(__name__)

IDLE_SECONDS = 5.0
SENDER_SECONDS = 2.0
INDEX_POLL_SECONDS = 0.02
INDEX_PATIENCE_SECONDS = 2.0
FOLD = "fold"
PROVISION = "provision"


@dataclass
class OracleService:
    """See the module. `timer` makes what calls the periodic jobs, APScheduler if None. `meter` is
    told how long the passes over pending rooms take."""

    clock: Clock
    rng: Rng
    heads: HeadWatcher
    lease: Lease
    records: OpenRecords
    index: IndexView
    reconciler: Reconciler
    metrics: OracleMetrics
    problems: Problems
    guard: JobGuard
    keeper: TaskKeeper
    passes: dict[str, Choose]
    next_due: Callable[[], float | None]
    send: Callable[[], Awaitable[bool]]
    halted: Callable[[], bool]
    periodic: Sequence[PeriodicJob]
    timer: Callable[[], Timer] | None = None
    meter: WorkMeter | None = None
    sender_wakeups: Wakeups = field(init=False)
    _wakeups: list[Signal] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.sender_wakeups = self.heads.subscribe()
        aside = [periodic.name for periodic in self.periodic if not periodic.vital]
        self.problems.aside = frozenset((*aside, FOLD))

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set. Raises what tells that the settings are wrong."""
        loops = [self._pass_loop(name, choose) for name, choose in self.passes.items()]
        sender = JobLoop(
            "sender", self.send, self.sender_wakeups, self.guard, self.clock,
            seconds=SENDER_SECONDS, allowed=self._may_work,
        )  # fmt: skip
        self._wakeups = [loop.wakeups for loop in (*loops, sender)]
        periodic = PeriodicJobs(
            self.periodic, self.guard, self.clock, self.rng, allowed=self._may_work,
            took=lambda name, seconds: self.metrics.job_seconds.labels(name).set(seconds),
            note=self.problems.note, timer=self.timer or (lambda: SchedulerTimer(self.clock)),
        )  # fmt: skip
        tasks = [
            asyncio.ensure_future(work)
            for work in (
                self.heads.run(self.keeper),
                self.keeper.keep("lease", self._keep_lease),
                self.keeper.keep("follow_index", self._follow_index),
                self.keeper.keep("periodic", periodic.run),
                *(self.keeper.keep(loop.name, loop.run) for loop in (sender, *loops)),
                self._until_wrong(),
                stop.wait(),
            )
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self.problems.stop()
            await end_tasks(*tasks)
            await self.lease.let_go()

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

    def _lease_jobs(self) -> list[str]:
        """The jobs that do not run while another oracle acts."""
        periodic = [periodic.name for periodic in self.periodic if periodic.needs_lease]
        return [*self.passes, "sender", FOLD, *periodic]

    def _pass_loop(self, name: str, choose: Choose) -> JobLoop:
        async def once() -> bool:
            began = self.clock.monotonic()
            selection = await choose()
            moved = 0
            if selection.rooms:
                moved = await self.reconciler.advance(selection.rooms)
                now = self.clock.monotonic()
                self.metrics.pass_seconds.labels(name).observe(now - began)
                if name == PROVISION and self.meter is not None:
                    self.meter.passed(now, now - began, moved)
            self.metrics.passes.labels(name, "moved" if moved else "idle").inc()
            return bool(moved) or selection.more

        return JobLoop(
            name, once, self.heads.subscribe(), self.guard, self.clock,
            seconds=IDLE_SECONDS, when=self.next_due, allowed=self._may_work,
        )  # fmt: skip

    async def _keep_lease(self) -> None:
        while True:
            await self.guard.run("lease", self._lease_step)
            await self.clock.sleep(self.lease.pause_seconds)

    async def _lease_step(self) -> None:
        had = self.lease.held
        has = await self.lease.step()
        holder = self.lease.other or "another process"
        self.problems.note("lease", None if has else f"held by {holder}")
        if had != has:
            self.metrics.lease_changes.labels("won" if has else "lost").inc()
            log.info("lease won" if has else "lease lost", fence=self.lease.token)
        if had and not has:
            self.metrics.lost_lease()
        if not has:
            self.records.forget()
            self.problems.forget(self._lease_jobs())
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
                await self.guard.run(FOLD, partial(self._until_folded, head.number))
                self.wake()

    async def _until_folded(self, number: int) -> None:
        deadline = self.clock.monotonic() + INDEX_PATIENCE_SECONDS
        while self.clock.monotonic() < deadline:
            progress = await self.index.progress()
            if progress is not None and progress.block >= number:
                return
            await self.clock.sleep(INDEX_POLL_SECONDS)
