"""What a drill is, and what it says.

Promises: each finding is printed as it is made; a drill that raises has failed, with the reason;
one that this machine cannot try says so, and does not count as held.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from localnet.waiting import wait_until


class NotTried(Exception):
    """This machine lacks what the drill needs; the text says what, and how to get it."""


class Finding(NamedTuple):
    """One promise and whether it held. `figure`: what was measured or said."""

    what: str
    held: bool
    figure: str = ""


def within(seconds: float, condition: Callable[[], object]) -> bool:
    """Whether `condition` comes true in time."""
    try:
        return bool(wait_until(condition, seconds))
    except AssertionError:
        return False


@dataclass
class Drill:
    """One run of a drill. `folder`: its files, kept afterwards. `minutes`: of load."""

    name: str
    folder: Path
    minutes: float
    findings: list[Finding] = field(default_factory=list)
    not_tried: list[str] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    def say(self, text: str) -> None:
        """A line of progress."""
        print(f"  [{self.name} {self.seconds:6.1f} s] {text}", flush=True)

    def check(self, what: str, holds: bool, figure: object = "") -> None:
        """Note whether something held; the drill goes on in any case."""
        finding = Finding(what, bool(holds), str(figure))
        self.findings.append(finding)
        self.say(f"{'held' if holds else 'FAILED'}: {what}{f' ({figure})' if figure else ''}")

    def cannot_try(self, why: str) -> None:
        """A part of it that this machine cannot try."""
        self.not_tried.append(why)
        self.say(f"NOT TRIED: {why}")

    @property
    def seconds(self) -> float:
        """Since its start."""
        return time.monotonic() - self._began

    @property
    def result(self) -> str:
        """In a word or two."""
        if not all(finding.held for finding in self.findings):
            return "FAILED"
        return "held" if self.findings and not self.not_tried else "NOT TRIED"

    def run(self, body: Callable[[Drill], None]) -> str:
        """Go through `body`; the result."""
        try:
            body(self)
        except NotTried as missing:
            self.cannot_try(str(missing))
        except Exception as error:  # whatever it is, the other drills are run
            self.check("it ran to its end", False, f"{type(error).__name__}: {error}")
        return self.result
