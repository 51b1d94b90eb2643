"""A progress bar on standard error, when a person watches."""

from __future__ import annotations

import sys

WIDTH = 30


class Progress:
    """`total`: how much there is; `quiet`: say nothing."""

    def __init__(self, name: str, total: int, quiet: bool = False) -> None:
        self._name = name
        self._total = total
        self._shown = -1
        self._silent = quiet or not sys.stderr.isatty()

    def at(self, done: int) -> None:
        """So much is done."""
        share = 100 * done // self._total if self._total else 100
        if self._silent or share == self._shown:
            return
        self._shown = share
        bar = "#" * (WIDTH * share // 100)
        text = f"\r{self._name:10} [{bar:{WIDTH}}] {share:3d} % of {self._total}"
        print(text, end="", file=sys.stderr, flush=True)

    def done(self) -> None:
        """End the line."""
        if not self._silent and self._shown >= 0:
            print(file=sys.stderr)
