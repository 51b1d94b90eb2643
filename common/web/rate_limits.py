"""Limits per client, link or wallet, counted for all workers together.

Promises: an `Allowance` is taken where something happens, not only where a request comes in: over
it a `rate-limited` problem that says when to come again. `storage_uri` names the counters that the
workers of one machine share.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from flask import request
from limits import parse
from limits.strategies import RateLimiter

from common.web.problems import Problem
from common.web.server.shared_counters import SCHEME

OFF = "off"


def storage_uri(counters: str | None) -> str:
    """`counters`: path of the file that workers share; None: each counts alone."""
    return f"{SCHEME}://{counters}" if counters else "memory://"


def client() -> str:
    """Whose the request is (`common.web.client_address`)."""
    return str(request.environ.get("web.client", "unknown"))


def seconds_until(moment: float, now: float) -> int:
    """For `Retry-After`: whole seconds, one at least."""
    return max(1, math.ceil(moment - now))


class Allowance:
    """So many of a `kind` of thing per key. `limit`: as Flask-Limiter writes it, or "off"; `what`:
    how the sentence goes on that says it was exceeded."""

    def __init__(
        self, limiter: RateLimiter, limit: str, kind: str, what: str, now: Callable[[], float]
    ) -> None:
        self._limiter = limiter
        self._limit = None if limit == OFF else parse(limit)
        self._kind = kind
        self._what = what
        self._now = now

    def take(self, key: str) -> None:
        """One of them. Raises `Problem`."""
        if self._limit is not None and not self._limiter.hit(self._limit, self._kind, key):
            raise self.refused(key)

    def left(self, key: str) -> bool:
        """Whether there is one left to take."""
        return self._limit is None or self._limiter.test(self._limit, self._kind, key)

    def refused(self, key: str) -> Problem:
        """The problem of one too many."""
        assert self._limit is not None  # noqa: S101 - nothing is refused without a limit
        ends = self._limiter.get_window_stats(self._limit, self._kind, key).reset_time
        return Problem(
            "rate-limited",
            f"more than {self._limit} {self._what}".rstrip(),
            retry_after=seconds_until(ends, self._now()),
        )
