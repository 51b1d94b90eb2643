"""What to do with an open row: the sender's pure decisions.

Promises: functions of the row, the view, the time and the policy; no I/O, so that each case is a
test of one line. Rows are never changed, only replaced.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from chain.send.fee_demand import FeeDemand, Wanted
from chain.send.fees import (
    Fees,
    SendPolicy,
    affordable,
    bumped,
    demanded,
    fresh,
    raised,
    tip_of,
    tipped,
    underpriced_words,
)
from chain.send.model import ChainView, Mined, SendRequest, SendState
from chain.send.txpool_errors import TxpoolRefusal, refusal_words
from chain.units import in_gwei

FILL = "fill"


class SendStep(StrEnum):
    """offer: broadcast the last attempt (again). sign: make a new attempt at the given fees."""

    WAIT = "wait"
    OFFER = "offer"
    SIGN = "sign"


def confirm(row: SendRequest, view: ChainView, now: float, policy: SendPolicy) -> SendRequest:
    """The open `row` after a look: mined, final, reorged, taken, or as it was."""
    for attempt in row.attempts:
        mined = view.receipts.get(attempt.hash)
        if mined is not None:
            return _mined(row, mined, attempt.kind, view)
    if row.state is SendState.MINED:
        if row.block_number is not None and view.head < row.block_number:
            # This node has not come so far: it cannot know.
            return row
        row = _unmined(row)
    if view.mined_nonce <= row.held_nonce:
        if row.taken_since is not None:
            row = replace(row, taken_since=None, taken_block=None)
        return row
    if row.taken_since is None or row.taken_block is None:
        return replace(row, taken_since=now, taken_block=view.head)
    if now - row.taken_since < policy.patience_seconds or not _taken_for_good(row, view):
        return row
    return _requeued(row)


def _mined(row: SendRequest, mined: Mined, kind: str, view: ChainView) -> SendRequest:
    row = replace(
        row,
        state=SendState.MINED,
        tx_hash=mined.tx_hash,
        block_number=mined.block_number,
        block_hash=mined.block_hash,
        tx_index=mined.tx_index,
        gas_used=mined.gas_used,
        gas_price=mined.gas_price,
        l1_fee=mined.l1_fee,
        succeeded=mined.status and kind == "send",
        taken_since=None,
        taken_block=None,
    )
    if mined.block_number > view.finalized:
        return row
    if kind == "cancel":
        return replace(row, state=SendState.FAILED, reason=row.reason or "withdrawn")
    if not mined.status:
        return replace(row, state=SendState.FAILED, reason="the transaction reverted")
    return replace(row, state=SendState.CONFIRMED, reason=None)


def _unmined(row: SendRequest) -> SendRequest:
    return replace(
        row,
        state=SendState.BROADCAST,
        tx_hash=None,
        block_number=None,
        block_hash=None,
        tx_index=None,
        gas_used=None,
        gas_price=None,
        l1_fee=None,
        succeeded=None,
        # Offer it again at once: a reorg may have dropped it from the pools.
        attempts=(*row.attempts[:-1], replace(row.last, tried_at=None)),
    )


def _taken_for_good(row: SendRequest, view: ChainView) -> bool:
    """Whether the nonce was used by another program's transaction that is final."""
    if view.final_nonce is not None:
        return view.final_nonce > row.held_nonce
    # The node's state is pruned: wait twice the finality's distance since we noticed.
    return row.taken_block is not None and view.finalized >= row.taken_block + (
        view.head - view.finalized
    )


def _requeued(row: SendRequest) -> SendRequest:
    """The row without its nonce: its attempts can never be mined any more."""
    dead = row.dead_hashes + tuple(attempt.hash for attempt in row.attempts)
    row = replace(
        row, nonce=None, attempts=(), dead_hashes=dead, taken_since=None, taken_block=None
    )
    if row.withdrawn:
        return replace(row, state=SendState.FAILED, reason=row.reason or "withdrawn")
    if FILL in row.meta:
        return replace(row, state=SendState.FAILED, reason="the nonce was used by another program")
    return replace(row, state=SendState.QUEUED)


def next_step(
    row: SendRequest, view: ChainView, now: float, policy: SendPolicy
) -> tuple[SendStep, Fees | None]:
    """What an open row needs now; with `SendStep.SIGN` come the fees of the new attempt."""
    if row.state is SendState.MINED or view.mined_nonce > row.held_nonce:
        return SendStep.WAIT, None
    last = row.last
    cancel = row.withdrawn and last.kind == "send"
    may_sign = cancel or len(row.attempts) < policy.max_attempts
    if may_sign and (cancel or _wants_attempt(row, view, now, policy)):
        fees = _replacement_fees(row, view, policy)
        if fees is None and cancel:
            # No room for a bump: the node may well hold nothing that must be outbid.
            tip = tip_of(policy, max(view.tip, last.priority_fee))
            fees = Fees(policy.fee_ceiling, tip)
        if fees is not None:
            return SendStep.SIGN, fees
    tried = now - last.tried_at if last.tried_at is not None else None
    if tried is None:
        return SendStep.OFFER, None
    if last.sent_at is None or last.refusal is not None:
        return (SendStep.OFFER if tried >= policy.retry_seconds else SendStep.WAIT), None
    dropped = view.pending_nonce <= row.held_nonce and tried >= policy.rebroadcast_seconds / 6
    if dropped or tried >= policy.rebroadcast_seconds:
        return SendStep.OFFER, None
    return SendStep.WAIT, None


