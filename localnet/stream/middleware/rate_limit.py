"""The rate limit of the REST API.

Promises: N calls per window and caller's budget; the call over it, and every call in the window
that follows, is refused (documented: "all calls blocked for the next 5 minutes").
Assumes: a window begins with its first call (a guess; the headers speak of a fixed window), and
calls made while blocked do not prolong the block (a guess).
On restart: every budget is full again; limits are the command line's.
"""

import math
from dataclasses import dataclass

from localnet.stream.clock import StandInClock


@dataclass(frozen=True, slots=True)
class RateLimitVerdict:
    """Whether a call may pass, what is left of its window and when that ends (seconds)."""

    allowed: bool
    remaining: int
    reset: float

    @property
    def retry_after(self) -> str:
        """Whole seconds, rounded up: waiting that long is always enough."""
        return str(max(1, math.ceil(self.reset)))


@dataclass(slots=True)
class _RateWindow:
    began: float
    used: int = 0
    blocked_until: float = 0.0


class StandInRateLimit:
    """Fixed windows, one per budget. `requests` 0 turns the limit off."""

    def __init__(self, clock: StandInClock, requests: int = 1200, window_s: float = 300.0) -> None:
        self._clock = clock
        self._windows: dict[str, _RateWindow] = {}
        self.requests = requests
        self.window_s = window_s

    def set(self, requests: int, window_s: float) -> None:
        """New limits; every budget starts full. Raises ValueError for nonsense."""
        if requests < 0 or window_s <= 0:
            raise ValueError("requests must be zero (no limit) or more, window_s above zero")
        self.requests = requests
        self.window_s = window_s
        self._windows.clear()

    def take(self, budget: str) -> RateLimitVerdict:
        """Counts one call against a budget."""
        now = self._clock.now()
        window = self._windows.get(budget)
        if window is not None and now < window.blocked_until:
            return RateLimitVerdict(False, 0, window.blocked_until - now)
        if window is None or window.blocked_until or now - window.began >= self.window_s:
            window = self._windows[budget] = _RateWindow(began=now)
        if self.requests and window.used >= self.requests:
            window.blocked_until = now + self.window_s
            return RateLimitVerdict(False, 0, self.window_s)
        window.used += 1
        remaining = self.requests - window.used if self.requests else 1_000_000
        return RateLimitVerdict(True, remaining, window.began + self.window_s - now)

    def headers(self, verdict: RateLimitVerdict) -> dict[str, str]:
        """`Ratelimit` and `Ratelimit-Policy`, on every answer; `Retry-After` on a refusal."""
        reset = max(0, math.ceil(verdict.reset))
        headers = {
            "Ratelimit": f'"default";r={verdict.remaining};t={reset}',
            "Ratelimit-Policy": f'"default";q={self.requests};w={math.ceil(self.window_s)}',
        }
        if not verdict.allowed:
            headers["Retry-After"] = verdict.retry_after
        return headers
