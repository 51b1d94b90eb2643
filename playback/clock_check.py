"""Whether this machine's clock is right: tokens and nonces are moments.

Promises: the clock is held against the `Date` of a Cloudflare server, whose clock decides whether a
token plays, and against the newest block. More than `MOST_SECONDS` apart is a reason not to be
ready. Cloudflare's word counts before the block's: blocks may be late, and a local chain's time is
anybody's. Who cannot be asked says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import httpx

from common.http_proxies import direct_mounts

MOST_SECONDS = 30.0
_TIMEOUT = 3.0


class ClockFinding(NamedTuple):
    """`reason`: why the clock keeps the service from being ready; `error`: seconds that it is ahead
    of Cloudflare's, None: unknown."""

    reason: str | None
    error: float | None


def judge(now: float, date: float | None, block_timestamp: int | None) -> ClockFinding:
    """`now`, `date`, `block_timestamp`: unix seconds; None: not known."""
    if date is not None:
        error = now - date
        if abs(error) <= MOST_SECONDS:
            return ClockFinding(None, error)
        side = "ahead of" if error > 0 else "behind"
        return ClockFinding(_words(abs(error), side, "Cloudflare's"), error)
    if block_timestamp is not None and block_timestamp - now > MOST_SECONDS:
        return ClockFinding(_words(block_timestamp - now, "behind", "the newest block's"), None)
    return ClockFinding(None, None)


def _words(seconds: float, side: str, whose: str) -> str:
    return f"this machine's clock is {seconds:.0f} s {side} {whose}: set it right (NTP)"


class ServerDate:
    """The `Date` of the answers of `url`. `now`: unix seconds."""

    def __init__(
        self, url: str, now: Callable[[], float], transport: httpx.BaseTransport | None = None
    ) -> None:
        self._url = url
        self._now = now
        self._client = httpx.Client(
            follow_redirects=False, timeout=_TIMEOUT, transport=transport, mounts=direct_mounts()
        )

    def ask(self) -> float | None:
        """The moment that the server tells, moved to now; None: it tells none."""
        asked = self._now()
        try:
            told = self._client.head(self._url).headers.get("Date")
            moment = None if told is None else parsedate_to_datetime(told).timestamp()
        except (httpx.HTTPError, ValueError):
            return None
        if moment is None:
            return None
        # whole seconds: half of one is right on average
        return moment + 0.5 + (self._now() - asked) / 2

    def close(self) -> None:
        self._client.close()
