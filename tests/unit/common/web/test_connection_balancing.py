"""Which worker takes a new connection."""

from __future__ import annotations

import pytest

from common.web.server.connection_balancing import LEEWAY, SLOTS, ConnectionCounts


def counts_of(*counts: int) -> ConnectionCounts:
    made = ConnectionCounts()
    for slot, count in enumerate(counts):
        made.set(slot, count)
    return made


@pytest.mark.parametrize(
    ("mine", "other", "left"),
    [(0, 0, False), (LEEWAY, 0, False), (LEEWAY + 1, 0, True), (0, 9, False), (1005, 1000, False)],
)
def test_connection__another_worker_has_clearly_fewer__left_to_it(
    mine: int, other: int, left: bool
) -> None:
    assert counts_of(mine, other).others_have_fewer(0) is left


def test_connection__the_other_worker_is_gone__taken() -> None:
    made = counts_of(50, 0)
    assert made.others_have_fewer(0)
    made.gone(1)
    assert not made.others_have_fewer(0)


def test_slot__some_taken__the_first_free_one() -> None:
    made = ConnectionCounts()
    assert made.slot([]) == 0
    assert made.slot([0, 2, None]) == 1


def test_slot__more_workers_than_slots__takes_whatever_comes() -> None:
    made = counts_of(0)
    assert made.slot(range(SLOTS)) is None
    made.set(None, 7)
    assert not made.others_have_fewer(None)
