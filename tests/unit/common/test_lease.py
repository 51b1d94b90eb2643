"""The lease: one holder at a time, without trusting a wall clock."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import pytest
from annotated_types import Le
from pymongo.errors import AutoReconnect

from common import process
from common.lease import Lease, LeaseRecord, LeaseWish
from common.lease_store import MemoryLeaseStore
from common.settings import OracleSettings
from tests.support.manual_clock import ManualClock

SECONDS = 12.0


class Store(MemoryLeaseStore):
    """Loses answers when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.lose = False

    async def swap(self, before: LeaseRecord | None, after: LeaseRecord) -> bool:
        done = await super().swap(before, after)
        if self.lose:
            raise ConnectionError("the answer is lost")
        return done


class Failing(MemoryLeaseStore):
    """Does not answer when told to."""

    fails = False

    async def swap(self, before: LeaseRecord | None, after: LeaseRecord) -> bool:
        if self.fails:
            raise AutoReconnect("down")
        return await super().swap(before, after)


class Unwishable(MemoryLeaseStore):
    """Fails at wishes when told to."""

    fails = False

    async def wish(self, name: str, before: str | None, after: LeaseWish | None) -> bool:
        if self.fails:
            raise ConnectionError("down")
        return await super().wish(name, before, after)


def two(store: MemoryLeaseStore, clock: ManualClock) -> tuple[Lease, Lease]:
    return Lease(store, "op", "a", SECONDS, clock), Lease(store, "op", "b", SECONDS, clock)


async def test_lease__free__taken_at_once() -> None:
    a, b = two(Store(), ManualClock())
    assert await a.step() and a.held and a.token == 1
    assert not await b.step()
    assert b.other == "a"


async def test_lease__renewed__other_never_takes_it() -> None:
    clock = ManualClock()
    a, b = two(Store(), clock)
    await a.step()
    for _ in range(20):
        clock.tick(2.0)
        assert await a.step()
        assert not await b.step()


async def test_lease__silent_holder__replaced_after_its_time_never_before() -> None:
    clock = ManualClock()
    a, b = two(Store(), clock)
    await a.step()
    await b.step()
    clock.tick(SECONDS - 0.01)
    assert not await b.step()
    assert not a.covers(0.0)
    clock.tick(0.02)
    assert await b.step()
    assert b.token == 2
    assert not await a.step()
    assert not a.held


@pytest.mark.parametrize("phase", [n / 20 for n in range(20)])
async def test_scenario_13__holder_dies_at_the_worst_moment__replaced_within_15_seconds(
    phase: float,
) -> None:
    limits = OracleSettings.model_fields["oracle_lease_seconds"].metadata
    (longest,) = [float(str(limit.le)) for limit in limits if isinstance(limit, Le)]
    clock, store = ManualClock(), MemoryLeaseStore()
    a, b = (Lease(store, "op", name, longest, clock) for name in "ab")
    await a.step()
    died = clock.monotonic()
    clock.tick(phase * b.pause_seconds)
    while not await b.step():
        clock.tick(b.pause_seconds)
    assert clock.monotonic() - died <= 15.0


async def test_lease__released__next_need_not_wait() -> None:
    a, b = two(Store(), ManualClock())
    await a.step()
    await b.step()
    await a.release()
    assert not a.held
    assert await b.step()


async def test_lease__covers__only_what_is_left() -> None:
    clock = ManualClock()
    a, _ = two(Store(), clock)
    assert not a.covers(0.0)
    await a.step()
    assert a.covers(11.0)
    clock.tick(2.0)
    assert not a.covers(11.0)
    assert a.covers(9.0)


async def test_lease__answer_to_a_renewal_lost__not_counted_before_the_next_beat() -> None:
    clock, store = ManualClock(), Store()
    a, b = two(store, clock)
    await a.step()
    store.lose = True
    with pytest.raises(ConnectionError):
        await a.step()
    store.lose = False
    await b.step()
    clock.tick(SECONDS - 1)
    # The beat that b sees is old by now: a counts from its own next one.
    assert await a.step()
    clock.tick(2.0)
    assert not await b.step()
    assert a.held


async def test_lease__answer_to_the_taking_lost__taken_by_the_next_step() -> None:
    store = Store()
    a, _ = two(store, ManualClock())
    store.lose = True
    with pytest.raises(ConnectionError):
        await a.step()
    assert not a.held
    store.lose = False
    assert await a.step()
    assert (a.covers(1.0), a.token) == (True, 1)


async def test_lease__same_beat_of_another_holder__not_mistaken() -> None:
    clock, store = ManualClock(), Store()
    a, b = two(store, clock)
    await a.step()
    await b.step()
    clock.tick(8.0)
    store.rows["op"] = replace(store.rows["op"], holder="c", token=2, beat=0)
    assert not await b.step()
    clock.tick(8.0)
    assert not await b.step(), "c's beat is 8 s old only"


# --- a killed holder ------------------------------------------------------------------------------


async def test_holder__process_known_to_be_dead__replaced_at_once() -> None:
    clock, store, dead = ManualClock(), MemoryLeaseStore(), set[str]()
    a, b = (Lease(store, "op", n, SECONDS, clock, is_dead=dead.__contains__) for n in "ab")
    await a.step()
    assert not await b.step()
    dead.add("a")
    assert await b.step()
    assert b.token == 2


async def test_holder__killed_on_this_machine__its_name_tells() -> None:
    store, clock = MemoryLeaseStore(), ManualClock()
    killed = process.name().replace(f"/{os.getpid()}/", "/4194305/")
    await Lease(store, "op", killed, SECONDS, clock).step()
    assert await Lease(store, "op", process.name(), SECONDS, clock).step()


