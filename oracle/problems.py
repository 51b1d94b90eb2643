"""What hinders the oracle at the moment, in words: for the log, /readyz and `status`.

Promises: each problem is logged once when it comes, once when it changes and once when it goes. All
jobs that fail by one thing (the nodes, the database) share one problem, which lasts until the last
of them works again: a node that is down for an hour is two lines and not a thousand.
"""

from __future__ import annotations

import structlog

from common.ops_server import Readiness

log = structlog.get_logger(__name__)


class Problems:
    """Conditions by their source, what jobs fail by, and `notes`, which hinder nothing.

    `begun`: false until the first look around has found what the oracle needs.
    """

    def __init__(self) -> None:
        self.begun = False
        self._problems: dict[str, str] = {}
        self._notes: dict[str, str] = {}
        self._failures: dict[str, str] = {}
        self._failing: dict[str, str] = {}  # job -> what it fails by, a key of `_failures`

    def set(self, source: str, problem: str | None) -> None:
        """`source` has this problem now, or none any more."""
        before = self._problems.get(source)
        if problem == before:
            return
        if problem is None:
            del self._problems[source]
            log.info("problem resolved", source=source, was=before)
            return
        self._problems[source] = problem
        log.error("problem", source=source, reason=problem)

    def failed(self, job: str, by: str, reason: str) -> bool:
        """A job failed. `by`: what it failed by, which may be shared; or its own name.

        True if that is news. Of a shared problem the first reason stands.
        """
        before = self._failures.get(by)
        if self._failing.get(job, by) != by:
            self.worked(job)
        self._failing[job] = by
        if before is not None and (by != job or before == reason):
            return False
        self._failures[by] = reason
        log.error("problem", source=by, reason=reason)
        return True

    def worked(self, job: str) -> None:
        """A job went well."""
        by = self._failing.pop(job, None)
        if by is not None and by not in self._failing.values():
            log.info("problem resolved", source=by, was=self._failures.pop(by))

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
        failures, failing = dict(self._failures), dict(self._failing)
        lines = [] if self.begun else ["start: not started yet"]
        lines += [f"{source}: {text}" for source, text in sorted(problems.items())]
        for by, reason in sorted(failures.items()):
            jobs = sorted(job for job, cause in failing.items() if cause == by and job != by)
            lines.append(
                f"{by}: {reason}" + (f" (affected jobs: {', '.join(jobs)})" if jobs else "")
            )
        ready = not lines
        lines += [
            f"{source}: {text} (does not affect readiness)"
            for source, text in sorted(notes.items())
        ]
        return Readiness(ready, tuple(lines))
