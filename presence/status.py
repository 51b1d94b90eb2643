"""Whether presence does its work, and if not why, in words: for the log, /readyz.

Promises: each problem is logged once when it comes, once when it changes and once when it goes.
A note is to be known and hinders nothing.
On restart: starts as "not started yet".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from common.ops_server import Readiness

log = structlog.get_logger(__name__)


class PresenceStatus:
    """`begun`: false until the database was reached. `tasks_down`: as `common.task_keeper`."""

    def __init__(self) -> None:
        self.begun = False
        self.stopping = False
        self.tasks_down: Callable[[], Sequence[str]] = tuple
        self._problems: dict[str, str] = {}
        self._notes: dict[str, str] = {}

    def set(self, source: str, problem: str | None) -> None:
        """`source` has this problem now, or none any more."""
        self._change(self._problems, source, problem, log.error)

    def note(self, source: str, note: str | None) -> None:
        """As `set`, of what hinders nothing."""
        self._change(self._notes, source, note, log.warning)

    def readiness(self) -> Readiness:
        """For /readyz. Called from another thread."""
        lines = [] if self.begun else ["start: not started yet"]
        lines += ["the service stops"] if self.stopping else []
        lines += self.tasks_down()
        lines += [f"{source}: {text}" for source, text in sorted(dict(self._problems).items())]
        ready = not lines
        notes = sorted(dict(self._notes).items())
        lines += [f"{source}: {text} (does not affect readiness)" for source, text in notes]
        return Readiness(ready, tuple(lines))

    def _change(
        self, told: dict[str, str], source: str, text: str | None, say: Callable[..., object]
    ) -> None:
        before = told.get(source)
        if text == before or self.stopping:
            return
        if text is None:
            del told[source]
            log.info("problem resolved", source=source, was=before)
        else:
            told[source] = text
            say("problem" if told is self._problems else "note", source=source, reason=text)
