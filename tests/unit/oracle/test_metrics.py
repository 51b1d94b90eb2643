"""The oracle's metrics that are read at each scrape."""

from __future__ import annotations

from math import isnan

from chain.head_age import HeadAge
from common.lease import Lease
from common.lease_store import MemoryLeaseStore
from oracle.metrics import OracleMetrics
from tests.support.manual_clock import ManualClock


def test_head_age__scraped_twice_without_a_new_head__grows() -> None:
    time = [1000.0]
    metrics, age = OracleMetrics(), HeadAge(lambda: time[0], 10)
    metrics.watch_head(age)

    def told() -> list[float | None]:
        value = metrics.registry.get_sample_value
        return [value("oracle_head_age_seconds"), value("oracle_head_age_limit_seconds")]

    assert all(value is not None and isnan(value) for value in told()), "unknown at the start"
    age.saw(5, 900)
    age.saw(6, 912)
    assert told() == [88, 120]
    time[0] += 100
    assert told() == [188, 120]


async def test_lease__of_an_operator__is_told_with_its_name_and_runs_out_by_itself() -> None:
    metrics, clock = OracleMetrics(), ManualClock()
    lease = Lease(MemoryLeaseStore(), "0xc0:2", "me", 12.0, clock)
    metrics.watch_lease(1, "0xc0", 2, lease)

    def told() -> float | None:
        labels = {"chain": "1", "contract": "0xc0", "operator": "2"}
        return metrics.registry.get_sample_value("oracle_lease_held", labels)

    assert told() == 0
    assert await lease.step()
    assert told() == 1
    clock.tick(13.0)  # the loop stands still: nobody renews, and nobody sets a gauge
    assert told() == 0


def test_balance__before_it_was_read__is_unknown_and_not_zero() -> None:
    assert OracleMetrics().registry.get_sample_value("oracle_balance_days") == -1
