"""Fees: never above the ceiling, replacements that nodes take."""

from __future__ import annotations

import random

import pytest

from chain.send.fee_demand import FeeDemand, Wanted
from chain.send.fees import Fees, SendPolicy, affordable, bumped, demanded, fresh, tipped
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


def test_affordable__to_the_wei__the_ceiling_itself_is_paid() -> None:
    dearest = POLICY.fee_ceiling - POLICY.min_tip
    assert affordable(POLICY, dearest)
    assert not affordable(POLICY, dearest + 1)


def test_fresh__to_the_wei__as_much_as_the_ceiling_and_no_more() -> None:
    half = (POLICY.fee_ceiling - GWEI) // 2
    assert fresh(POLICY, half, GWEI).max_fee == POLICY.fee_ceiling
    assert fresh(POLICY, half - 1, GWEI).max_fee == POLICY.fee_ceiling - 2
    assert fresh(POLICY, half + 1, GWEI).max_fee == POLICY.fee_ceiling


def test_bumped__to_the_wei__a_step_that_ends_at_the_ceiling_is_a_whole_one() -> None:
    """Base fees are low: only the least step that nodes take counts, 12.5 % by policy."""
    policy = SendPolicy(fee_ceiling=9000, min_tip=0, max_tip=9000)
    assert bumped(policy, Fees(8000, 0), 0, 0) == Fees(9000, 1)
    assert bumped(policy, Fees(8001, 0), 0, 0) == Fees(9000, 1), "the last step is cut"
    odd = SendPolicy(fee_ceiling=9001, min_tip=0, max_tip=9000)
    assert bumped(odd, Fees(8001, 0), 0, 0) == Fees(9001, 1), "not the 9002 of a whole step"
    tenth = SendPolicy(fee_ceiling=1100, min_tip=0, max_tip=1100)
    assert bumped(tenth, Fees(1000, 0), 0, 0) == Fees(1100, 1), "10 % is what nodes ask for"
    assert bumped(tenth, Fees(1001, 0), 0, 0) is None
    assert bumped(tenth, Fees(1000, 977), 0, 0) == Fees(1100, 1100), "all of it may be tip"
    assert bumped(tenth, Fees(1000, 978), 0, 0) is None


@pytest.mark.parametrize(
    ("tip", "fees"), [(4, Fees(100, 8)), (5, Fees(100, 10)), (9, Fees(100, 10)), (10, None)]
)
def test_tipped__to_the_wei__twice_the_tip_up_to_the_most(tip: int, fees: Fees | None) -> None:
    assert tipped(SendPolicy(fee_ceiling=100, min_tip=0, max_tip=10), tip) == fees


MAX_50 = SendPolicy(fee_ceiling=100 * GWEI)


def test_demanded__a_node_that_is_never_content__few_steps_within_the_limits() -> None:
    rng = random.Random(7)

    def some() -> int:
        return rng.choice((0, rng.randint(0, 30), rng.randint(0, 200))) * GWEI

    for _ in range(300):
        last = fresh(MAX_50, some(), some())
        steps = 0
        for _ in range(60):
            of = rng.choice((Wanted.TIP, Wanted.PRICE, Wanted.BASE))
            demand = FeeDemand(of, some(), some(), some())
            fees = demanded(MAX_50, last, demand, some(), some(), again=steps > 0)
            if fees is None:
                continue
            steps += of is not Wanted.BASE
            assert fees.max_fee <= MAX_50.fee_ceiling
            assert fees.priority_fee <= min(fees.max_fee, MAX_50.max_tip)
            assert fees.max_fee > last.max_fee or fees.priority_fee > last.priority_fee
            last = fees
        assert steps <= 3


def test_demanded__a_liar_names_a_little_more_each_time__the_attempts_are_not_used_up() -> None:
    last: Fees | None = fresh(MAX_50, 10 * GWEI, 0)
    steps = 0
    while last is not None:
        demand = FeeDemand(tip=last.priority_fee + 1)
        last = demanded(MAX_50, last, demand, 10 * GWEI, 0, again=steps > 0)
        steps += last is not None
    assert steps == 3


@pytest.mark.parametrize(
    ("last", "demand", "fees"),
    [
        (Fees(100, 1), FeeDemand(tip=25), Fees(100, 25)),
        (Fees(61, 1), FeeDemand(tip=25), Fees(85, 25)),
        (Fees(61, 1), FeeDemand(Wanted.PRICE, price=25), Fees(85, 25)),
        (Fees(61, 1), FeeDemand(Wanted.PRICE, price=99), Fees(99, 30)),
        (Fees(61, 1), FeeDemand(tip=25, base=40), Fees(100, 25)),
        (Fees(61, 1), FeeDemand(), Fees(80, 20)),
        (Fees(80, 20), FeeDemand(), Fees(100, 30)),
        (Fees(80, 20), FeeDemand(tip=5), Fees(100, 30)),
        (Fees(100, 30), FeeDemand(), None),
        (Fees(100, 30), FeeDemand(tip=40), None),
        (Fees(61, 1), FeeDemand(Wanted.BASE, base=45), Fees(91, 1)),
        (Fees(61, 1), FeeDemand(Wanted.BASE), Fees(68, 1)),
        (Fees(100, 1), FeeDemand(Wanted.BASE, base=99), None),
    ],
)
def test_demanded__to_the_wei__what_is_named_or_usual_within_the_limits(
    last: Fees, demand: FeeDemand, fees: Fees | None
) -> None:
    policy = SendPolicy(fee_ceiling=100, min_tip=0, max_tip=30, usual_demand=20)
    assert demanded(policy, last, demand, 30, 0) == fees


@pytest.mark.parametrize(
    "wrong",
    [{"bump_percent": 9.0}, {"min_tip": 5, "max_tip": 4}, {"fee_ceiling": 1, "max_tip": 2},
     {"max_in_flight": 0}, {"max_attempts": 1}],
)  # fmt: skip
def test_policy__senseless_values__refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        SendPolicy(**wrong)  # type: ignore[arg-type]
