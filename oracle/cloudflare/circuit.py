"""The circuit: stops calling a Cloudflare that is down, and finds out when it is back.

`threshold` failures in a row open it for `open_seconds`, doubling with every failed probe up to
`max_open_seconds`; then one probe at a time passes and its success closes the circuit. Results of
calls that began before it opened change nothing. Pure; times are monotonic seconds, passed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Closed: calls pass. Open: none does. Half open: one does, to find out."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class CircuitPolicy:
    """When to open, and how long to stay open. Seconds."""

    threshold: int = 5
    open_seconds: float = 2.0
    max_open_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Pass:
    """One call's way through: the opening it belongs to, and whether it is the probe."""

    generation: int
    probe: bool


class Circuit:
    """See the module."""

    def __init__(self, policy: CircuitPolicy) -> None:
        self._policy = policy
        self._failures = 0
        self._openings = 0
        self._generation = 0
        self._open_until: float | None = None
        self._probe_out = False
        self.last_failure: str | None = None

    def state(self, now: float) -> State:
        """The state at `now`."""
        if self._open_until is None:
            return State.CLOSED
        return State.OPEN if now < self._open_until else State.HALF_OPEN

    def wait(self, now: float) -> float:
        """Seconds until a call may pass; 0 if one may now."""
        if self._open_until is None:
            return 0.0
        if now < self._open_until:
            return self._open_until - now
        return self._policy.open_seconds if self._probe_out else 0.0

    def enter(self, now: float) -> Pass:
        """Counts a call; one that must not wait may enter an open circuit as well."""
        probe = self.state(now) is State.HALF_OPEN and not self._probe_out
        self._probe_out = self._probe_out or probe
        return Pass(self._generation, probe)

    def alive(self, by: Pass) -> None:
        """The call was answered."""
        self.leave(by)
        if by.generation == self._generation:
            self._failures = self._openings = 0
            self._open_until = None
            self._probe_out = False

    def failure(self, by: Pass, now: float, words: str) -> None:
        """The call failed in a way that speaks against Cloudflare's health."""
        self.leave(by)
        if by.generation != self._generation:
            return
        self._failures += 1
        self.last_failure = words
        if by.probe or (self._open_until is None and self._failures >= self._policy.threshold):
            pause = self._policy.open_seconds * 2.0**self._openings
            self._open_until = now + min(pause, self._policy.max_open_seconds)
            self._openings = min(self._openings + 1, 20)
            self._generation += 1
            self._probe_out = False

    def leave(self, by: Pass) -> None:
        """The call ended without telling anything."""
        if by.probe and by.generation == self._generation:
            self._probe_out = False
