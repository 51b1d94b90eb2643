"""Turns and backoff."""

from __future__ import annotations

import random
from dataclasses import dataclass

from oracle.room_queue import MAX_BACKOFF, RoomQueue
from tests.support.manual_clock import ManualClock


@dataclass(frozen=True)
class WaitingRoom:
    id: str
    host: str


def rooms(host: str, count: int) -> list[WaitingRoom]:
    return [WaitingRoom(f"{host}{n}", host) for n in range(count)]


def test_pick__one_host_floods__others_get_their_turn() -> None:
    queue = RoomQueue(ManualClock(), random.Random(1))
    picked = queue.pick([*rooms("flood", 50), *rooms("guest", 1)], 4)
    assert "guest0" in [room.id for room in picked]


def test_pick__more_than_the_limit__all_get_a_turn_in_order() -> None:
    queue = RoomQueue(ManualClock(), random.Random(1))
    every = rooms("h", 10)
    assert queue.unseen(every) == 10
    seen = [room.id for _ in range(4) for room in queue.pick(every, 3)]
    assert set(seen[:9]) | set(seen[9:]) == {room.id for room in every}
    assert queue.unseen(every) == 0


def test_failed__waits_longer_each_time_with_a_bound() -> None:
    clock = ManualClock()
    queue = RoomQueue(clock, random.Random(1))
    waits = [queue.failed("x") - clock.now() for _ in range(12)]
    assert waits[0] < 1.5
    assert waits[0] < waits[3] < waits[6]
    assert max(waits) <= MAX_BACKOFF * 1.2
    assert not queue.due("x")
    assert queue.next_due() is not None
    queue.went_well("x")
    assert queue.due("x")
    assert queue.next_due() is None


def test_failed__until__not_before() -> None:
    clock = ManualClock()
    queue = RoomQueue(clock, random.Random(1))
    queue.failed("x", clock.now() + 30)
    clock.tick(29)
    assert not queue.due("x")
    clock.tick(2)
    assert queue.due("x")


def test_hurry__something_was_mended__every_backoff_is_over() -> None:
    clock = ManualClock()
    queue = RoomQueue(clock, random.Random(1))
    queue.failed("a", clock.now() + 30.0)
    queue.failed("b")
    queue.hurry()
    assert queue.due("a") and queue.due("b")
    assert queue.next_due() is None


def test_waits_for_final__until_its_block_is_final() -> None:
    queue = RoomQueue(ManualClock(), random.Random(1))
    queue.went_well("x", until_final=10)
    assert queue.waits_for_final("x", 9)
    assert not queue.waits_for_final("x", 10)
    queue.drop("x")
    assert not queue.waits_for_final("x", 0)


def test_waits_for_final__nothing_is_final__a_watched_block_waits_and_nothing_else() -> None:
    queue = RoomQueue(ManualClock(), random.Random(1))
    queue.went_well("watched", until_final=10)
    queue.went_well("free")
    assert queue.waits_for_final("watched", -1)
    assert not queue.waits_for_final("free", -1)
    assert not queue.waits_for_final("unknown", -1)


def test_went_well__has_to_wait_until_a_time__due_then_and_not_before() -> None:
    clock = ManualClock()
    queue = RoomQueue(clock, random.Random(1))
    queue.went_well("x", until=clock.now() + 60)
    assert not queue.due("x")
    assert queue.next_due() == clock.now() + 60
    clock.tick(60)
    assert queue.due("x")
