"""What the answers' headers say of the rate: read, and held against our own log.

Forms (Cloudflare's docs, since 2025-09-03): `Ratelimit: "default";r=50;t=30` (r left, t seconds to
the reset), `Ratelimit-Policy: "burst";q=100;w=60` (q requests in w seconds), and on 429
`Retry-After` in whole seconds (RFC 9110 allows an HTTP date as well).

The limit is summed over everything that uses the same user or token (dashboard, another service,
this oracle before its restart), so our log alone can be too hopeful. From every answer's
`Ratelimit` header `ServerQuota` derives whether somebody else uses the limit; if so, we send no
more than what was left until the reset. If our own requests explain the number, the log decides
alone, which wastes nothing: the header's seconds are rounded, the log's are not.

Promises: a header that is missing, malformed or absurd reads as None and never raises. Pure; times
are monotonic seconds.
On restart: the first answer's header tells.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from oracle.cloudflare.request_log import RateLimit, RequestLog

MAX_QUOTA = 1_000_000
MAX_SECONDS = 3600.0
_ROUNDING = 1.0  # the header's seconds are whole

_ITEM = re.compile(
    r'\s*(?:"(?P<quoted>[^"]*)"|(?P<bare>[A-Za-z0-9_\-*.]+))(?P<params>(?:\s*;[^,]*)?)'
)
_PARAM = re.compile(r";\s*([a-z]+)\s*=\s*(\d{1,12})")


@dataclass(frozen=True, slots=True)
class RateReport:
    """What one answer said.

    `left` requests until `reset` seconds from now, out of `limit` if the server said so; `policies`
    are all limits the server announces.
    """

    left: int
    reset: float
    limit: RateLimit | None
    policies: tuple[RateLimit, ...]


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait, 0 or more; `now` is unix time, for the HTTP-date form."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        return None
    return max(0.0, moment.timestamp() - now)


def rate_report(headers: Mapping[str, str]) -> RateReport | None:
    """The tightest item of `Ratelimit`, with the policy of the same name where there is one."""
    items = {name: p for name, p in _items(headers.get("ratelimit", "")) if {"r", "t"} <= p.keys()}
    if not items:
        return None
    policies = {
        name: RateLimit(p["q"], float(p["w"]))
        for name, p in _items(headers.get("ratelimit-policy", ""))
        if 1 <= p.get("q", 0) <= MAX_QUOTA and 1 <= p.get("w", 0) <= MAX_SECONDS
    }
    name, tightest = min(items.items(), key=lambda item: item[1]["r"])
    limit = policies.get(name)
    if len(policies) == len(items) == 1:
        limit = next(iter(policies.values()))  # one of each belong together, whatever their names
    return RateReport(
        left=min(tightest["r"], MAX_QUOTA),
        reset=min(float(tightest["t"]), MAX_SECONDS),
        limit=limit,
        policies=tuple(policies.values()),
    )


def _items(value: str) -> list[tuple[str, dict[str, int]]]:
    found = []
    for part in value.split(","):
        match = _ITEM.fullmatch(part)
        if match:
            params = {key: int(number) for key, number in _PARAM.findall(match["params"])}
            found.append((match["quoted"] or match["bare"] or "", params))
    return found


class ServerQuota:
    """What the server says is left, where that is less than our own log explains.

    Answers overtake one another. So a number counts as the lowest of those that came since its
    request was sent, and requests in flight count as not yet seen by the server. That may look like
    a stranger while many are in flight; it dissolves as soon as they are answered.
    """

    def __init__(self, default: RateLimit) -> None:
        self._default = default
        self._recent: deque[tuple[float, int]] = deque(maxlen=256)
        self._left = 0
        self._until = float("-inf")
        self._binding = False

    def report(self, report: RateReport, sent_at: float, now: float, log: RequestLog) -> None:
        """An answer came at `now` to a request sent at `sent_at`, which has left the flight."""
        overlapping = (left for came, left in self._recent if came >= sent_at)
        self._left = min([report.left, *overlapping])
        self._recent.append((now, report.left))
        self._until = now + report.reset
        limit = report.limit or self._default
        if report.reset >= limit.seconds - _ROUNDING:
            begin = float("-inf")  # as a sliding server says it: all we remember may count
            ours = log.used(limit, now) - log.in_flight
        else:
            begin = now + report.reset - limit.seconds - _ROUNDING
            ours = log.finished_since(begin)
        self._binding = limit.requests - self._left > ours

    def room(self, now: float, in_flight: int) -> int | None:
        """How many more may be sent; None where the log alone decides."""
        if not self._binding or now >= self._until:
            return None
        return self._left - in_flight

    def frees_in(self, now: float) -> float:
        """Seconds until the report is out of date; 0 where it does not bind."""
        return max(0.0, self._until - now) if self._binding else 0.0
