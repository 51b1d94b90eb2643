"""The window of recent blocks."""

from __future__ import annotations

import pytest

from chain.follow.window import MOST, BlockPosition, Window
from chain.header import Header


def at(number: int, fork: str = "a") -> BlockPosition:
    return BlockPosition(number, f"0x{fork}{number:063x}", number, bytes(23))


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
