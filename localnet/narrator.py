"""How the demo speaks: short lines, one thought each, with the time each step took.

Colours only where a person reads along.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_DIM, _BOLD, _GREEN, _RED, _OFF = "\033[2m", "\033[1m", "\033[32m", "\033[31m", "\033[0m"


class Narrator:
    """Writes to `out`."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._colour = out.isatty()
        self._steps = 0
        self.began = time.monotonic()

    def heading(self, text: str) -> None:
        """A new chapter."""
        self._line(f"\n{self._paint(_BOLD, text)}")

    def part(self, name: str, what: str) -> None:
        """A part of the system is ready."""
        self._line(f"  {self._paint(_GREEN, '+')} {name:<9} {what}")

    def note(self, text: str) -> None:
        """A detail of the step above."""
        self._line(self._paint(_DIM, f"     {text}"))

    def say(self, text: str) -> None:
        """A plain line."""
        self._line(text)

    def fail(self, text: str) -> None:
        """What went wrong."""
        self._line(f"\n{self._paint(_RED, 'Failed')}: {text}")

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """A step of the walk; its time is told when it is done."""
        self._steps += 1
        began = time.monotonic()
        self._line(f"\n  {self._steps:>2}  {text}")
        yield
        took = time.monotonic() - began
        self._line(f"     {self._paint(_GREEN, 'done')} in {took:.2f} s")

    def _paint(self, code: str, text: str) -> str:
        return f"{code}{text}{_OFF}" if self._colour else text

    def _line(self, text: str) -> None:
        print(text, file=self._out, flush=True)
