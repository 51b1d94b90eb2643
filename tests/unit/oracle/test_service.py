"""The running oracle through a blip of what it needs: on a clock of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any, cast

import pytest
from pymongo.errors import AutoReconnect, NotPrimaryError
from structlog.testing import capture_logs

from chain.header import Head
from chain.rpc.errors import NoEndpoint, TransportError
from chain.rpc.heads import HeadWatcher, Wakeups
from common.lease import Lease, LeaseRecord, LeaseWish
from common.lease_store import MemoryLeaseStore
from common.task_keeper import TaskKeeper
from common.tasks import end_tasks
from oracle.bootstrap import SWEEP_SECONDS
from oracle.cloudflare.errors import ServerTrouble
from oracle.cloudflare.operations import Operation
from oracle.failures import job_guard
from oracle.index_view import IndexView
from oracle.journal import MemoryJournal, OpenRecords
from oracle.metrics import OracleMetrics
from oracle.periodic import PeriodicJob
from oracle.problems import Problems
from oracle.reconciler import Reconciler
from oracle.service import OracleService
from oracle.steps.select import Selection
from tests.support.clock_timer import ClockTimer
from tests.support.manual_clock import ManualClock

FIRST_SWEEP_SECONDS = 10.0


class Outside:
    """Node, database and Cloudflare: each answers, or fails."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.away: dict[str, Exception] = {}
        self.patience = 2.0

    async def ask(self, *names: str) -> None:
        for name in names:
            if name in self.away:
                await self.clock.sleep(self.patience)  # it is not known at once
                if name in self.away:
                    raise self.away[name]


class Leases(MemoryLeaseStore):
    def __init__(self, outside: Outside) -> None:
        super().__init__()
        self._outside = outside

    async def read(self, name: str) -> LeaseRecord | None:
        await self._outside.ask("database")
        return await super().read(name)

    async def swap(self, before: LeaseRecord | None, after: LeaseRecord) -> bool:
        await self._outside.ask("database")
        return await super().swap(before, after)

    async def wish(self, name: str, before: str | None, after: LeaseWish | None) -> bool:
        await self._outside.ask("database")
        return await super().wish(name, before, after)


class Heads:
    """A chain whose head stays where it is."""

    latest = Head(7, "0x07", "0x06", 0, 0)

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock

    def subscribe(self) -> Wakeups:
        return Wakeups(self._clock)

    async def run(self, keeper: TaskKeeper) -> None:
        await asyncio.Event().wait()


class Bench:
    """`OracleService` as `oracle.bootstrap` builds it, between simulated edges."""

    def __init__(self) -> None:
        self.clock = clock = ManualClock()
        self.outside = outside = Outside(clock)
        self.swept: list[float] = []
        self.problems = Problems(clock)
        self.problems.begun = True
        self.leases = Leases(outside)
        metrics = OracleMetrics()
        index: Any = self

        async def choose() -> Selection:
            await outside.ask("database", "node")
            return Selection([], False)

        async def send() -> bool:
            await outside.ask("node", "database")
            return False

        async def sweep() -> None:
            await outside.ask("cloudflare", "database", "node")
            self.swept.append(clock.monotonic())

        async def gates() -> None:
            self.problems.settle()

        self.service = OracleService(
            clock=clock,
            rng=Random(3),
            heads=cast(HeadWatcher, Heads(clock)),
            lease=Lease(self.leases, "it", "me", 12.0, clock, is_dead=lambda _: False),
            records=OpenRecords(MemoryJournal(), "0xc", 1),
            index=cast(IndexView, index),
            reconciler=cast(Reconciler, None),
            metrics=metrics,
            problems=self.problems,
            guard=job_guard(metrics, self.problems),
            keeper=TaskKeeper(clock, Random(4)),
            passes=dict.fromkeys(("release", "provision", "settle"), choose),
            next_due=lambda: None,
            send=send,
            halted=lambda: False,
            periodic=(
                PeriodicJob("operator", lambda: outside.ask("node"), 10.0, vital=True),
                PeriodicJob("gates", gates, 1.0, vital=True),
                PeriodicJob("balance", lambda: outside.ask("node"), 60.0),
                PeriodicJob("queue", lambda: outside.ask("database"), 10.0, needs_lease=True),
                PeriodicJob(
                    "sweep", sweep, SWEEP_SECONDS, needs_lease=True, first=FIRST_SWEEP_SECONDS
                ),
            ),
            timer=lambda: ClockTimer(clock),
        )

    async def progress(self) -> None:
        await self.outside.ask("database")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        stop = asyncio.Event()
        task = asyncio.ensure_future(self.service.run(stop))
        try:
            yield
            stop.set()
            await self.clock.advance(3)
            assert task.done(), "it ends when it is asked to"
        finally:
            await end_tasks(task)

    async def seconds_until(self, holds: Callable[[], bool], most: float) -> float:
        began = self.clock.monotonic()
        while not holds():
            await self.clock.advance(0.25)
            assert self.clock.monotonic() - began <= most, self.problems.readiness()
        return self.clock.monotonic() - began


