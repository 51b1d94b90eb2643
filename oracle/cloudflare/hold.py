"""A hold: a kind of call waits for an operator, and one call now and then looks whether it still
must.

Promises: the operator's reason stays visible until a call succeeds that needs as much as the failed
one did; every `probe_seconds` one call passes. Pure; times are passed in.
"""

from __future__ import annotations

from oracle.cloudflare.operations import Power


class Hold:
    """One gate. Free at first, and after a restart."""

    def __init__(self, probe_seconds: float) -> None:
        self._probe_seconds = probe_seconds
        self._next_probe = 0.0
        self._power = Power.READ
        self.reason: str | None = None
        self.since: float | None = None

    def wait(self, now: float) -> float:
        """Monotonic seconds until a call may pass; 0 if one may now."""
        return 0.0 if self.reason is None else max(0.0, self._next_probe - now)

    def enter(self, now: float) -> None:
        """A call passes; if held, it is the probe and the next one waits."""
        if self.reason is not None:
            self._next_probe = now + self._probe_seconds

    def look_again(self) -> None:
        """The next call passes: something was mended. The reason stays until it succeeds."""
        self._next_probe = float("-inf")

    def close(self, reason: str, power: Power, now: float, unix_now: float) -> None:
        """Holds, for `reason`, until something of `power` succeeds."""
        if self.reason is None:
            self.since = unix_now
            self._power = power
        self._power = max(self._power, power)
        self.reason = reason
        self._next_probe = now + self._probe_seconds

    def proved(self, power: Power) -> None:
        """Something of `power` succeeded."""
        if power >= self._power:
            self.reason = self.since = None
