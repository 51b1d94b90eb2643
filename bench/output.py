"""What the runner hands to a suite: where to tell its progress, where to put raw files, how long it
may take, and whether it was told to stop."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from types import FrameType

from bench.rows import BenchRow

Part = Callable[["SuiteOutput"], list[BenchRow]]


@dataclass
class SuiteOutput:
    """`folder`: the suite's own, empty at the start, kept after the run (logs, raw figures).
    `minutes`: how long a part that watches for a while shall do so; None: as it likes.
    `stopped`: Ctrl-C or SIGTERM came while a part was `interruptible`."""

    suite: str
    folder: Path
    minutes: float | None = None
    stopped: Event = field(default_factory=Event)
    _started: float = field(default_factory=time.monotonic)

    def seconds(self, default: float) -> float:
        """How long to watch."""
        return default if self.minutes is None else self.minutes * 60

    def run_parts(self, parts: Mapping[str, Part]) -> list[BenchRow]:
        """One after the other, each with a folder of its own, until told to stop."""
        rows: list[BenchRow] = []
        for name, part in parts.items():
            if self.stopped.is_set():
                break
            folder = self.folder / name
            folder.mkdir()
            rows += part(SuiteOutput(f"{self.suite}.{name}", folder, self.minutes, self.stopped))
        return rows

    @contextmanager
    def interruptible(self) -> Iterator[Event]:
        """Until left, the first Ctrl-C or SIGTERM sets `stopped`, so that a part ends with what it
        has; the second one is as always."""

        def stop(number: int, _: FrameType | None) -> None:
            if self.stopped.is_set():
                raise KeyboardInterrupt
            self.stopped.set()
            self.say(f"{signal.Signals(number).name}: ends with what was measured; again: at once")

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield self.stopped
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def say(self, text: str) -> None:
        """A line of progress, with the seconds since the suite began."""
        took = time.monotonic() - self._started
        print(f"  [{self.suite} {took:6.1f} s] {text}", file=sys.stderr, flush=True)
