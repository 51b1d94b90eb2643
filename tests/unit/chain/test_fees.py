"""Fees: never above the ceiling, replacements that nodes take."""

from __future__ import annotations

import random

import pytest

from chain.sender.fees import Fees, SendPolicy, affordable, bumped, fresh
from chain.units import GWEI

POLICY = SendPolicy(fee_ceiling=100 * GWEI, min_tip=GWEI // 100, max_tip=2 * GWEI)


def test_fresh__usual_block__room_for_the_base_fee_to_double() -> None:
    assert fresh(POLICY, 10 * GWEI, GWEI) == Fees(21 * GWEI, GWEI)


@pytest.mark.parametrize(
    ("suggested", "tip"), [(0, GWEI // 100), (GWEI, GWEI), (50 * GWEI, 2 * GWEI)]
)
def test_fresh__suggested_tip__kept_within_bounds(suggested: int, tip: int) -> None:
    assert fresh(POLICY, 10 * GWEI, suggested).priority_fee == tip


def test_fresh__dear_block__stops_at_the_ceiling() -> None:
    assert fresh(POLICY, 90 * GWEI, GWEI).max_fee == POLICY.fee_ceiling


def test_fresh__free_chain__valid_fees() -> None:
    fees = fresh(SendPolicy(min_tip=0), 0, 0)
    assert fees == Fees(0, 0)


def test_bumped__base_fee_jumps_tenfold__follows_at_once() -> None:
    last = fresh(POLICY, GWEI, GWEI)
    fees = bumped(POLICY, last, 10 * GWEI, GWEI)
    assert fees is not None
    assert fees.max_fee == 21 * GWEI


def test_bumped__at_the_ceiling__none() -> None:
    assert bumped(POLICY, Fees(POLICY.fee_ceiling, GWEI), GWEI, GWEI) is None


def test_bumped__last_step_to_the_ceiling_too_small_for_nodes__none() -> None:
    assert bumped(POLICY, Fees(95 * GWEI, GWEI), GWEI, GWEI) is None
    assert bumped(POLICY, Fees(90 * GWEI, GWEI), GWEI, GWEI) == Fees(100 * GWEI, int(1.125 * GWEI))


def test_bumped__any_fees__replacement_rule_and_ceiling_hold() -> None:
    rng = random.Random(7)
    for _ in range(5000):
        last = Fees(rng.randint(0, 120 * GWEI), 0)
        last = Fees(last.max_fee, rng.randint(0, last.max_fee))
        fees = bumped(POLICY, last, rng.randint(0, 200 * GWEI), rng.randint(0, 9 * GWEI))
        if fees is None:
            continue
        assert fees.max_fee * 10 >= last.max_fee * 11
        assert fees.priority_fee * 10 >= last.priority_fee * 11
        assert last.max_fee < fees.max_fee <= POLICY.fee_ceiling
        assert fees.priority_fee > last.priority_fee
        assert fees.priority_fee <= fees.max_fee


def test_bumped__again_and_again__bounded() -> None:
    fees: Fees | None = fresh(POLICY, GWEI // 100, 0)
    count = 0
    while fees is not None:
        fees = bumped(POLICY, fees, GWEI // 100, 0)
        count += 1
        assert count < 100


def test_affordable__base_fee_above_the_ceiling__no() -> None:
    assert affordable(POLICY, 99 * GWEI)
    assert not affordable(POLICY, 100 * GWEI)


@pytest.mark.parametrize(
    "wrong",
    [{"bump_percent": 9.0}, {"min_tip": 5, "max_tip": 4}, {"fee_ceiling": 1, "max_tip": 2},
     {"max_in_flight": 0}, {"max_attempts": 1}],
)  # fmt: skip
def test_policy__senseless_values__refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        SendPolicy(**wrong)  # type: ignore[arg-type]
