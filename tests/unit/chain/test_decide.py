"""The fee ceiling, to the wei, in the sender's decisions."""

from __future__ import annotations

import pytest

from chain.send.decide import SendStep, first_fees, next_step, stuck
from chain.send.fees import Fees, SendPolicy
from chain.send.model import Attempt, ChainView, SendRequest, SendState

POLICY = SendPolicy(fee_ceiling=1000, min_tip=10, max_tip=100)
DEAREST = POLICY.fee_ceiling - POLICY.min_tip
"""The highest base fee at which anything of ours can be mined."""


def view(base_fee: int) -> ChainView:
    return ChainView(
        head=100, finalized=90, mined_nonce=5, pending_nonce=6, final_nonce=None,
        base_fee=base_fee, tip=0, receipts={},
    )  # fmt: skip


def row(max_fee: int, tip: int = 10) -> SendRequest:
    attempt = Attempt(1, 5, "0xaa", b"", max_fee, tip, "send", 0.0, sent_at=0.0, tried_at=0.0)
    return SendRequest(
        "k", "0x01", "0x02", "0x", 0, 21_000, {}, 0.0, state=SendState.BROADCAST, nonce=5,
        attempts=(attempt,),
    )  # fmt: skip


@pytest.mark.parametrize("base_fee", [0, 400, 494, 495, 496, DEAREST, DEAREST + 1, 5000])
def test_first_fees__any_base_fee__never_above_the_ceiling(base_fee: int) -> None:
    fees = first_fees(view(base_fee), POLICY)
    assert fees.max_fee == min(2 * base_fee + 10, POLICY.fee_ceiling)


def test_next_step__the_last_attempt_can_just_be_mined__it_waits() -> None:
    assert next_step(row(510), view(500), 1.0, POLICY) == (SendStep.WAIT, None)
    assert next_step(row(510), view(501), 1.0, POLICY) == (SendStep.SIGN, Fees(1000, 12))


def test_next_step__the_base_fee_leaves_room_for_the_least_tip__bumped_to_the_ceiling() -> None:
    assert next_step(row(800), view(DEAREST), 1.0, POLICY) == (SendStep.SIGN, Fees(1000, 12))
    assert next_step(row(800), view(DEAREST + 1), 1.0, POLICY) == (SendStep.WAIT, None)


def test_stuck__base_fee_at_the_ceiling__told_from_the_first_wei_above() -> None:
    assert stuck(row(1000), view(DEAREST), POLICY) is None
    assert "above the ceiling" in str(stuck(row(1000), view(DEAREST + 1), POLICY))


def test_stuck__an_attempt_below_the_base_fee__cannot_be_bumped() -> None:
    assert stuck(row(980), view(980), POLICY) is None
    assert "cannot be bumped" in str(stuck(row(980), view(981), POLICY))
