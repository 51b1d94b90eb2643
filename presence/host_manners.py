"""How much may be asked of one playback host at the moment, and how much of all of them.

Promises: a host that is slow, refuses or is away slows its own rooms alone: few questions are open
there at a time, and after failures none is asked for a pause that grows, with jitter, up to a
bound; what it asks for by Retry-After counts, within a bound. Of all hosts together no more than so
many questions begin in any second.
"""

from __future__ import annotations

from collections import deque
from enum import Enum

from common.clock import Rng

OPEN_AT_ONCE = 8
OPEN_WHILE_FAILING = 2
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
FIRST_PAUSE_429, LONGEST_PAUSE_429 = 5.0, 300.0
SILENT_HOST_SECONDS = 120.0
"""A host that has said nothing that counts for so long: its rooms are unknown."""
_AT_ONCE = 0.0005  # too short to wait for; what is counted as a second is longer by more


class AnswerKind(Enum):
    """What came of a question. `ROOM`: nothing that counts, about this room alone (401, 404, an
    answer that makes no sense). `SLOW_DOWN`: 429. `AWAY`: anything else."""

    GOOD = "good"
    ROOM = "room"
    SLOW_DOWN = "slow_down"
    AWAY = "away"


class HostManners:
    """One host. Times are monotonic seconds."""

    def __init__(self, rng: Rng, now: float) -> None:
        self._rng = rng
        self.in_flight = 0
        self.failures = 0
        self.paused_until = float("-inf")
        self.good_at = now
        self._failed_at = float("-inf")

    def open(self, now: float) -> bool:
        """Whether a question may begin."""
        most = OPEN_WHILE_FAILING if self.failures else OPEN_AT_ONCE
        return not self.paused(now) and self.in_flight < most

    def paused(self, now: float) -> bool:
        return now < self.paused_until

    def silent(self, now: float) -> bool:
        """Whether what it said last is too old to count."""
        return self.failures > 0 and now - self.good_at >= SILENT_HOST_SECONDS

    def began(self) -> None:
        self.in_flight += 1

    def ended(
        self, outcome: AnswerKind, asked_at: float, now: float, retry_after: float | None = None
    ) -> None:
        """A question that began at `asked_at` has ended. `retry_after`: seconds it asks for."""
        self.in_flight -= 1
        if outcome is AnswerKind.GOOD:
            self.failures, self.good_at = 0, now
        elif outcome is not AnswerKind.ROOM:
            # what was open beside the first failure tells nothing new
            if asked_at > self._failed_at or not self.failures:
                self.failures += 1
                self._failed_at = now
            self._pause(outcome, now, retry_after)

    def _pause(self, outcome: AnswerKind, now: float, retry_after: float | None) -> None:
        first, longest = FIRST_PAUSE, LONGEST_PAUSE
        if outcome is AnswerKind.SLOW_DOWN:
            first, longest = FIRST_PAUSE_429, LONGEST_PAUSE_429
        seconds = first * 2.0 ** min(self.failures - 1, 10)
        if outcome is AnswerKind.SLOW_DOWN and retry_after is not None:
            seconds = max(first, retry_after)
        # never earlier than it asked for
        pause = min(seconds, longest) * (1.0 + 0.2 * self._rng.random())
        self.paused_until = max(self.paused_until, now + pause)


class QuestionRate:
    """At most `per_second` questions begin in any second, evenly, and none before `not_before`."""

    def __init__(self, per_second: int, not_before: float = float("-inf")) -> None:
        self._not_before = not_before
        self._began: deque[float] = deque(maxlen=per_second)
        # sleeps are longer than asked for; what is too close evens out at the bound
        self._apart = 0.75 / per_second

    def wait(self, now: float) -> float:
        """Seconds until the next may begin."""
        began = self._began
        if not began:
            return max(0.0, self._not_before - now)
        earliest = began[-1] + self._apart
        if len(began) == began.maxlen:
            earliest = max(earliest, began[0] + 1.001)
        wait = earliest - now
        return wait if wait > _AT_ONCE else 0.0

    def began(self, now: float) -> None:
        self._began.append(now)
