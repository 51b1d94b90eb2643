"""The rate limit."""

from __future__ import annotations

import pytest

from localnet.stream.middleware.rate_limit import StandInRateLimit
from tests.support.manual_clock import ManualClock


def test_take__up_to_the_limit__passes_and_counts_down() -> None:
    limit = StandInRateLimit(ManualClock(), 3, 30.0)
    assert [limit.take("a").remaining for _ in range(3)] == [2, 1, 0]


def test_take__over_the_limit__is_blocked_for_a_whole_window() -> None:
    clock = ManualClock()
    limit = StandInRateLimit(clock, 2, 30.0)
    limit.take("a")
    clock.tick(20)
    limit.take("a")
    refused = limit.take("a")
    assert not refused.allowed
    assert refused.retry_after == "30"
    clock.tick(29.5)
    assert limit.take("a").retry_after == "1"
    clock.tick(0.5)
    assert limit.take("a").remaining == 1


def test_take__the_window_ends__the_budget_is_full_again() -> None:
    clock = ManualClock()
    limit = StandInRateLimit(clock, 2, 30.0)
    limit.take("a")
    limit.take("a")
    clock.tick(30)
    assert limit.take("a").remaining == 1


def test_take__another_budget__is_not_touched() -> None:
    limit = StandInRateLimit(ManualClock(), 1, 30.0)
    limit.take("a")
    assert not limit.take("a").allowed
    assert limit.take("b").allowed


def test_take__limit_of_zero__never_refuses() -> None:
    limit = StandInRateLimit(ManualClock(), 0, 30.0)
    assert all(limit.take("a").allowed for _ in range(5000))


def test_headers__passing_and_refused__as_documented() -> None:
    clock = ManualClock()
    limit = StandInRateLimit(clock, 1, 60.0)
    passed = limit.take("a")
    clock.tick(10.5)
    assert limit.headers(passed) == {
        "Ratelimit": '"default";r=0;t=60',
        "Ratelimit-Policy": '"default";q=1;w=60',
    }
    assert limit.headers(limit.take("a"))["Retry-After"] == "60"


@pytest.mark.parametrize(("requests", "window_s"), [(-1, 10.0), (1, 0.0), (1, -5.0)])
def test_set__nonsense__is_refused(requests: int, window_s: float) -> None:
    with pytest.raises(ValueError, match="window_s"):
        StandInRateLimit(ManualClock()).set(requests, window_s)
