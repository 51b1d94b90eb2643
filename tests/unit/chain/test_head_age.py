"""How old the newest block may be, by the chain's own block time."""

from __future__ import annotations

import pytest

from chain.head_age import SHORTEST, HeadAge

NOW = 1_700_000_000


def test_age__nothing_seen__unknown_and_no_note() -> None:
    age = HeadAge(lambda: NOW, 15)
    assert (age.seconds, age.limit, age.note()) == (None, None, None)


def test_age__one_head_alone__told_without_a_limit() -> None:
    age = HeadAge(lambda: NOW, 15)
    age.saw(7, NOW - 4000)
    assert (age.seconds, age.limit, age.note()) == (4000, None, None)


@pytest.mark.parametrize(
    ("block_seconds", "blocks", "limit"),
    [(12, 15, 180), (2, 15, 30), (1, 5, SHORTEST), (12, 2, 24)],
)
def test_limit__so_many_measured_block_times__but_never_below_the_shortest(
    block_seconds: int, blocks: int, limit: float
) -> None:
    time = [float(NOW)]
    age = HeadAge(lambda: time[0], blocks)
    for n in range(10):
        age.saw(n, NOW + n * block_seconds)
    last = NOW + 9 * block_seconds
    time[0] = last + limit
    assert (age.limit, age.note()) == (limit, None)
    time[0] += 1
    note = age.note()
    assert note is not None
    assert f"{limit + 1:.0f} s old, {(limit + 1) / block_seconds:.0f} block times" in note
    assert "HEAD_AGE_BLOCKS" in note
    age.saw(10, int(time[0]))
    assert age.note() is None


def test_block_time__heads_missed_and_one_long_halt__the_usual_one() -> None:
    age = HeadAge(lambda: NOW, 15)
    for number in (1, 4, 5, 9, 10):
        age.saw(number, NOW + 2 * number)
    for number in (11, 12):
        age.saw(number, NOW + 2 * number + 90_000)
    assert age.block_seconds == 2


def test_block_time__a_reorg_or_a_node_behind__tells_nothing() -> None:
    age = HeadAge(lambda: NOW + 50, 15)
    for number, timestamp in ((5, 10), (5, 11), (3, 6), (4, 5)):
        age.saw(number, NOW + timestamp)
    assert (age.block_seconds, age.seconds) == (None, 45)


def test_block_time__of_blocks_in_the_same_second__no_division_by_it() -> None:
    age = HeadAge(lambda: NOW + 16, 15)
    for number in range(5):
        age.saw(number, NOW)
    assert (age.limit, age.block_seconds) == (SHORTEST, 0)
    assert "16 s old: the chain" in (age.note() or "")


def test_age__a_head_from_the_future__is_zero() -> None:
    age = HeadAge(lambda: NOW, 15)
    age.saw(1, NOW + 30)
    assert age.seconds == 0


def test_note__a_head_from_the_future__this_clock_is_behind() -> None:
    time = [float(NOW)]
    age = HeadAge(lambda: time[0], 15)
    age.saw(1, NOW + 60)
    assert age.note() is None
    time[0] -= 540
    assert (
        age.note()
        == "this machine's clock is 600 s behind the newest block: set it right (NTP), or"
        " check the nodes in RPC_URLS"
    )


def test_block_time__an_older_header_asked_for__is_enough() -> None:
    age = HeadAge(lambda: NOW, 15)
    age.saw(100, NOW - 400)
    age.between(84, NOW - 400 - 16 * 12, 100, NOW - 400)
    assert age.block_seconds == 12
    assert "400 s old, 33 block times" in (age.note() or "")