@pytest.fixture
def bench() -> Iterator[Bench]:
    with capture_logs():
        yield Bench()


CAUSES = {
    "node": TransportError("no connection"),
    "database": AutoReconnect("db:1: connection closed"),
    "cloudflare": ServerTrouble(Operation.LIST, "oops", status=500),
}


@pytest.mark.parametrize("name", CAUSES)
@pytest.mark.parametrize("seconds", [3.0, 90.0])
async def test_scenario_25__a_blip_at_the_moment_of_the_sweep__ready_in_10_s_and_swept_in_60(
    bench: Bench, name: str, seconds: float
) -> None:
    async with bench.running():
        await bench.clock.advance(FIRST_SWEEP_SECONDS - 1)
        assert bench.problems.readiness() == (True, ())
        bench.outside.away[name] = CAUSES[name]
        await bench.clock.advance(seconds)
        assert bench.swept == []
        bench.outside.away.clear()
        await bench.seconds_until(lambda: bench.problems.readiness().ready, 10.0)
        await bench.seconds_until(lambda: bool(bench.swept), 60.0)
        await bench.clock.advance(20.0)
        assert bench.problems.readiness() == (True, ())
        assert len(bench.swept) == 1


async def test_scenario_25__no_primary_for_ten_seconds__told_meanwhile_and_ready_soon_after(
    bench: Bench,
) -> None:
    async with bench.running():
        await bench.clock.advance(30.0)
        bench.outside.patience = 0.0
        bench.outside.away["database"] = NotPrimaryError("not primary")
        await bench.clock.advance(10.0)
        ready, lines = bench.problems.readiness()
        assert not ready
        assert any(line.startswith("database: ") for line in lines)
        bench.outside.away.clear()
        assert await bench.seconds_until(lambda: bench.problems.readiness().ready, 10.0) <= 6.0


async def test_standby__the_lease_went_to_another_during_the_blip__nothing_old_is_held_up(
    bench: Bench,
) -> None:
    async with bench.running():
        await bench.clock.advance(30.0)
        bench.outside.away["database"] = CAUSES["database"]
        await bench.clock.advance(30.0)
        held = bench.leases.rows["it"]
        bench.leases.rows["it"] = LeaseRecord("it", "another", held.token + 1, 0)

        async def another_renews() -> None:
            for beat in range(1000):
                await bench.clock.sleep(2.0)
                bench.leases.rows["it"] = LeaseRecord("it", "another", held.token + 1, beat)

        renewing = asyncio.ensure_future(another_renews())
        bench.outside.away.clear()
        await bench.clock.advance(10.0)
        ready, lines = bench.problems.readiness()
        assert ready, lines
        assert [line.partition(":")[0] for line in lines] == ["lease"]
        await end_tasks(renewing)


async def test_node__cooling_down_for_each_job__one_line_for_all_of_them(bench: Bench) -> None:
    async with bench.running():
        bench.outside.away["node"] = NoEndpoint("no RPC endpoint gets requests for 3.4 s", 3.4)
        await bench.clock.advance(70.0)
        ready, lines = bench.problems.readiness()
        assert not ready
        assert len(lines) == 1
        assert (
            "affected jobs: balance, operator, provision, release, sender, settle, sweep"
            in (lines[0])
        )
