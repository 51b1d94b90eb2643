"""What to pay (EIP-1559).

Promises: pure arithmetic in wei per gas. No fee is ever above `fee_ceiling`, no tip above
`max_tip` that a node suggests or demands. A bump raises both fields by at least `bump_percent`
(nodes want 10 %), rounded up, or is refused (None). What was refused as underpriced is not outbid:
its tip goes where the refusal says, and to what public chains demand where it says nothing.
Assumes: the base fee moves by at most 12.5 % a block, so twice the base fee lasts for six full
blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from chain.send.fee_demand import FeeDemand, Wanted
from chain.units import GWEI, in_gwei


class Fees(NamedTuple):
    """Wei per gas: the most we pay in all, and the part that is the miner's tip."""

    max_fee: int
    priority_fee: int


@dataclass(frozen=True)
class SendPolicy:
    """How the sender behaves. Fees are wei per gas, times seconds.

    `max_tip`: no tip is higher, so that no single node can make us pay. `usual_demand`: the tip to
    try where a node wants more and does not say how much.
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
    max_tip: int = 50 * GWEI
    usual_demand: int = 30 * GWEI  # Polygon's pools want 25, and wanted 30 before
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


def raised(value: int, percent: float) -> int:
    """So many per cent more, and more in any case."""
    # In tenths of a per cent and rounded up: a fee of 1 wei must rise, too.
    return value + max(1, -(-value * round(percent * 10) // 1000))


def bumped(policy: SendPolicy, last: Fees, base_fee: int, tip: int) -> Fees | None:
    """Fees of a replacement for `last`, good for `base_fee`; None if the ceiling forbids it."""
    wanted = fresh(policy, base_fee, tip)
    least = Fees(
        raised(last.max_fee, policy.bump_percent), raised(last.priority_fee, policy.bump_percent)
    )
    max_fee = max(wanted.max_fee, least.max_fee)
    if max_fee > policy.fee_ceiling:
        # The last step up to the ceiling counts if a node would still take it.
        max_fee = policy.fee_ceiling
        if max_fee < raised(last.max_fee, 10.0):
            return None
    # The tip follows the market up, but a replaced tip must rise in any case.
    priority = max(wanted.priority_fee, least.priority_fee)
    if priority > max_fee:
        return None
    return Fees(max_fee, priority)


def tipped(policy: SendPolicy, tip: int) -> Fees | None:
    """The ceiling with twice that tip, within our bounds; None if it cannot rise."""
    doubled = min(2 * tip, policy.max_tip)
    return Fees(policy.fee_ceiling, doubled) if doubled > tip else None


def demanded(
    policy: SendPolicy,
    last: Fees,
    demand: FeeDemand,
    base_fee: int,
    tip: int,
    *,
    again: bool = False,
) -> Fees | None:
    """Fees after `last` was refused as underpriced; None if the bounds allow nothing higher.

    No pool holds `last`, so nothing must be outbid. `again`: it was itself an answer to a refusal;
    a node that then names a little more, and more again, must not use up the attempts.
    """
    base_fee = max(base_fee, demand.base)
    stated = max(demand.tip, demand.price)
    told = stated > last.priority_fee or demand.price > last.max_fee
    if demand.of is Wanted.BASE:
        fees = fresh(policy, base_fee, max(tip, last.priority_fee))
        least = raised(last.max_fee, 10.0)
    elif told and not again:
        fees = fresh(policy, base_fee, max(tip, stated, last.priority_fee))
        least = max(last.max_fee, demand.price)
    elif last.priority_fee < min(policy.usual_demand, policy.max_tip):
        fees = fresh(policy, base_fee, max(tip, stated, policy.usual_demand))
        least = max(last.max_fee, demand.price)
    else:
        fees, least = Fees(policy.fee_ceiling, policy.max_tip), 0
    fees = fees._replace(max_fee=min(max(fees.max_fee, least), policy.fee_ceiling))
    better = fees.max_fee > last.max_fee or fees.priority_fee > last.priority_fee
    return fees if better else None


def underpriced_words(policy: SendPolicy, last: Fees, demand: FeeDemand, base_fee: int) -> str:
    """Why `last` was not enough, for an operator: what is wanted, and which setting forbids it."""
    base_fee = max(base_fee, demand.base)
    stated = max(demand.tip, demand.price)
    if demand.of is Wanted.BASE:
        return (
            f"its fee of {in_gwei(last.max_fee)} is below the base fee, {in_gwei(base_fee)};"
            f" MAX_FEE_GWEI allows {in_gwei(policy.fee_ceiling)}"
        )
    if stated <= last.priority_fee:
        return (
            f"the node calls a tip of {in_gwei(last.priority_fee)} in a fee of"
            f" {in_gwei(last.max_fee)} too low; MAX_TIP_GWEI allows {in_gwei(policy.max_tip)},"
            f" MAX_FEE_GWEI {in_gwei(policy.fee_ceiling)}"
        )
    wants = f"the node wants a tip of at least {in_gwei(stated)}"
    if demand.price > policy.fee_ceiling:
        wants = f"the node wants at least {in_gwei(demand.price)} per gas"
    elif stated > policy.max_tip:
        return f"{wants}, but MAX_TIP_GWEI allows {in_gwei(policy.max_tip)}: raise it to pay that"
    if max(base_fee + stated, demand.price) > policy.fee_ceiling:
        return (
            f"{wants}, the base fee is {in_gwei(base_fee)}, and MAX_FEE_GWEI allows"
            f" {in_gwei(policy.fee_ceiling)}: raise it, or wait until fees fall"
        )
    return wants
