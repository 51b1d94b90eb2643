"""Jobs on a rhythm: tried again soon, never two runs at once, nothing skipped in silence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random

import pytest

from chain.rpc.errors import TransportError
from common.clock import SystemClock
from common.tasks import end_tasks
from oracle.failures import job_guard
from oracle.metrics import OracleMetrics
from oracle.periodic import PeriodicJob, PeriodicJobs, SchedulerTimer, pause_after_failure
from oracle.problems import Problems
from tests.support.clock_timer import ClockTimer
from tests.support.manual_clock import ManualClock

HALF_AN_HOUR = 1800.0


class Bench:
    """Jobs on a clock of the test's own; `runs`: when each began."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.problems = Problems(self.clock)
        self.problems.begun = True
        self.runs: list[float] = []
        self.fails: Exception | None = None
        self.takes = 0.0
        self.answer: object = None
        self.allowed = True
        self.took: list[tuple[str, float]] = []

    async def work(self) -> object:
        self.runs.append(self.clock.monotonic())
        await self.clock.sleep(self.takes)
        if self.fails is not None:
            raise self.fails
        return self.answer

    @asynccontextmanager
    async def running(self, *jobs: PeriodicJob) -> AsyncIterator[None]:
        self.problems.aside = [job.name for job in jobs if not job.vital]
        periodic = PeriodicJobs(
            jobs,
            job_guard(OracleMetrics(), self.problems),
            self.clock,
            Random(7),
            allowed=lambda: self.allowed,
            took=lambda name, seconds: self.took.append((name, seconds)),
            note=self.problems.note,
            timer=lambda: ClockTimer(self.clock),
        )
        task = asyncio.ensure_future(periodic.run())
        await asyncio.sleep(0)
        try:
            yield
        finally:
            await end_tasks(task)

    def job(
        self, seconds: float, work: Callable[[], Awaitable[object]] | None = None, **more: bool
    ) -> PeriodicJob:
        return PeriodicJob("sweep", work or self.work, seconds, first=1.0, **more)


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_slow_job__the_node_blinks_at_its_moment__runs_again_within_a_minute(
    bench: Bench,
) -> None:
    bench.fails = TransportError("refused")
    async with bench.running(bench.job(HALF_AN_HOUR)):
        await bench.clock.advance(2)
        bench.fails = None
        await bench.clock.advance(60)
        assert len(bench.runs) == 2, "the second one worked: then the rhythm again"
        await bench.clock.advance(HALF_AN_HOUR)
        assert len(bench.runs) == 3
        assert bench.problems.readiness() == (True, ())


async def test_slow_job__fails_for_an_hour__a_try_a_minute_and_one_note(bench: Bench) -> None:
    bench.fails = TransportError("refused")
    async with bench.running(bench.job(HALF_AN_HOUR)):
        await bench.clock.advance(3600)
        gaps = [b - a for a, b in zip(bench.runs, bench.runs[1:], strict=False)]
        assert max(gaps) <= 60
        assert 60 <= len(bench.runs) <= 100
        ready, lines = bench.problems.readiness()
        assert ready, "no room waits for it"
        (line,) = lines
        assert line.startswith("node: refused (affected jobs: sweep); tried again")
        bench.fails = None
        await bench.clock.advance(60)
        assert bench.problems.readiness() == (True, ())


async def test_slow_job__could_not_look__tried_again_without_a_failure(bench: Bench) -> None:
    bench.answer = False
    async with bench.running(bench.job(HALF_AN_HOUR)):
        await bench.clock.advance(60)
    assert len(bench.runs) >= 3
    assert bench.problems.readiness() == (True, ())


@pytest.mark.parametrize("failures", [1, 2, 3, 7, 60, 5000])
def test_pause__any_number_of_failures__at_most_a_minute_and_at_most_the_rhythm(
    failures: int,
) -> None:
    async def nothing() -> None: ...

    for seed in range(20):
        rng = Random(seed)
        slow, quick = PeriodicJob("a", nothing, 1800.0), PeriodicJob("b", nothing, 1.0)
        vital = PeriodicJob("c", nothing, 600.0, vital=True)
        assert 3.9 < pause_after_failure(slow, failures, rng) <= 60
        assert pause_after_failure(quick, failures, rng) <= 1
        assert pause_after_failure(vital, failures, rng) < 3


async def test_job__without_the_lease__due_again_soon_after_it_is_won(bench: Bench) -> None:
    bench.allowed = False
    async with bench.running(bench.job(HALF_AN_HOUR, needs_lease=True)):
        await bench.clock.advance(600)
        assert bench.runs == []
        bench.allowed = True
        await bench.clock.advance(10)
        assert len(bench.runs) == 1
        await bench.clock.advance(600)
        assert len(bench.runs) == 1


async def test_job__longer_than_its_rhythm__never_overlaps_and_is_said_once(bench: Bench) -> None:
    bench.takes = 3.0
    async with bench.running(bench.job(2.0)):
        await bench.clock.advance(60)
        gaps = [b - a for a, b in zip(bench.runs, bench.runs[1:], strict=False)]
        assert min(gaps) >= 3
        ready, lines = bench.problems.readiness()
        assert ready
        said = "job sweep: takes longer than its 2 s: see oracle_job_seconds"
        assert lines == (f"{said} (does not affect readiness)",)
        assert bench.took[-1] == ("sweep", 3.0)
        bench.takes = 0.0
        await bench.clock.advance(10)
        assert bench.problems.readiness() == (True, ())


async def test_jobs__ended_in_the_middle_of_a_run__the_run_ends_with_them(bench: Bench) -> None:
    ended = asyncio.Event()

    async def long() -> None:
        try:
            await bench.clock.sleep(1000)
        finally:
            ended.set()

    async with bench.running(bench.job(5.0, long)):
        await bench.clock.advance(2)
        assert not ended.is_set()
    assert ended.is_set()
    assert bench.problems.readiness() == (True, ())


async def test_jobs__a_bug_of_the_rhythms_own__ends_the_task_for_its_keeper_to_start_again(
    bench: Bench,
) -> None:
    def broken(_name: str, _seconds: float) -> None:
        raise KeyError("a bug")

    jobs = PeriodicJobs(
        [bench.job(5.0)],
        job_guard(OracleMetrics(), bench.problems),
        bench.clock,
        Random(1),
        allowed=lambda: True,
        took=broken,
        note=bench.problems.note,
        timer=lambda: ClockTimer(bench.clock),
    )
    for _ in range(2):
        task = asyncio.ensure_future(jobs.run())
        await bench.clock.advance(2.0)
        with pytest.raises(KeyError):
            await task
    assert len(bench.runs) == 2


async def test_jobs__by_the_real_scheduler__run_and_end_without_a_word(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    begun = asyncio.Event()

    async def long() -> None:
        begun.set()
        await asyncio.sleep(1000)

    jobs = PeriodicJobs(
        [PeriodicJob("long", long, 0.01, first=0.0), bench.job(0.01)],
        job_guard(OracleMetrics(), bench.problems),
        SystemClock(),
        Random(1),
        allowed=lambda: True,
        took=lambda _name, _seconds: None,
        note=lambda _source, _text: None,
        timer=lambda: SchedulerTimer(SystemClock()),
    )
    task = asyncio.ensure_future(jobs.run())
    await asyncio.wait_for(begun.wait(), 10)
    await end_tasks(task)
    assert [record.message for record in caplog.records if record.levelname != "INFO"] == []
