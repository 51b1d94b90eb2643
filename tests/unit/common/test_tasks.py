"""`common.tasks`: cancellations that are lost, as pymongo and Python 3.11 lose them."""

from __future__ import annotations

import asyncio

import pytest

from common import tasks
from common.tasks import end_tasks, together


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "AGAIN_SECONDS", 0.01)


class Deaf:
    """Loops for ever; loses the first `losses` cancellations."""

    def __init__(self, losses: int) -> None:
        self.losses = losses
        self.started = asyncio.Event()
        self.over = False

    async def run(self) -> None:
        try:
            while True:
                self.started.set()
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    if self.losses == 0:
                        raise
                    self.losses -= 1
        finally:
            self.over = True


@pytest.mark.parametrize("losses", [0, 1, 3])
async def test_end__cancellations_are_lost__asks_until_the_task_is_over(losses: int) -> None:
    deaf = Deaf(losses)
    task = asyncio.ensure_future(deaf.run())
    await deaf.started.wait()
    async with asyncio.timeout(5):
        await end_tasks(task)
    assert task.cancelled()
    assert deaf.over


async def test_end__cancelled_itself__ends_the_tasks_first() -> None:
    deaf = Deaf(2)
    task = asyncio.ensure_future(deaf.run())
    await deaf.started.wait()
    ending = asyncio.ensure_future(end_tasks(task))
    await asyncio.sleep(0)
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(5):
            await ending
    assert deaf.over


async def test_end__a_task_that_failed__its_error_is_dropped() -> None:
    async def fail() -> None:
        raise RuntimeError("lost")

    task = asyncio.ensure_future(fail())
    await asyncio.wait({task})
    await end_tasks(task)


async def test_together__one_fails__the_others_end_and_its_error_is_raised() -> None:
    deaf = Deaf(1)

    async def fail() -> None:
        await deaf.started.wait()
        raise RuntimeError("the first error")

    with pytest.raises(RuntimeError, match="the first error"):
        async with asyncio.timeout(5):
            await together(deaf.run(), fail())
    assert deaf.over


async def test_together__cancelled__nothing_is_left_behind() -> None:
    first, second = Deaf(0), Deaf(1)
    task = asyncio.ensure_future(together(first.run(), second.run()))
    await first.started.wait()
    await second.started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(5):
            await task
    assert first.over
    assert second.over


async def test_together__all_end__returns() -> None:
    await together(asyncio.sleep(0), asyncio.sleep(0))
