"""Turns and backoff."""

from __future__ import annotations

import random
from dataclasses import dataclass

from oracle.room_queue import MAX_BACKOFF, Schedule
from tests.support.manual_clock import ManualClock


@dataclass(frozen=True)
class Room:
    id: str
    host: str


def rooms(host: str, count: int) -> list[Room]:
    return [Room(f"{host}{n}", host) for n in range(count)]


def test_pick__one_host_floods__others_get_their_turn() -> None:
    schedule = Schedule(ManualClock(), random.Random(1))
    picked = schedule.pick([*rooms("flood", 50), *rooms("guest", 1)], 4)
    assert "guest0" in [room.id for room in picked]


def test_pick__more_than_the_limit__all_get_a_turn_in_order() -> None:
    schedule = Schedule(ManualClock(), random.Random(1))
    every = rooms("h", 10)
    assert schedule.unseen(every) == 10
    seen = [room.id for _ in range(4) for room in schedule.pick(every, 3)]
    assert set(seen[:9]) | set(seen[9:]) == {room.id for room in every}
    assert schedule.unseen(every) == 0


def test_failed__waits_longer_each_time_with_a_bound() -> None:
    clock = ManualClock()
    schedule = Schedule(clock, random.Random(1))
    waits = [schedule.failed("x") - clock.now() for _ in range(12)]
    assert waits[0] < 1.5
    assert waits[0] < waits[3] < waits[6]
    assert max(waits) <= MAX_BACKOFF * 1.2
    assert not schedule.due("x")
    assert schedule.next_due() is not None
    schedule.went_well("x")
    assert schedule.due("x")
    assert schedule.next_due() is None


def test_failed__until__not_before() -> None:
    clock = ManualClock()
    schedule = Schedule(clock, random.Random(1))
    schedule.failed("x", clock.now() + 30)
    clock.tick(29)
    assert not schedule.due("x")
    clock.tick(2)
    assert schedule.due("x")


def test_hurry__something_was_mended__every_backoff_is_over() -> None:
    clock = ManualClock()
    schedule = Schedule(clock, random.Random(1))
    schedule.failed("a", clock.now() + 30.0)
    schedule.failed("b")
    schedule.hurry()
    assert schedule.due("a") and schedule.due("b")
    assert schedule.next_due() is None


def test_watching__until_its_block_is_final() -> None:
    schedule = Schedule(ManualClock(), random.Random(1))
    schedule.went_well("x", watch=10)
    assert schedule.watching("x", 9)
    assert not schedule.watching("x", 10)
    schedule.drop("x")
    assert not schedule.watching("x", 0)


def test_watching__nothing_is_final__a_watched_block_waits_and_nothing_else() -> None:
    schedule = Schedule(ManualClock(), random.Random(1))
    schedule.went_well("watched", watch=10)
    schedule.went_well("free")
    assert schedule.watching("watched", -1)
    assert not schedule.watching("free", -1)
    assert not schedule.watching("unknown", -1)
