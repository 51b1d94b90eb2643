"""The rate budget against servers of every window form, on a clock of the test's own."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest

from oracle.cloudflare.budget import Budget
from oracle.cloudflare.errors import Action, BudgetExhausted
from oracle.cloudflare.history import RateLimit
from oracle.cloudflare.operations import Operation, Priority
from tests.support.manual_clock import ManualClock
from tests.unit.oracle.rate_servers import FirstCall, Fixed, Server, Sliding

LIMIT = RateLimit(120, 30.0)
FORMS: dict[str, Callable[[ManualClock], Server]] = {
    "sliding": lambda clock: Sliding(clock, *LIMIT),
    "first call": lambda clock: FirstCall(clock, *LIMIT),
    "fixed": lambda clock: Fixed(clock, *LIMIT),
    "fixed, about to turn": lambda clock: Fixed(clock, *LIMIT, offset=29.5),
}


class Traffic:
    """Sends requests through a budget to a server, each taking a while there and back."""

    def __init__(self, clock: ManualClock, budget: Budget, server: Server, seed: int = 1) -> None:
        self.clock, self.budget, self.server = clock, budget, server
        self._rng = random.Random(seed)
        self.done: list[tuple[Priority, float]] = []

    async def request(self, priority: Priority = Priority.PROVISION, wait: float = 9e9) -> None:
        served = False
        while not served:
            async with self.budget.slot(Operation.CREATE, priority, wait) as slot:
                slot.leave()
                await self.clock.sleep(self._rng.uniform(0.01, 0.2))
                served, headers = self.server.take()
                await self.clock.sleep(self._rng.uniform(0.01, 0.1))
                if served:
                    slot.answered(headers)
                else:
                    slot.rate_limited(float(headers["retry-after"]))
        self.done.append((priority, self.clock.monotonic()))

    async def drive(self, tasks: list[asyncio.Task[None]], limit: float = 2000.0) -> None:
        end = self.clock.monotonic() + limit
        while not all(task.done() for task in tasks):
            assert self.clock.monotonic() < end, "the traffic does not come to its end"
            await self.clock.advance(1.0, settle=100)
        for task in tasks:
            task.result()

    def start(self, n: int, priority: Priority = Priority.PROVISION) -> list[asyncio.Task[None]]:
        return [asyncio.ensure_future(self.request(priority)) for _ in range(n)]


def world(form: str, *limits: RateLimit) -> Traffic:
    clock = ManualClock()
    return Traffic(clock, Budget(clock, limits or (LIMIT,)), FORMS[form](clock))


@pytest.mark.parametrize("form", FORMS)
async def test_budget__a_thousand_requests_at_once__no_refusal_and_no_wasted_window(
    form: str,
) -> None:
    traffic = world(form)
    await traffic.drive(traffic.start(1000))
    assert traffic.server.refused == 0
    assert traffic.clock.monotonic() < 8 * LIMIT.seconds * 1.02 + 3.0


@pytest.mark.parametrize("form", FORMS)
async def test_budget__server_without_headers__the_log_alone_is_safe(form: str) -> None:
    traffic = world(form)
    traffic.server.tells = False
    await traffic.drive(traffic.start(600))
    assert traffic.server.refused == 0
    assert traffic.clock.monotonic() < 5 * LIMIT.seconds * 1.02 + 3.0


@pytest.mark.parametrize("policy", [True, False])
async def test_budget__server_stricter_than_configured__obeys_what_the_server_tells(
    policy: bool,
) -> None:
    traffic = world("first call", RateLimit(1200, 300.0))
    traffic.server.tells_policy = policy
    # Nothing is known before the first answer, so the first calls find a fresh window.
    await traffic.drive(traffic.start(400))
    assert traffic.server.refused == 0
    assert traffic.clock.monotonic() < 110


@pytest.mark.parametrize("form", ["sliding", "fixed"])
async def test_budget__somebody_else_uses_the_token__sends_only_what_is_left(form: str) -> None:
    traffic = world(form)
    for _ in range(70):
        traffic.server.take()
    await traffic.drive(traffic.start(100))
    assert traffic.server.refused == 0
    in_first_window = sum(1 for moment in traffic.server.served[70:] if moment < 29)
    assert in_first_window == 50


async def test_budget__restart_in_the_middle_of_a_window__the_headers_tell() -> None:
    traffic = world("sliding")
    await traffic.drive(traffic.start(100))
    again = Traffic(traffic.clock, Budget(traffic.clock, (LIMIT,)), traffic.server)
    await again.drive(again.start(100))
    assert traffic.server.refused == 0


async def test_budget__a_429__everybody_waits_then_one_probes() -> None:
    traffic = world("sliding")
    traffic.server.tells = False
    for _ in range(120):
        traffic.server.take()
    tasks = traffic.start(20)
    await traffic.clock.advance(0.5, settle=100)
    refused = traffic.server.refused
    assert 1 <= refused <= 16
    await traffic.clock.advance(20.0)
    assert traffic.server.refused == refused
    assert traffic.budget.report().blocked_seconds > 0
    await traffic.drive(tasks)
    assert traffic.server.refused == refused


async def test_budget__after_a_429__one_request_at_a_time_until_one_is_answered() -> None:
    clock = ManualClock()
    budget = Budget(clock, (LIMIT,))
    async with budget.slot(Operation.GET, Priority.RELEASE, 1.0) as slot:
        slot.leave()
        slot.rate_limited(5.0)
    sent: list[float] = []

    async def request() -> None:
        async with budget.slot(Operation.GET, Priority.PROVISION, 60.0) as slot:
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


async def test_budget__429_without_retry_after__a_whole_window_away() -> None:
    clock = ManualClock()
    budget = Budget(clock, (LIMIT,))
    async with budget.slot(Operation.GET, Priority.RELEASE, 1.0) as slot:
        slot.leave()
        slot.rate_limited(None)
    with pytest.raises(BudgetExhausted) as caught:
        async with budget.slot(Operation.GET, Priority.TAKE_DOWN, 10.0):
            raise AssertionError
    assert caught.value.action is Action.WAIT
    assert caught.value.until == pytest.approx(clock.now() + 30.0)


async def test_budget__retry_after_of_a_day__looks_again_after_a_quarter_of_an_hour() -> None:
    clock = ManualClock()
    budget = Budget(clock, (LIMIT,))
    async with budget.slot(Operation.GET, Priority.RELEASE, 1.0) as slot:
        slot.leave()
        slot.rate_limited(86_400.0)
    assert budget.report().blocked_seconds == 900.0


async def test_budget__full_and_urgent__a_take_down_passes_all_who_wait() -> None:
    traffic = world("sliding")
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


async def test_budget__priorities__the_urgent_first_and_equals_in_order() -> None:
    clock = ManualClock()
    budget = Budget(clock, (RateLimit(100, 30.0),), max_in_flight=1)
    order: list[str] = []

    async def job(name: str, priority: Priority) -> None:
        async with budget.slot(Operation.GET, priority, 60.0) as slot:
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


async def test_budget__endless_provisioning__a_release_still_gets_its_turn() -> None:
    traffic = world("sliding")
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


async def test_budget__no_room_in_time__exhausted_with_the_time_of_the_next_try() -> None:
    clock = ManualClock()
    budget = Budget(clock, (RateLimit(3, 30.0),))
    for _ in range(2):  # the third is for take-downs
        async with budget.slot(Operation.GET, Priority.PROVISION, 1.0) as slot:
            slot.leave()
    waiting = asyncio.ensure_future(_enter(budget, 5.0))
    await clock.advance(4.9)
    assert not waiting.done()
    await clock.advance(0.2)
    with pytest.raises(BudgetExhausted) as caught:
        await waiting
    assert caught.value.until is not None
    assert 24.0 < caught.value.until - clock.now() < 26.0


async def test_budget__cancelled_waiters_and_slots_never_left__take_no_place() -> None:
    clock = ManualClock()
    budget = Budget(clock, (RateLimit(3, 30.0),))
    for _ in range(20):
        async with budget.slot(Operation.GET, Priority.PROVISION, 1.0):
            pass
    assert budget.report().room == 2
    for _ in range(2):
        async with budget.slot(Operation.GET, Priority.PROVISION, 1.0) as slot:
            slot.leave()
    waiters = [asyncio.ensure_future(_enter(budget, 100.0)) for _ in range(5)]
    await clock.advance(1.0)
    assert budget.report().waiting[Priority.PROVISION] == 5
    for waiter in waiters[:4]:
        waiter.cancel()
    await clock.advance(31.0)
    await waiters[4]
    assert sum(budget.report().waiting.values()) == 0
    assert budget.report().in_flight == 0


async def test_budget__hanging_requests__take_downs_have_places_of_their_own() -> None:
    clock = ManualClock()
    budget = Budget(clock, (RateLimit(1000, 30.0),), max_in_flight=2)
    hanging = [asyncio.ensure_future(_hang(clock, budget)) for _ in range(2)]
    await clock.advance(1.0)
    blocked = asyncio.ensure_future(_enter(budget, 100.0))
    await clock.advance(1.0)
    assert not blocked.done()
    async with budget.slot(Operation.DISABLE, Priority.TAKE_DOWN, 0.1) as slot:
        slot.leave()
    for task in (*hanging, blocked):
        task.cancel()
    await asyncio.gather(*hanging, blocked, return_exceptions=True)
    assert budget.report().in_flight == 0


@pytest.mark.parametrize("seed", range(12))
async def test_budget__random_traffic_and_forms__never_a_refusal(seed: int) -> None:
    rng = random.Random(seed)
    traffic = world(rng.choice(list(FORMS)))
    tasks: list[asyncio.Task[None]] = []
    for _ in range(60):
        tasks += traffic.start(rng.choice((0, 0, 1, 3, 30)), rng.choice(list(Priority)))
        if tasks and rng.random() < 0.2:
            rng.choice(tasks).cancel()
        await traffic.clock.advance(rng.choice((0.05, 0.5, 5.0)), settle=60)
    tasks = [task for task in tasks if not task.cancelled()]
    await traffic.drive(tasks)
    assert traffic.server.refused == 0


@pytest.mark.parametrize("limits", [(), (RateLimit(0, 1.0),), (RateLimit(5, 0.0),)])
def test_budget__limits_that_allow_nothing__are_refused(limits: tuple[RateLimit, ...]) -> None:
    with pytest.raises(ValueError, match="rate limit"):
        Budget(ManualClock(), limits)


async def _enter(budget: Budget, wait: float) -> None:
    async with budget.slot(Operation.GET, Priority.PROVISION, wait) as slot:
        slot.leave()


async def _hang(clock: ManualClock, budget: Budget) -> None:
    async with budget.slot(Operation.GET, Priority.PROVISION, 1.0) as slot:
        slot.leave()
        await clock.sleep(1e6)