def too_dear(view: ChainView, policy: SendPolicy) -> str:
    """Why nothing can be mined at our ceiling."""
    return (
        f"the base fee ({in_gwei(view.base_fee)}) is above the ceiling"
        f" (MAX_FEE_GWEI, {in_gwei(policy.fee_ceiling)}): sending resumes when fees fall"
    )


def stuck(row: SendRequest, view: ChainView, policy: SendPolicy) -> str | None:
    """Why a pending row cannot go on by itself, for an operator; None if it can."""
    if row.state is SendState.MINED or view.mined_nonce > row.held_nonce:
        return None
    if row.withdrawn and row.last.kind == "send":
        return None  # its nonce is about to be used up
    if not affordable(policy, view.base_fee):
        return too_dear(view, policy)
    if row.last.refusal is not None:
        return not_accepted(row, view, policy)
    if row.last.max_fee < view.base_fee:
        return f"nonce {row.nonce} cannot be bumped further: sending resumes when fees fall"
    return None


def not_accepted(row: SendRequest, view: ChainView, policy: SendPolicy) -> str:
    """Why no node takes the last attempt, for an operator."""
    last, why = row.last, None
    if last.refusal == TxpoolRefusal.UNDERPRICED:
        demand = last.demand or FeeDemand()
        why = underpriced_words(policy, last.fees, demand, view.base_fee)
    return refusal_words(row.held_nonce, last.refusal, why)


def _wants_attempt(row: SendRequest, view: ChainView, now: float, policy: SendPolicy) -> bool:
    last = row.last
    if last.refusal in (TxpoolRefusal.REPLACEMENT, TxpoolRefusal.UNDERPRICED):
        return True
    if last.max_fee < view.base_fee + min(last.priority_fee, policy.min_tip):
        # It cannot be mined now. Above the ceiling waiting is all there is.
        return affordable(policy, view.base_fee)
    # Only the first in line is slow by its own fault, and only while it does not give all it may.
    first = row.held_nonce == view.mined_nonce
    slow = now - last.created_at >= policy.bump_seconds
    eroded = last.max_fee - last.priority_fee < view.base_fee
    tip_may_rise = raised(last.priority_fee, policy.bump_percent) <= policy.max_tip
    return first and slow and (eroded or tip_may_rise)


def _replacement_fees(row: SendRequest, view: ChainView, policy: SendPolicy) -> Fees | None:
    # Bytes refused as they are (never taken by any node) still count where something must be
    # outbid: a node whose answer was lost may hold them.
    highest = Fees(
        max(attempt.max_fee for attempt in row.attempts),
        max(attempt.priority_fee for attempt in row.attempts),
    )
    fees = bumped(policy, highest, view.base_fee, view.tip)
    if row.last.refusal == TxpoolRefusal.UNDERPRICED:
        demand = row.last.demand or FeeDemand()
        before = [attempt.demand for attempt in row.attempts[:-1]]
        again = any(was is not None and was.of is not Wanted.BASE for was in before)
        asked = demanded(policy, row.last.fees, demand, view.base_fee, view.tip, again=again)
        # An earlier attempt that a node took may still be there: both go up, if there is room.
        taken = any(attempt.sent_at is not None for attempt in row.attempts)
        if asked is None or fees is None or not taken:
            return asked
        return Fees(
            max(asked.max_fee, fees.max_fee),
            min(max(asked.priority_fee, fees.priority_fee), policy.max_tip),
        )
    outbid = row.last.refusal == TxpoolRefusal.REPLACEMENT and affordable(policy, view.base_fee)
    if fees is None and outbid:
        # What is pending may be cheap but for its tip: a replacement must raise both.
        return tipped(policy, highest.priority_fee)
    return fees


def first_fees(view: ChainView, policy: SendPolicy, known_tip: int = 0) -> Fees:
    """The fees of a row's first attempt. `known_tip`: what it lately took."""
    return fresh(policy, view.base_fee, max(view.tip, known_tip))


def free_nonce(held: set[int], view: ChainView, floor: int) -> int:
    """The lowest nonce that is neither mined, nor final, nor held by an open row."""
    nonce = max(view.mined_nonce, floor)
    while nonce in held:
        nonce += 1
    return nonce


def gaps(held: set[int], view: ChainView, floor: int) -> list[int]:
    """Nonces below our highest open one that no row holds: everything above them waits."""
    if not held:
        return []
    return [n for n in range(max(view.mined_nonce, floor), max(held)) if n not in held]


def unknown_pending(held: set[int], view: ChainView, floor: int) -> bool:
    """Whether the node's pool holds transactions of the account that we know nothing of."""
    first = max(view.mined_nonce, floor)
    return any(nonce not in held for nonce in range(first, view.pending_nonce))
