"""Tasks that die: seen, counted, started again."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from common.task_keeper import LONGEST_PAUSE, UP_SECONDS, TaskKeeper
from common.tasks import end_tasks
from tests.support.manual_clock import ManualClock


class Hopeless(Exception):
    """Only a person can mend it."""


class Kept:
    """A task of a test's, kept. `lives`: what each of its lives does; the last one goes on."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.restarts: Counter[str] = Counter()
        self.begun = 0

        def count(task: str, restarts: int) -> None:
            self.restarts[task] += restarts

        self.keeper = TaskKeeper(self.clock, random.Random(1), fatal=(Hopeless,), count=count)

    def start(self, *lives: Callable[[], Awaitable[object]]) -> asyncio.Task[None]:
        async def work() -> None:
            life = lives[min(self.begun, len(lives) - 1)]
            self.begun += 1
            await life()

        return asyncio.ensure_future(self.keeper.keep("watch", work))


async def for_ever() -> None:
    await asyncio.Event().wait()


async def breaks() -> None:
    raise KeyError("https://node.example/secret")


async def ends() -> None:
    return None


async def stray() -> None:
    waits: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    waits.cancel()
    await waits


@pytest.mark.parametrize(
    ("life", "cause"),
    [(breaks, "KeyError"), (ends, "without an error"), (stray, "CancelledError")],
)
async def test_keep__it_dies_or_ends__said_counted_and_started_again(
    life: Callable[[], Awaitable[object]], cause: str
) -> None:
    kept = Kept()
    with capture_logs() as captured:
        task = kept.start(life, for_ever)
        await kept.clock.advance(0.0)
        assert kept.begun == 1
        (line,) = kept.keeper.down()
        assert f"the task 'watch' ended ({cause})" in line
        assert "secret" not in line
        await kept.clock.advance(1.0)
    assert kept.begun == 2
    assert kept.restarts == {"watch": 1}
    assert [entry["cause"] for entry in captured if entry["event"] == "task ended"] == [cause]
    await kept.clock.advance(UP_SECONDS)
    assert kept.keeper.down() == []
    await end_tasks(task)
    assert task.cancelled()


async def test_keep__it_never_died__its_series_is_there_and_nothing_is_down() -> None:
    kept = Kept()
    task = kept.start(for_ever)
    await kept.clock.advance(100.0)
    assert kept.restarts == {"watch": 0}
    assert "watch" in kept.restarts
    assert kept.keeper.down() == []
    await end_tasks(task)


async def test_keep__it_dies_again_and_again__pauses_grow_and_one_traceback() -> None:
    kept = Kept()
    with capture_logs() as captured:
        task = kept.start(breaks)
        await kept.clock.advance(1000.0)
    assert 1000.0 / LONGEST_PAUSE <= kept.begun <= 60
    assert kept.keeper.down() != []
    tracebacks = [entry for entry in captured if entry.get("exc_info")]
    assert len(tracebacks) == 1
    await end_tasks(task)


async def test_keep__it_dies_after_a_long_life__pauses_begin_anew() -> None:
    kept = Kept()

    async def after_a_while() -> None:
        await kept.clock.sleep(100.0)
        raise KeyError

    task = kept.start(*([breaks] * 5), after_a_while, for_ever)
    await kept.clock.advance(30.0)
    assert kept.begun == 6
    await kept.clock.advance(100.0)
    assert kept.begun == 7
    await end_tasks(task)


async def test_keep__what_only_a_person_can_mend__passes() -> None:
    kept = Kept()

    async def hopeless() -> None:
        raise Hopeless

    with pytest.raises(Hopeless):
        await kept.start(hopeless)


async def test_keep__it_ends_as_it_may__not_started_again() -> None:
    kept = Kept()
    await kept.keeper.keep(
        "watch", ends, over=lambda: kept.restarts["watch"] == 0 and bool(kept.restarts)
    )
    assert kept.restarts == {"watch": 0}
    assert kept.keeper.down() == []
