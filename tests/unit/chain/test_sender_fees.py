"""Scenario 23: a chain that demands a tip, in whatever words; and nodes that lie about it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain.send import SendPolicy, SendState
from chain.units import GWEI
from tests.support.sender.sender_bench import SenderBench

POLICY = SendPolicy(fee_ceiling=100 * GWEI)
"""MAX_FEE_GWEI=100, and the other settings as they are by default."""
DEMANDED = 25 * GWEI
BOR = "transaction underpriced: gas tip cap {have}, minimum needed {want}"
WORDS = (
    BOR,
    "transaction gas price below minimum: gas tip cap {have}, minimum needed {want}",
    "transaction underpriced",
    "transaction underpriced: tip needed {want}, tip permitted {have}",
    "transaction priority fee below minimum required priority fee {want}",
    "transaction underpriced: have gas tip cap ({have}) < pool gas tip cap ({want})",
    "FeeTooLow, EffectivePriorityFeePerGas too low {have} < {want}, BaseFee: 7",
    "FeeTooLow",
    "Gas price below configured minimum gas price",
    "Gas price {have} is below configured minimum gas price {want}",
    "fee too low",
    "upstream said: max priority fee per gas below minimum",
)


def demanding(
    base_fee: int, words: str = BOR, suggested: int | None = None, policy: SendPolicy = POLICY
) -> SenderBench:
    """A sender on a chain that wants a tip of 25 gwei."""
    bench = SenderBench(policy)
    bench.chain.base_fee = base_fee
    bench.chain.least_tip = DEMANDED
    bench.chain.tip_words = words
    bench.chain.suggested_tip = suggested
    return bench


async def taken_by_attempt(bench: SenderBench) -> int:
    """How many attempts it took until the request was mined."""
    await bench.submit("a")
    for _ in range(6):
        await bench.tick(2.0)
        bench.chain.mine()
    await bench.finish()
    row = bench.row("a")
    assert (row.state, bench.mined("a")) == (SendState.CONFIRMED, 1)
    for attempt in row.attempts:
        assert attempt.max_fee <= bench.policy.fee_ceiling
        assert attempt.priority_fee <= bench.policy.max_tip
    return len(row.attempts)


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("gwei", [15, 30, 50])
async def test_scenario_23__the_chain_wants_a_tip_of_25_gwei__second_attempt_is_taken(
    gwei: int, words: str
) -> None:
    assert await taken_by_attempt(demanding(gwei * GWEI, words)) == 2


@pytest.mark.parametrize("gwei", [15, 50, 75])
async def test_scenario_23__the_node_suggests_the_tip__first_attempt_is_taken(gwei: int) -> None:
    assert await taken_by_attempt(demanding(gwei * GWEI, suggested=30 * GWEI)) == 1


@settings(max_examples=25, deadline=None)
@given(
    base_fee=st.integers(0, POLICY.fee_ceiling - DEMANDED),
    words=st.sampled_from(WORDS),
    suggested=st.none() | st.integers(0, 10_000 * GWEI),
)
def test_scenario_23__any_base_fee_words_and_suggestion__two_attempts_at_most(
    base_fee: int, words: str, suggested: int | None
) -> None:
    assert asyncio.run(taken_by_attempt(demanding(base_fee, words, suggested))) <= 2


async def test_underpriced__with_a_number__the_tip_is_that_and_no_more() -> None:
    bench = demanding(50 * GWEI)
    await bench.send("a")
    first, second = bench.row("a").attempts
    assert first.max_fee == second.max_fee == POLICY.fee_ceiling, "the tip alone is raised"
    assert second.priority_fee == DEMANDED
    assert bench.sender.blocked is None


async def test_underpriced__once_known__the_next_ones_offer_the_tip_at_once() -> None:
    bench = demanding(30 * GWEI)
    await bench.send("a")
    await bench.send("b", "c")
    assert [len(bench.row(key).attempts) for key in "abc"] == [2, 1, 1]
    await bench.finish()
    bench.clock.tick(601.0)
    await bench.send("d")
    assert len(bench.row("d").attempts) == 2, "it is asked anew after a while"


async def test_suggestion__a_lying_node_suggests_10_000_gwei__never_above_max_tip() -> None:
    bench = SenderBench(POLICY)
    bench.chain.suggested_tip = 10_000 * GWEI
    await bench.send("a")
    assert bench.row("a").last.priority_fee == 50 * GWEI


async def test_underpriced__a_lying_node_demands_10_000_gwei__never_above_max_tip() -> None:
    bench = demanding(30 * GWEI)
    bench.chain.least_tip = 10_000 * GWEI
    await bench.submit("a")
    for _ in range(30):
        await bench.tick(2.0)
    row = bench.row("a")
    assert max(attempt.priority_fee for attempt in row.attempts) == 50 * GWEI
    assert len(row.attempts) <= 3, "no signature is spent on what cannot help"
    bench.chain.least_tip = 0
    await bench.finish()
    assert bench.mined("a") == 1


async def test_underpriced__more_wanted_than_max_tip__said_with_both_numbers() -> None:
    bench = demanding(10 * GWEI)
    bench.chain.least_tip = 60 * GWEI
    for _ in range(5):
        await bench.send("a")
        bench.clock.tick(2.0)
    assert bench.sender.blocked == (
        "nonce 0 is not accepted yet: the node wants a tip of at least 60 gwei, but MAX_TIP_GWEI"
        " allows 50 gwei: raise it to pay that"
    )


async def test_underpriced__base_fee_and_tip_above_max_fee__said_with_all_numbers() -> None:
    bench = demanding(90 * GWEI, "FeeTooLow, EffectivePriorityFeePerGas too low 1 < {want}")
    bench.chain.least_tip = 50 * GWEI
    bench.policy = replace(POLICY, max_tip=40 * GWEI, fee_ceiling=100 * GWEI)
    bench.restart()
    bench.chain.least_tip = 41 * GWEI
    await bench.send("a")
    assert "MAX_TIP_GWEI allows 40 gwei" in str(bench.sender.blocked)
    bench.policy = replace(POLICY, max_tip=50 * GWEI)
    bench.restart()
    await bench.tick(4.0)
    assert bench.row("a").state is SendState.BROADCAST
    assert bench.sender.blocked is None
    bench.chain.least_tip = 0
    bench.chain.base_fee = 10 * GWEI
    await bench.finish()


async def test_underpriced__silent_and_never_content__stops_at_the_limits_in_words() -> None:
    bench = demanding(10 * GWEI, "transaction underpriced")
    bench.chain.least_tip = 60 * GWEI
    await bench.submit("a")
    for _ in range(40):
        await bench.tick(2.0)
    tips = [attempt.priority_fee // GWEI for attempt in bench.row("a").attempts]
    assert tips == [0, 30, 50]
    assert "MAX_TIP_GWEI allows 50 gwei, MAX_FEE_GWEI 100 gwei" in str(bench.sender.blocked)


async def test_underpriced__the_suggestion_creeps__attempts_are_not_used_up() -> None:
    bench = demanding(10 * GWEI, "transaction underpriced")
    bench.chain.least_tip = 60 * GWEI
    await bench.submit("a")
    for number in range(100):
        bench.chain.suggested_tip = 31 * GWEI + number
        bench.chain.base_fee = 10 * GWEI + number
        await bench.tick(2.0)
    assert len(bench.row("a").attempts) <= 4


async def test_underpriced__an_earlier_attempt_was_taken__the_next_one_outbids_it() -> None:
    """The pool begins to demand the tip while the first attempt is in it."""
    bench = SenderBench(POLICY)
    bench.chain.suggested_tip = 24 * GWEI
    await bench.send("a")
    bench.chain.least_tip = DEMANDED
    bench.chain.base_fee = 27 * GWEI
    for _ in range(4):
        await bench.tick(5.0)
    first, *_, last = bench.row("a").attempts
    assert bench.chain.pool[0].hash == last.hash
    assert last.max_fee * 10 >= first.max_fee * 11
    await bench.finish()
    assert bench.mined("a") == 1


async def test_underpriced__dropped_at_the_ceiling__comes_back_with_the_tip() -> None:
    """Taken at the ceiling, then dropped by a pool that was started with a minimum."""
    bench = SenderBench(POLICY)
    bench.chain.base_fee = 50 * GWEI
    await bench.send("a")
    assert bench.row("a").last.max_fee == POLICY.fee_ceiling
    bench.chain.drop()
    bench.chain.least_tip = DEMANDED
    await bench.finish()
    assert bench.mined("a") == 1
    assert len(bench.row("a").attempts) == 2


async def test_withdrawn__while_underpriced__the_cancelling_one_pays_the_tip() -> None:
    bench = demanding(50 * GWEI)
    bench.chain.least_tip = 60 * GWEI
    await bench.send("a")
    await bench.sender.withdraw("a", "not wanted")
    bench.chain.least_tip = DEMANDED
    await bench.finish()
    assert (bench.row("a").state, bench.mined("a")) == (SendState.FAILED, 0)
    assert bench.chain.nonce() == 1


async def test_l1_fee__in_receipts_of_a_rollup__counts_as_spent() -> None:
    bench = SenderBench(POLICY)
    bench.chain.l1_fee = 7 * 10**13
    await bench.send("a")
    await bench.finish()
    row = bench.row("a")
    assert row.gas_used is not None and row.gas_price is not None
    assert row.l1_fee == 7 * 10**13
    assert row.spent == row.gas_used * row.gas_price + 7 * 10**13
