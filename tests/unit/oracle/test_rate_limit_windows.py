"""The rate limiter against servers of every window form: no refusal, no wasted window."""

from __future__ import annotations

import asyncio
import random

import pytest

from oracle.cloudflare.errors import BudgetExhausted
from oracle.cloudflare.operations import Priority
from oracle.cloudflare.rate_limit import RateLimiter
from oracle.cloudflare.request_log import RateLimit
from tests.unit.oracle.rate_servers import Sliding
from tests.unit.oracle.traffic import FORMS, LIMIT, Traffic, traffic_of


@pytest.mark.parametrize("form", FORMS)
async def test_rate_limiter__a_thousand_requests_at_once__no_refusal_and_no_wasted_window(
    form: str,
) -> None:
    traffic = traffic_of(form)
    await traffic.drive(traffic.start(1000))
    assert traffic.server.refused == 0
    assert traffic.clock.monotonic() < 8 * LIMIT.seconds * 1.02 + 3.0


@pytest.mark.parametrize("form", FORMS)
async def test_rate_limiter__server_without_headers__the_log_alone_is_safe(form: str) -> None:
    traffic = traffic_of(form)
    traffic.server.tells = False
    await traffic.drive(traffic.start(600))
    assert traffic.server.refused == 0
    assert traffic.clock.monotonic() < 5 * LIMIT.seconds * 1.02 + 3.0


@pytest.mark.parametrize("policy", [True, False])
async def test_rate_limiter__server_stricter_than_configured__obeys_what_the_server_tells(
    policy: bool,
) -> None:
    traffic = traffic_of("first call", RateLimit(1200, 300.0))
    traffic.server.tells_policy = policy
    # Nothing is known before the first answer, so the first calls find a fresh window.
    await traffic.drive(traffic.start(400))
    assert traffic.server.refused == 0
    assert traffic.clock.monotonic() < 110


@pytest.mark.parametrize("form", ["sliding", "fixed"])
async def test_rate_limiter__somebody_else_uses_the_token__sends_only_what_is_left(
    form: str,
) -> None:
    traffic = traffic_of(form)
    for _ in range(70):
        traffic.server.take()
    await traffic.drive(traffic.start(100))
    assert traffic.server.refused == 0
    in_first_window = sum(1 for moment in traffic.server.served[70:] if moment < 29)
    assert in_first_window == 50


async def test_rate_limiter__restart_in_the_middle_of_a_window__the_headers_tell() -> None:
    traffic = traffic_of("sliding")
    await traffic.drive(traffic.start(100))
    again = Traffic(traffic.clock, RateLimiter(traffic.clock, (LIMIT,)), traffic.server)
    await again.drive(again.start(100))
    assert traffic.server.refused == 0


async def test_rate_limiter__full_and_urgent__a_take_down_passes_all_who_wait() -> None:
    traffic = traffic_of("sliding")
    tasks = traffic.start(300)
    await traffic.clock.advance(10.0, settle=100)
    begun = traffic.clock.monotonic()
    tasks += traffic.start(1, Priority.TAKE_DOWN)
    await traffic.clock.advance(1.0, settle=100)
    urgent = [moment for priority, moment in traffic.done if priority is Priority.TAKE_DOWN]
    assert urgent
    assert urgent[0] - begun < 0.5
    await traffic.drive(tasks)
    assert traffic.server.refused == 0


async def test_rate_limiter__endless_provisioning__a_release_still_gets_its_turn() -> None:
    traffic = traffic_of("sliding")
    tasks = traffic.start(200)
    await traffic.clock.advance(1.0, settle=100)
    release = asyncio.ensure_future(traffic.request(Priority.RELEASE))
    tasks.append(release)
    for _ in range(200):
        tasks += traffic.start(10)
        await traffic.clock.advance(1.0, settle=60)
        if release.done():
            break
    assert release.done()
    # Two steps below provisioning: overtaken by what came up to two windows after it.
    waited = next(moment for priority, moment in traffic.done if priority is Priority.RELEASE)
    assert 60 < waited < 200
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_rate_limiter__create_that_comes_back_between_two_windows__finds_its_place_kept() -> (
    None
):
    traffic = traffic_of("sliding", RateLimit(40, 10.0))
    traffic.server = Sliding(traffic.clock, 40, 10.0)

    async def again_and_again(priority: Priority, away: float, times: int) -> None:
        for _ in range(times):
            served = False
            while not served:
                try:
                    await traffic.request(priority, wait=2.0)
                    served = True
                except BudgetExhausted:
                    await traffic.clock.sleep(away)

    # Verifications that stand there whenever a window opens, and take all of it.
    crowd = [asyncio.ensure_future(again_and_again(Priority.RELEASE, 0.5, 1000)) for _ in range(60)]
    await traffic.clock.advance(5.0, settle=100)
    create = asyncio.ensure_future(again_and_again(Priority.PROVISION, 8.0, 1))
    await traffic.clock.advance(25.0, settle=100)
    served = [priority for priority, _ in traffic.done]
    assert create.done(), "it was there for two seconds of every ten, but never at the right time"
    assert served.count(Priority.RELEASE) > 80, "the others lost no more than its place"
    assert traffic.server.refused == 0
    for task in (*crowd, create):
        task.cancel()
    await asyncio.gather(*crowd, create, return_exceptions=True)


async def test_rate_limiter__take_down_without_a_place__keeps_none_of_the_others() -> None:
    traffic = traffic_of("sliding", RateLimit(40, 10.0))
    traffic.server = Sliding(traffic.clock, 40, 10.0)
    await traffic.drive(traffic.start(40, Priority.TAKE_DOWN))
    with pytest.raises(BudgetExhausted):
        await asyncio.gather(
            traffic.request(Priority.TAKE_DOWN, wait=0.0), traffic.clock.advance(0.01)
        )
    await traffic.clock.advance(10.5, settle=100)
    others = traffic.start(39)
    await traffic.clock.advance(2.0, settle=100)
    assert all(task.done() for task in others)


async def test_rate_limiter__place_kept_for_nobody__is_free_after_a_while() -> None:
    traffic = traffic_of("sliding", RateLimit(40, 10.0))
    traffic.server = Sliding(traffic.clock, 40, 10.0)
    await traffic.drive(traffic.start(39))
    for _ in range(39):
        with pytest.raises(BudgetExhausted):
            await asyncio.gather(
                traffic.request(Priority.PROVISION, wait=0.0), traffic.clock.advance(0.01)
            )
    late = [asyncio.ensure_future(traffic.request(Priority.SWEEP)) for _ in range(39)]
    await traffic.clock.advance(12.0, settle=100)
    assert not any(task.done() for task in late)
    await traffic.clock.advance(12.0, settle=100)
    assert all(task.done() for task in late)


@pytest.mark.parametrize("seed", range(12))
async def test_rate_limiter__random_traffic_and_forms__never_a_refusal(seed: int) -> None:
    rng = random.Random(seed)
    traffic = traffic_of(rng.choice(list(FORMS)))
    tasks: list[asyncio.Task[None]] = []
    for _ in range(60):
        tasks += traffic.start(rng.choice((0, 0, 1, 3, 30)), rng.choice(list(Priority)))
        if tasks and rng.random() < 0.2:
            rng.choice(tasks).cancel()
        await traffic.clock.advance(rng.choice((0.05, 0.5, 5.0)), settle=60)
    tasks = [task for task in tasks if not task.cancelled()]
    await traffic.drive(tasks)
    assert traffic.server.refused == 0
