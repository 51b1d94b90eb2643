"""What hinders the oracle at the moment, in words: for the log, /readyz and `status`.

Promises: each problem is logged once when it comes, once when it changes and once when it goes, so
that a node that is down for an hour is two lines and not a thousand.
"""

from __future__ import annotations

import structlog

from ops import Readiness

log = structlog.get_logger(__name__)


class Problems:
    """Problems by their source, e.g. a job's name. `notes` are said, but hinder nothing."""

    def __init__(self) -> None:
        self._problems: dict[str, str] = {}
        self._notes: dict[str, str] = {}

    def set(self, source: str, problem: str | None) -> None:
        """`source` has this problem now, or none any more."""
        before = self._problems.get(source)
        if problem == before:
            return
        if problem is None:
            del self._problems[source]
            log.info("problem over", source=source, was=before)
            return
        self._problems[source] = problem
        log.error("problem", source=source, reason=problem)

    def note(self, source: str, note: str | None) -> None:
        """Something to be known that hinders nothing."""
        if note == self._notes.get(source):
            return
        if note is None:
            self._notes.pop(source, None)
        else:
            self._notes[source] = note
            log.warning("note", source=source, reason=note)

    def readiness(self) -> Readiness:
        """For /readyz. Called from another thread."""
        problems, notes = dict(self._problems), dict(self._notes)
        lines = [f"{source}: {text}" for source, text in sorted(problems.items())]
        lines += [f"{source}: {text} (no hindrance)" for source, text in sorted(notes.items())]
        return Readiness(not problems, tuple(lines))
