"""Long-lived tasks that never die unseen.

Promises: a task that dies of whatever error, or ends although it should run for ever, is reported,
counted, and started again after a pause that grows while it keeps dying. The traceback is logged
once for each kind of error in a row. `down` says which tasks are down, in words for /readyz, and
never quotes an error: its text may hold a secret. What only a person can put right (`fatal`) passes
and ends the service; so does a cancellation that was asked of us. One that nobody asked for, as a
library's cancelled future raises it, is a death like any other.
Assumes: a task can be started again at any time. What failures of its *work* lead to is the task's
own matter (`common.supervisor`): what arrives here is a bug.
On restart: nothing is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from common.clock import Clock, Rng, jittered

log = structlog.get_logger(__name__)

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
WELL_SECONDS = 60.0
"""A task that lived for so long is well: if it dies, the pauses begin anew."""
UP_SECONDS = 5.0
"""So long after its restart a task still counts as down: it may die of the same at once."""


def _never() -> bool:
    return False


def _uncounted(_task: str, _restarts: int) -> None:
    return None


@dataclass
class _Record:
    """What is known of one task. `since`: when it was last started, None while it is down."""

    since: float | None = None
    deaths: int = 0
    cause: str = ""


class TaskKeeper:
    """Keeps the tasks of one process.

    `fatal`: errors that pass. `count(task, restarts)` adds to a metric: 0 when a task first begins,
    so that its series is there from then on, 1 at each restart.
    """

    def __init__(
        self,
        clock: Clock,
        rng: Rng,
        *,
        fatal: tuple[type[Exception], ...] = (),
        count: Callable[[str, int], None] = _uncounted,
    ) -> None:
        self._clock = clock
        self._rng = rng
        self._fatal = fatal
        self._count = count
        self._records: dict[str, _Record] = {}

    async def keep(
        self,
        name: str,
        work: Callable[[], Awaitable[object]],
        *,
        over: Callable[[], bool] = _never,
    ) -> None:
        """Run `work` again and again until cancelled; until it ends, once `over` says that it may.
        Raises the `fatal` errors."""
        while not over():
            self._begins(name)
            error: BaseException | None = None
            try:
                await work()
            except self._fatal:
                raise
            except asyncio.CancelledError as cancelled:
                if _asked_to_end():
                    raise
                error = cancelled
            except Exception as failed:
                error = failed
            if error is None and over():
                return
            await self._clock.sleep(self._died(name, error))

    def keep_here(
        self,
        name: str,
        work: Callable[[], object],
        sleep: Callable[[float], None],
        over: Callable[[], bool],
    ) -> None:
        """The same for a thread of its own, which calls this."""
        while not over():
            self._begins(name)
            error: Exception | None = None
            try:
                work()
            except self._fatal:
                raise
            except Exception as failed:
                error = failed
            if error is None and over():
                return
            sleep(self._died(name, error))

    def down(self) -> Sequence[str]:
        """A line for each task that is down. May be called from another thread."""
        now = self._clock.monotonic()
        return [
            f"internal error: the task {name!r} ended ({record.cause}) and is started again: "
            "see the log"
            for name, record in list(self._records.items())
            if record.deaths and (record.since is None or now - record.since < UP_SECONDS)
        ]

    def _begins(self, name: str) -> None:
        record = self._records.get(name)
        if record is None:
            record = self._records[name] = _Record()
            self._count(name, 0)
        else:
            self._count(name, 1)
            log.warning("task started again", task=name)
        record.since = self._clock.monotonic()

    def _died(self, name: str, error: BaseException | None) -> float:
        """Report it; how long to wait before it is started again."""
        record = self._records[name]
        lived = self._clock.monotonic() - (record.since or 0.0)
        record.since = None
        record.deaths = 1 if lived >= WELL_SECONDS else record.deaths + 1
        cause = "without an error" if error is None else type(error).__name__
        news = record.deaths == 1 or cause != record.cause
        record.cause = cause
        pause = min(FIRST_PAUSE * 2.0 ** min(record.deaths - 1, 10), LONGEST_PAUSE)
        log.error(
            "task ended", task=name, cause=cause, again_in=round(pause, 1),
            **({"exc_info": error} if news and error is not None else {}),
        )  # fmt: skip
        return jittered(pause, self._rng)


def _asked_to_end() -> bool:
    """Whether somebody cancelled the task that we run in."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
