"""Where a random walk takes its choices from: a seeded generator, or hypothesis."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Chooser(Protocol):
    """Choices; the same source gives the same walk."""

    def number(self, low: int, high: int) -> int:
        """A number, both ends included."""
        ...


class Seeded:
    """By `random.Random(seed)`: fast, for long walks."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)

    def number(self, low: int, high: int) -> int:
        return self._rng.randint(low, high)


class Drawn:
    """By hypothesis: a failing walk is shrunk to a short one."""

    def __init__(self, data: Any) -> None:
        from hypothesis import strategies

        self._draw, self._integers = data.draw, strategies.integers

    def number(self, low: int, high: int) -> int:
        return int(self._draw(self._integers(low, high)))


def pick(chooser: Chooser, items: Sequence[T]) -> T:
    """One of the items."""
    return items[chooser.number(0, len(items) - 1)]


def chance(chooser: Chooser, percent: int) -> bool:
    """True in so many of a hundred cases."""
    return chooser.number(1, 100) <= percent


def some_bytes(chooser: Chooser, length: int) -> bytes:
    """Bytes that are not all zero."""
    return (chooser.number(1, 2**32 - 1).to_bytes(4) * (length // 4 + 1))[:length]
