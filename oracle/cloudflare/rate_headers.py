"""Reads the answer headers that speak of rate.

Forms (Cloudflare's docs, since 2025-09-03): `Ratelimit: "default";r=50;t=30` (r left, t seconds to
the reset), `Ratelimit-Policy: "burst";q=100;w=60` (q requests in w seconds), and on 429
`Retry-After` in whole seconds (RFC 9110 allows an HTTP date as well). Promises: a header that is
missing, malformed or absurd reads as None and never raises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from oracle.cloudflare.request_log import RateLimit

MAX_QUOTA = 1_000_000
MAX_SECONDS = 3600.0

_ITEM = re.compile(
    r'\s*(?:"(?P<quoted>[^"]*)"|(?P<bare>[A-Za-z0-9_\-*.]+))(?P<params>(?:\s*;[^,]*)?)'
)
_PARAM = re.compile(r";\s*([a-z]+)\s*=\s*(\d{1,12})")


@dataclass(frozen=True, slots=True)
class RateReport:
    """What one answer said.

    `left` requests until `reset` seconds from now, out of `limit` if that was told; `policies` are
    all limits the server announces.
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
