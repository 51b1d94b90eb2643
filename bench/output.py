"""What the runner hands to a suite: where to tell its progress and where to put raw files."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class SuiteOutput:
    """`folder`: the suite's own, empty at the start, kept after the run (logs, raw figures)."""

    suite: str
    folder: Path
    _started: float = field(default_factory=time.monotonic)

    def say(self, text: str) -> None:
        """A line of progress, with the seconds since the suite began."""
        took = time.monotonic() - self._started
        print(f"  [{self.suite} {took:6.1f} s] {text}", file=sys.stderr, flush=True)
