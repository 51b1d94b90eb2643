"""The headers that speak of rate."""

from __future__ import annotations

import pytest

from oracle.cloudflare.rate_headers import rate_report
from oracle.cloudflare.request_log import RateLimit


def test_rate_report__documented_form__left_reset_and_policy() -> None:
    report = rate_report(
        {"ratelimit": '"default";r=50;t=30', "ratelimit-policy": '"default";q=1200;w=300'}
    )
    assert report is not None
    assert (report.left, report.reset, report.limit) == (50, 30.0, RateLimit(1200, 300.0))
    assert report.policies == (RateLimit(1200, 300.0),)


def test_rate_report__several_items__the_tightest_with_the_policy_of_its_name() -> None:
    report = rate_report(
        {
            "ratelimit": '"day";r=900;t=3000, "burst";r=3;t=7',
            "ratelimit-policy": '"burst";q=100;w=60, "day";q=10000;w=3600',
        }
    )
    assert report is not None
    assert (report.left, report.reset, report.limit) == (3, 7.0, RateLimit(100, 60.0))
    assert set(report.policies) == {RateLimit(100, 60.0), RateLimit(10000, 3600.0)}


def test_rate_report__one_of_each_with_different_names__belong_together() -> None:
    report = rate_report(
        {"ratelimit": '"default";r=50;t=30', "ratelimit-policy": '"burst";q=100;w=60'}
    )
    assert report is not None
    assert report.limit == RateLimit(100, 60.0)


@pytest.mark.parametrize(
    "value", ["", "nonsense", '"default"', '"default";r=50', '"default";r=x;t=1', ";;;", '"a";t=1']
)
def test_rate_report__missing_or_malformed__none(value: str) -> None:
    assert rate_report({"ratelimit": value}) is None
    assert rate_report({}) is None


@pytest.mark.parametrize("policy", ['"d";q=0;w=60', '"d";q=10;w=0', '"d";q=10;w=99999999', '"d"'])
def test_rate_report__absurd_policy__is_ignored(policy: str) -> None:
    report = rate_report({"ratelimit": '"d";r=5;t=10', "ratelimit-policy": policy})
    assert report is not None
    assert report.limit is None
    assert report.policies == ()


def test_rate_report__absurd_numbers__are_bounded() -> None:
    report = rate_report({"ratelimit": '"d";r=999999999999;t=999999999999'})
    assert report is not None
    assert (report.left, report.reset) == (1_000_000, 3600.0)
