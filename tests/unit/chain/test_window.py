"""The follower's small parts: recent blocks, range sizes, blooms, endpoints from addresses."""

from __future__ import annotations

import pytest

from chain.follow import bloom
from chain.follow.blocks import Header
from chain.follow.ranges import LARGEST, RangeSizer
from chain.follow.window import MOST, Position, Window


def at(number: int, fork: str = "a") -> Position:
    return Position(number, f"0x{fork}{number:063x}", number, bytes(24))


def test_window__a_child_of_the_tip__extends_and_anything_else_does_not() -> None:
    window = Window([at(1), at(2)])
    assert window.extends(Header(3, "0x", at(2).hash, 0, None))
    assert not window.extends(Header(3, "0x", at(2, "b").hash, 0, None))
    assert not window.extends(Header(4, "0x", at(2).hash, 0, None))
    with pytest.raises(ValueError):
        window.push(at(2))


def test_window__settled__keeps_one_block_at_or_below_the_final_one() -> None:
    window = Window(map(at, range(1, 11)))
    window.settle(7)
    assert [entry.number for entry in window] == [7, 8, 9, 10]
    sparse = Window([at(2), at(5), at(9)])
    sparse.settle(7)
    assert [entry.number for entry in sparse] == [5, 9]
    sparse.settle(100)
    assert [entry.number for entry in sparse] == [9]


def test_window__more_blocks_than_it_holds__stays_bounded_and_keeps_the_newest() -> None:
    window = Window([at(0)])
    for number in range(1, 5000):
        window.push(at(number))
        assert len(window) <= MOST
    newest = [entry.number for entry in window][-MOST // 4 :]
    assert newest == list(range(5000 - len(newest), 5000))
    assert next(iter(window)).number == 0, "the oldest is the last resort"


def test_window__cut__what_was_above_is_forgotten() -> None:
    window = Window(map(at, range(1, 6)))
    window.cut(at(3))
    assert [entry.number for entry in window] == [1, 2, 3]
    assert window.at(3) == at(3)
    assert window.at(4) is None


def test_range_sizer__sparse_then_dense__aims_at_its_target() -> None:
    sizer = RangeSizer(target=1000, size=100)
    for _ in range(4):
        sizer.answered(sizer.size, 0)
    assert sizer.size == 100 * 4**4
    sizer.answered(1000, 100_000)
    assert sizer.size == 10


@pytest.mark.parametrize(
    ("most", "suggested", "size"), [(50, None, 50), (None, (10, 29), 20), (None, None, 500)]
)
def test_range_sizer__refused__asks_for_what_the_node_takes(
    most: int | None, suggested: tuple[int, int] | None, size: int
) -> None:
    sizer = RangeSizer(size=1000)
    sizer.refused(1000, most, suggested)
    assert sizer.size == size


def test_range_sizer__a_refusal_long_ago__is_forgiven() -> None:
    sizer = RangeSizer(size=1000)
    sizer.refused(1000, 100, None)
    for _ in range(49):
        sizer.answered(sizer.size, 1)
    assert sizer.size == 100
    for _ in range(2):
        sizer.answered(sizer.size, 1)
    assert sizer.size == 200
    assert sizer.cap <= LARGEST


def test_bloom__items_in_and_out__never_excludes_what_is_in() -> None:
    items = [f"0x{n:040x}" for n in range(1, 30)]
    made = bloom.make(items)
    assert not any(bloom.excludes(made, item) for item in items)
    strangers = [f"0x{n:040x}" for n in range(1000, 1100)]
    assert sum(bloom.excludes(made, item) for item in strangers) > 90


def test_bloom__a_real_header__marks_are_where_the_yellow_paper_puts_them() -> None:
    # keccak of the zero address begins 5380 c7b7 ae81: bits 0x380, 0x7b7, 0x681.
    made = int(bloom.make(["0x" + "00" * 20]), 16)
    assert made == 1 << 0x380 | 1 << 0x7B7 | 1 << 0x681


@pytest.mark.parametrize("silent", [None, "0x", "0x" + "00" * 256, "0x" + "zz" * 256])
def test_bloom__one_that_says_nothing__excludes_nothing(silent: str | None) -> None:
    assert not bloom.excludes(silent, "0x" + "00" * 20)