# --- wishes ---------------------------------------------------------------------------------------


async def test_wish__asker_renews_it__holder_hears_of_it_and_only_the_asker_gets_it() -> None:
    store, clock = MemoryLeaseStore(), ManualClock()
    a, b = two(store, clock)
    other = Lease(store, "op", "c", SECONDS, clock)
    await a.step()
    assert await a.asked() is None
    await b.step(ask=True)
    assert await a.asked() is None, "it might be a dead one's"
    assert a.pause_seconds == SECONDS / 12
    await b.step(ask=True)
    assert await a.asked() == "b"
    await a.release()
    assert not await a.step() and not await other.step()
    assert await b.step(ask=True)
    assert store.rows["op"].wish is None
    assert await b.asked() is None


async def test_wish__left_by_a_dead_asker__holder_keeps_the_lease() -> None:
    store, clock = MemoryLeaseStore(), ManualClock()
    a, b = two(store, clock)
    await a.step()
    await b.step(ask=True)
    for _ in range(20):
        clock.tick(a.pause_seconds)
        assert await a.step()
        assert await a.asked() is None
    assert store.rows["op"].wish is None, "the next asker need not wait for it"


async def test_wish__asker_dies_after_the_holder_let_go__over_after_the_leases_time() -> None:
    store, clock = MemoryLeaseStore(), ManualClock()
    a, b = two(store, clock)
    await a.step()
    await b.step(ask=True)
    await a.asked()
    await b.step(ask=True)
    assert await a.asked() == "b"
    await a.release()
    silent = clock.monotonic()
    while not await a.step():
        clock.tick(a.pause_seconds)
    assert SECONDS <= clock.monotonic() - silent <= SECONDS + 2 * SECONDS / 12


async def test_wish__asker_known_to_be_dead__over_at_once() -> None:
    clock, store, dead = ManualClock(), MemoryLeaseStore(), set[str]()
    a, b = (Lease(store, "op", n, SECONDS, clock, is_dead=dead.__contains__) for n in "ab")
    await a.step()
    await b.step(ask=True)
    await a.release()
    assert not await a.step()
    dead.add("b")
    assert await a.step()


async def test_wish__holder_falls_silent__asker_before_all_others() -> None:
    store, clock = MemoryLeaseStore(), ManualClock()
    a, b = two(store, clock)
    other = Lease(store, "op", "c", SECONDS, clock)
    await a.step()
    for _ in range(14):
        clock.tick(1.0)
        assert not await other.step()
        if await b.step(ask=True):
            break
    assert b.held


async def test_wish__two_askers__the_second_waits_for_its_turn() -> None:
    store, clock = MemoryLeaseStore(), ManualClock()
    a, b = two(store, clock)
    late = Lease(store, "op", "c", SECONDS, clock)
    await a.step()
    for _ in range(20):
        clock.tick(1.0)
        await a.step()
        await b.step(ask=True)
        await late.step(ask=True)
        assert store.rows["op"].wish is not None and store.rows["op"].wish.by == "b"
    await a.release()
    await b.step(ask=True)
    await late.step(ask=True)
    assert store.rows["op"].wish == LeaseWish("c", 0)
    await b.release()
    assert await late.step(ask=True)


async def test_wish__given_up__withdrawn() -> None:
    store, clock = MemoryLeaseStore(), ManualClock()
    a, b = two(store, clock)
    await a.step()
    await b.step(ask=True)
    await b.release()
    assert store.rows["op"].wish is None
    assert a.held and store.rows["op"].holder == "a"


async def test_wish__withdrawal_failed__said_again_by_the_next_step() -> None:
    store, clock = Unwishable(), ManualClock()
    a, b = two(store, clock)
    await a.step()
    await b.step(ask=True)
    await a.release()
    store.fails = True
    with pytest.raises(ConnectionError):
        await b.step()
    store.fails = False
    assert b.held
    assert await b.step()
    assert store.rows["op"].wish is None


# --- keeping it -----------------------------------------------------------------------------------


async def test_keep__store_fails_for_a_while__goes_on() -> None:
    store, clock = Failing(), ManualClock()
    a, b = two(store, clock)
    await a.step()
    keeper = asyncio.ensure_future(a.keep())
    store.fails = True
    await clock.advance(8.0)
    store.fails = False
    await clock.advance(60.0)
    assert a.held and not keeper.done()
    assert not await b.step()
    keeper.cancel()


async def test_keep__taken_by_another__ends_even_if_it_could_be_had_again() -> None:
    store, clock = Failing(), ManualClock()
    a, b = two(store, clock)
    await a.step()
    keeper = asyncio.ensure_future(a.keep())
    store.rows["op"] = replace(store.rows["op"], holder=None, token=2)
    await clock.advance(3.0)
    assert keeper.done()
    await keeper
    assert a.token == 3
    assert not await b.step()


async def test_keep__store_stays_away__ends_with_the_lease() -> None:
    store, clock = Failing(), ManualClock()
    a, _ = two(store, clock)
    await a.step()
    store.fails = True
    keeper = asyncio.ensure_future(a.keep())
    await clock.advance(SECONDS + a.renew_seconds)
    assert keeper.done() and not a.held


async def test_lease__whole_life__no_wall_clock_is_asked() -> None:
    class Timeless(ManualClock):
        def now(self) -> float:
            raise AssertionError("clocks of two machines differ")

    clock, store = Timeless(), MemoryLeaseStore()
    a, b = two(store, clock)
    await a.step()
    await b.step(ask=True)
    await a.asked()
    await b.step(ask=True)
    assert await a.asked() == "b"
    await a.release()
    assert await b.step(ask=True)
    while not await a.step():
        clock.tick(a.pause_seconds)
    assert (a.token, b.held) == (3, False)
