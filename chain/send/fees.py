"""What to pay (EIP-1559).

Promises: pure arithmetic in wei per gas. No fee is ever above `fee_ceiling`. A bump raises both
fields by at least `bump_percent` (nodes want 10 %), rounded up, or is refused (None).
Assumes: the base fee moves by at most 12.5 % a block, so twice the base fee lasts for six full
blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from chain.units import GWEI


class Fees(NamedTuple):
    """Wei per gas: the most we pay in all, and the part that is the miner's tip."""

    max_fee: int
    priority_fee: int


@dataclass(frozen=True)
class SendPolicy:
    """How the sender behaves. Fees are wei per gas, times seconds.

    `max_in_flight`: nonces in use at once (geth keeps 16 per account for certain).
    `bump_seconds`: pending for so long although it could be mined: pay more.
    `retry_seconds`: between offers of what no node took.
    `rebroadcast_seconds`: between repeated broadcasts of what a node took.
    `patience_seconds`: how long unknown pending transactions, or a gap, are left alone.
    `act_seconds`: how long a broadcast may take; the lease must last for it.
    `max_attempts`: transactions signed per nonce, at most.
    """

    fee_ceiling: int = 200 * GWEI
    min_tip: int = GWEI // 100
    max_tip: int = 3 * GWEI
    bump_percent: float = 12.5
    bump_seconds: float = 60.0
    retry_seconds: float = 3.0
    rebroadcast_seconds: float = 30.0
    patience_seconds: float = 90.0
    act_seconds: float = 12.0
    max_in_flight: int = 16
    max_attempts: int = 40
    cancel_gas: int = 21_000

    def __post_init__(self) -> None:
        if self.bump_percent < 10.0:
            raise ValueError("bump_percent must be at least 10: nodes refuse smaller replacements")
        if not 0 <= self.min_tip <= self.max_tip <= self.fee_ceiling:
            raise ValueError("fees must satisfy 0 <= min_tip <= max_tip <= fee_ceiling")
        if self.max_in_flight < 1 or self.max_attempts < 2:
            raise ValueError("max_in_flight must be at least 1 and max_attempts at least 2")


def tip_of(policy: SendPolicy, suggested: int) -> int:
    """The suggested tip within our bounds."""
    return max(policy.min_tip, min(suggested, policy.max_tip))


def affordable(policy: SendPolicy, base_fee: int) -> bool:
    """Whether a transaction at our ceiling could be mined at this base fee."""
    return base_fee + policy.min_tip <= policy.fee_ceiling


def fresh(policy: SendPolicy, base_fee: int, tip: int) -> Fees:
    """The fees of a first attempt: room for the base fee to double, under the ceiling."""
    tip = tip_of(policy, tip)
    max_fee = min(2 * base_fee + tip, policy.fee_ceiling)
    return Fees(max_fee, min(tip, max_fee))


def _raised(value: int, percent: float) -> int:
    # In tenths of a per cent and rounded up: a fee of 1 wei must rise, too.
    return value + max(1, -(-value * round(percent * 10) // 1000))


def bumped(policy: SendPolicy, last: Fees, base_fee: int, tip: int) -> Fees | None:
    """Fees of a replacement for `last`, good for `base_fee`; None if the ceiling forbids it."""
    wanted = fresh(policy, base_fee, tip)
    least = Fees(
        _raised(last.max_fee, policy.bump_percent), _raised(last.priority_fee, policy.bump_percent)
    )
    max_fee = max(wanted.max_fee, least.max_fee)
    if max_fee > policy.fee_ceiling:
        # The last step up to the ceiling counts if a node would still take it.
        max_fee = policy.fee_ceiling
        if max_fee < _raised(last.max_fee, 10.0):
            return None
    # The tip follows the market up, but a replaced tip must rise in any case.
    priority = max(wanted.priority_fee, least.priority_fee)
    if priority > max_fee:
        return None
    return Fees(max_fee, priority)


def tipped(policy: SendPolicy, tip: int) -> Fees | None:
    """The ceiling with twice that tip, within our bounds; None if it cannot rise."""
    raised = min(2 * tip, policy.max_tip)
    return Fees(policy.fee_ceiling, raised) if raised > tip else None
