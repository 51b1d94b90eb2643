"""What the server says is left, where that is less than our own log explains.

The limit is summed over everything that uses the same user or token (dashboard, another service,
this oracle before its restart), so our log alone can be too hopeful. From every answer's
`Ratelimit` header this derives whether somebody else uses the limit; if so, we send no more than
what was left until the reset. If our own requests explain the number, the log decides alone, which
wastes nothing: the header's seconds are rounded, the log's are not.

Answers overtake one another. So a number counts as the lowest of those that came since its request
was sent, and requests in flight count as not yet seen by the server. That may look like a stranger
while many are in flight; it dissolves as soon as they are answered. Pure; times are monotonic
seconds.
"""

from __future__ import annotations

from collections import deque

from oracle.cloudflare.rate_headers import RateReport
from oracle.cloudflare.request_log import History, RateLimit

_ROUNDING = 1.0  # the header's seconds are whole


class ServerView:
    """The last report, and whether it binds."""

    def __init__(self, default: RateLimit) -> None:
        self._default = default
        self._recent: deque[tuple[float, int]] = deque(maxlen=256)
        self._left = 0
        self._until = float("-inf")
        self._binding = False

    def report(self, report: RateReport, sent_at: float, now: float, history: History) -> None:
        """An answer came at `now` to a request sent at `sent_at`, which has left the flight."""
        overlapping = (left for came, left in self._recent if came >= sent_at)
        self._left = min([report.left, *overlapping])
        self._recent.append((now, report.left))
        self._until = now + report.reset
        limit = report.limit or self._default
        if report.reset >= limit.seconds - _ROUNDING:
            begin = float("-inf")  # as a sliding server says it: all we remember may count
            ours = history.used(limit, now) - history.in_flight
        else:
            begin = now + report.reset - limit.seconds - _ROUNDING
            ours = history.finished_since(begin)
        self._binding = limit.requests - self._left > ours

    def room(self, now: float, in_flight: int) -> int | None:
        """How many more may be sent; None where the log alone decides."""
        if not self._binding or now >= self._until:
            return None
        return self._left - in_flight

    def frees_in(self, now: float) -> float:
        """Seconds until the report is out of date; 0 where it does not bind."""
        return max(0.0, self._until - now) if self._binding else 0.0
