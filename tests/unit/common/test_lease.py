"""The lease: one holder at a time, without trusting a wall clock."""

from __future__ import annotations

from dataclasses import replace

import pytest
from annotated_types import Le

from common.lease import Lease, Record
from common.lease_store import MemoryLeaseStore
from settings import OracleSettings
from tests.support.manual_clock import ManualClock

SECONDS = 12.0


class Store(MemoryLeaseStore):
    """Loses answers when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.lose = False

    async def swap(self, before: Record | None, after: Record) -> bool:
        done = await super().swap(before, after)
        if self.lose:
            raise ConnectionError("the answer is lost")
        return done


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
