"""The rate limiter's queue: who goes when, how long one waits, what a 429 does."""

from __future__ import annotations

import asyncio

import pytest

from oracle.cloudflare.errors import Action, BudgetExhausted
from oracle.cloudflare.operations import Operation, Priority
from oracle.cloudflare.rate_limit import RateLimiter
from oracle.cloudflare.request_log import RateLimit
from tests.support.manual_clock import ManualClock
from tests.unit.oracle.traffic import LIMIT, traffic_of


async def test_rate_limiter__a_429__everybody_waits_then_one_probes() -> None:
    traffic = traffic_of("sliding")
    traffic.server.tells = False
    for _ in range(120):
        traffic.server.take()
    tasks = traffic.start(20)
    await traffic.clock.advance(0.5, settle=100)
    refused = traffic.server.refused
    assert 1 <= refused <= 16
    await traffic.clock.advance(20.0)
    assert traffic.server.refused == refused
    assert traffic.rate_limiter.report().blocked_seconds > 0
    await traffic.drive(tasks)
    assert traffic.server.refused == refused


async def test_rate_limiter__after_a_429__one_request_at_a_time_until_one_is_answered() -> None:
    clock = ManualClock()
    rate_limiter = RateLimiter(clock, (LIMIT,))
    async with rate_limiter.slot(Operation.GET, Priority.RELEASE, 1.0) as slot:
        slot.leave()
        slot.rate_limited(5.0)
    sent: list[float] = []

    async def request() -> None:
        async with rate_limiter.slot(Operation.GET, Priority.PROVISION, 60.0) as slot:
            slot.leave()
            sent.append(clock.monotonic())
            await clock.sleep(1.0)
            slot.answered({})

    requests = [asyncio.ensure_future(request()) for _ in range(5)]
    await clock.advance(5.5)
    assert len(sent) == 1
    await clock.advance(1.0)
    assert len(sent) == 5
    await clock.advance(1.0)
    assert all(done.done() for done in requests)


async def test_rate_limiter__429_without_retry_after__a_whole_window_away() -> None:
    clock = ManualClock()
    rate_limiter = RateLimiter(clock, (LIMIT,))
    async with rate_limiter.slot(Operation.GET, Priority.RELEASE, 1.0) as slot:
        slot.leave()
        slot.rate_limited(None)
    with pytest.raises(BudgetExhausted) as caught:
        async with rate_limiter.slot(Operation.GET, Priority.TAKE_DOWN, 10.0):
            raise AssertionError
    assert caught.value.action is Action.WAIT
    assert caught.value.until == pytest.approx(clock.now() + 30.0)


async def test_rate_limiter__retry_after_of_a_day__looks_again_after_a_quarter_of_an_hour() -> None:
    clock = ManualClock()
    rate_limiter = RateLimiter(clock, (LIMIT,))
    async with rate_limiter.slot(Operation.GET, Priority.RELEASE, 1.0) as slot:
        slot.leave()
        slot.rate_limited(86_400.0)
    assert rate_limiter.report().blocked_seconds == 900.0


async def test_rate_limiter__priorities__the_urgent_first_and_equals_in_order() -> None:
    clock = ManualClock()
    rate_limiter = RateLimiter(clock, (RateLimit(100, 30.0),), max_in_flight=1)
    order: list[str] = []

    async def job(name: str, priority: Priority) -> None:
        async with rate_limiter.slot(Operation.GET, priority, 60.0) as slot:
            slot.leave()
            order.append(name)
            await clock.sleep(0.1)

    jobs = [
        asyncio.ensure_future(job(name, priority))
        for name, priority in (
            ("first", Priority.SWEEP),
            ("sweep", Priority.SWEEP),
            ("release", Priority.RELEASE),
            ("rekey", Priority.REKEY),
            ("provision 1", Priority.PROVISION),
            ("provision 2", Priority.PROVISION),
            ("take-down", Priority.TAKE_DOWN),
        )
    ]
    await clock.advance(2.0)
    assert all(job.done() for job in jobs)
    assert order == [
        "first", "take-down", "provision 1", "provision 2", "rekey", "release", "sweep",
    ]  # fmt: skip


async def test_rate_limiter__no_room_in_time__exhausted_with_the_time_of_the_next_try() -> None:
    clock = ManualClock()
    rate_limiter = RateLimiter(clock, (RateLimit(3, 30.0),))
    for _ in range(2):  # the third is for take-downs
        async with rate_limiter.slot(Operation.GET, Priority.PROVISION, 1.0) as slot:
            slot.leave()
    waiting = asyncio.ensure_future(_enter(rate_limiter, 5.0))
    await clock.advance(4.9)
    assert not waiting.done()
    await clock.advance(0.2)
    with pytest.raises(BudgetExhausted) as caught:
        await waiting
    assert caught.value.until is not None
    assert 24.0 < caught.value.until - clock.now() < 26.0


async def test_rate_limiter__cancelled_waiters_and_slots_never_left__take_no_place() -> None:
    clock = ManualClock()
    rate_limiter = RateLimiter(clock, (RateLimit(3, 30.0),))
    for _ in range(20):
        async with rate_limiter.slot(Operation.GET, Priority.PROVISION, 1.0):
            pass
    assert rate_limiter.report().room == 2
    for _ in range(2):
        async with rate_limiter.slot(Operation.GET, Priority.PROVISION, 1.0) as slot:
            slot.leave()
    waiters = [asyncio.ensure_future(_enter(rate_limiter, 100.0)) for _ in range(5)]
    await clock.advance(1.0)
    assert rate_limiter.report().waiting[Priority.PROVISION] == 5
    for waiter in waiters[:4]:
        waiter.cancel()
    await clock.advance(31.0)
    await waiters[4]
    assert sum(rate_limiter.report().waiting.values()) == 0
    assert rate_limiter.report().in_flight == 0


async def test_rate_limiter__hanging_requests__take_downs_have_places_of_their_own() -> None:
    clock = ManualClock()
    rate_limiter = RateLimiter(clock, (RateLimit(1000, 30.0),), max_in_flight=2)
    hanging = [asyncio.ensure_future(_hang(clock, rate_limiter)) for _ in range(2)]
    await clock.advance(1.0)
    blocked = asyncio.ensure_future(_enter(rate_limiter, 100.0))
    await clock.advance(1.0)
    assert not blocked.done()
    async with rate_limiter.slot(Operation.DISABLE, Priority.TAKE_DOWN, 0.1) as slot:
        slot.leave()
    for task in (*hanging, blocked):
        task.cancel()
    await asyncio.gather(*hanging, blocked, return_exceptions=True)
    assert rate_limiter.report().in_flight == 0


@pytest.mark.parametrize("limits", [(), (RateLimit(0, 1.0),), (RateLimit(5, 0.0),)])
def test_rate_limiter__limits_that_allow_nothing__are_refused(
    limits: tuple[RateLimit, ...],
) -> None:
    with pytest.raises(ValueError, match="rate limit"):
        RateLimiter(ManualClock(), limits)


async def _enter(rate_limiter: RateLimiter, wait: float) -> None:
    async with rate_limiter.slot(Operation.GET, Priority.PROVISION, wait) as slot:
        slot.leave()


async def _hang(clock: ManualClock, rate_limiter: RateLimiter) -> None:
    async with rate_limiter.slot(Operation.GET, Priority.PROVISION, 1.0) as slot:
        slot.leave()
        await clock.sleep(1e6)
