"""What hinders the oracle at the moment, in words: for the log, /readyz and `status`.

Promises
1. Each problem is logged once when it comes, once when it changes and once when it goes. All jobs
   that fail by one thing (the nodes, the database) share one problem, which lasts until the last of
   them works again: a node that is down for an hour is two lines and not a thousand.
2. A failure hinders only if rooms wait for the job, and only while it is the job's last word:
   - the failure of a job that is `aside` (a measurement, the sweep) is a note. What rooms need is
     asked for by the other jobs every few seconds, so the note can say nothing that they do not;
   - a job that has not come to say it again (it is in the middle of a long run) is not waited for
     once another job that failed by the same thing works, and has worked for `SETTLED_SECONDS`;
   - what a job last said is forgotten when the job does not run here any more (`forget`: another
     oracle has the lease).
Assumes: `settle` is called every second or so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

import structlog

from common.clock import Clock, SystemClock
from common.ops_server import Readiness

log = structlog.get_logger(__name__)

SETTLED_SECONDS = 5.0


@dataclass(slots=True)
class _Cause:
    """What jobs fail by. `jobs`: who does, and when (monotonic seconds); `worked_at`: when one of
    them last worked again; `hinders`: it was logged as a problem, not as a note."""

    reason: str
    jobs: dict[str, float] = field(default_factory=dict)
    worked_at: float | None = None
    hinders: bool = False


class Problems:
    """Conditions by their source, what jobs fail by, and `notes`, which hinder nothing.

    `begun`: false until the first look around has found what the oracle needs. `aside`: the jobs
    that no room waits for. `tasks_down`: lines about tasks that died (`common.task_keeper`).
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.begun = False
        self.stopping = False
        self.aside: Collection[str] = frozenset()
        self.tasks_down: Callable[[], Sequence[str]] = tuple
        self._clock = clock or SystemClock()
        self._problems: dict[str, str] = {}
        self._notes: dict[str, str] = {}
        self._causes: dict[str, _Cause] = {}

    def stop(self) -> None:
        """The process ends: what its jobs stumble over from now on is no news."""
        self.stopping = True

    def set(self, source: str, problem: str | None) -> None:
        """`source` has this problem now, or none any more."""
        before = self._problems.get(source)
        if problem == before or self.stopping:
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
        if self.stopping:
            return False
        if (before := self._cause_of(job)) is not None and before != by:
            self.worked(job)
        cause = self._causes.get(by)
        news = cause is None or (by == job and cause.reason != reason)
        if cause is None:
            cause = self._causes[by] = _Cause(reason)
        elif news:
            cause.reason = reason
        cause.jobs[job] = self._clock.monotonic()
        hinders = job not in self.aside
        if hinders and (news or not cause.hinders):
            log.error("problem", source=by, reason=cause.reason)
        elif news:
            log.warning("job failed", job=job, source=by, reason=reason)
        cause.hinders = cause.hinders or hinders
        return news

    def worked(self, job: str) -> None:
        """A job went well."""
        if (by := self._cause_of(job)) is not None:
            self._causes[by].worked_at = self._clock.monotonic()
            if job in self.aside:
                log.info("job works again", job=job)
            self._drop(by, [job])

    def forget(self, jobs: Iterable[str]) -> None:
        """These jobs do not run here any more."""
        for job in jobs:
            if (by := self._cause_of(job)) is not None:
                self._drop(by, [job])

    def settle(self) -> None:
        """Leave out what jobs said of a shared cause before another found it well again."""
        now = self._clock.monotonic()
        for by, cause in list(self._causes.items()):
            well = cause.worked_at
            if well is not None and now - well >= SETTLED_SECONDS:
                before = [job for job, at in cause.jobs.items() if at < well]
                self._drop(by, [job for job in before if job not in self.aside])

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
        lines = [] if self.begun else ["start: not started yet"]
        lines += ["the service stops"] if self.stopping else []
        lines += self.tasks_down()
        lines += [f"{source}: {text}" for source, text in sorted(problems.items())]
        for by, cause in sorted(dict(self._causes).items()):
            failing = sorted(dict(cause.jobs))
            text = cause.reason
            if jobs := ", ".join(job for job in failing if job != by):
                text += f" (affected jobs: {jobs})"
            if any(job not in self.aside for job in failing):
                lines.append(f"{by}: {text}")
            elif failing:
                notes[by] = f"{text}; tried again within a minute"
        ready = not lines
        lines += [
            f"{source}: {text} (does not affect readiness)"
            for source, text in sorted(notes.items())
        ]
        return Readiness(ready, tuple(lines))

    def _cause_of(self, job: str) -> str | None:
        return next((by for by, cause in self._causes.items() if job in cause.jobs), None)

    def _drop(self, by: str, jobs: Iterable[str]) -> None:
        """These jobs fail by it no more."""
        cause = self._causes[by]
        for job in jobs:
            del cause.jobs[job]
        if not cause.jobs:
            del self._causes[by]
        if cause.hinders and all(job in self.aside for job in cause.jobs):
            cause.hinders = False
            log.info("problem resolved", source=by, was=cause.reason)
