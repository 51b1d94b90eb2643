"""The sender's data: requests, their attempts, their states; and its errors.

Promises: immutable rows; a change is a new value (`dataclasses.replace`) saved by version. A
transaction that fails is data (`SendRequest.reason`); an exception says that the call was wrong or
that somebody else was faster.
Amounts are wei, times unix seconds, hashes and data 0x and lower case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from chain.send.fee_demand import FeeDemand
from chain.send.fees import Fees


class SendState(StrEnum):
    """queued: no nonce. signed: bytes stored, perhaps broadcast. broadcast: a node took it.
    mined: in a block that may be reorged. confirmed, failed: final."""

    QUEUED = "queued"
    SIGNED = "signed"
    BROADCAST = "broadcast"
    MINED = "mined"
    CONFIRMED = "confirmed"
    FAILED = "failed"


OPEN = frozenset({SendState.SIGNED, SendState.BROADCAST, SendState.MINED})
FINAL = frozenset({SendState.CONFIRMED, SendState.FAILED})


@dataclass(frozen=True)
class Attempt:
    """One signed transaction. `kind`: "send" does what was asked, "cancel" pays ourselves nothing,
    to use the nonce up. `sent_at`: when a node last took it. `tried_at`: when it was last offered.
    `refusal`: why it was last not taken (a `TxpoolRefusal`), None if it was. `demand`: what that
    refusal asked for, if it called the fees too low."""

    n: int
    nonce: int
    hash: str
    raw: bytes = field(repr=False)
    max_fee: int
    priority_fee: int
    kind: Literal["send", "cancel"]
    created_at: float
    sent_at: float | None = None
    tried_at: float | None = None
    refusal: str | None = None
    demand: FeeDemand | None = None

    @property
    def fees(self) -> Fees:
        """What it offers."""
        return Fees(self.max_fee, self.priority_fee)


@dataclass(frozen=True)
class SendRequest:
    """An intent and all that became of it.

    `attempts`: of the present nonce, oldest first. `dead_hashes`: attempts of nonces that somebody
    else's final transaction used up. `succeeded`: of the mined attempt; None while there is none.
    `gas_price`: what was paid per gas; `l1_fee`: what a rollup took beside it for its data.
    `taken_since`, `taken_block`: since when, and since which
    head, the nonce seems to be used by somebody else.
    """

    key: str
    account: str
    to: str
    data: str
    value: int
    gas_limit: int
    meta: Mapping[str, Any]
    created_at: float
    state: SendState = SendState.QUEUED
    nonce: int | None = None
    attempts: tuple[Attempt, ...] = ()
    dead_hashes: tuple[str, ...] = ()
    withdrawn: bool = False
    reason: str | None = None
    taken_since: float | None = None
    taken_block: int | None = None
    tx_hash: str | None = None
    block_number: int | None = None
    block_hash: str | None = None
    tx_index: int | None = None
    gas_used: int | None = None
    gas_price: int | None = None
    l1_fee: int | None = None
    succeeded: bool | None = None
    updated_at: float = 0.0
    version: int = 0

    @property
    def final(self) -> bool:
        """Nothing will change any more."""
        return self.state in FINAL

    @property
    def held_nonce(self) -> int:
        """The nonce of an open row. Raises ValueError for a row that holds none."""
        if self.nonce is None:
            raise ValueError(f"{self.key} holds no nonce")
        return self.nonce

    @property
    def last(self) -> Attempt:
        """The newest attempt. Raises IndexError while there is none."""
        return self.attempts[-1]

    @property
    def spent(self) -> int | None:
        """Wei paid for the mined attempt: its gas, and a rollup's fee for its data."""
        if self.gas_used is None or self.gas_price is None:
            return None
        return self.gas_used * self.gas_price + (self.l1_fee or 0)

    def same_intent(self, other: SendRequest) -> bool:
        """Whether both ask for the same transaction."""
        mine = (self.account, self.to, self.data, self.value)
        return mine == (other.account, other.to, other.data, other.value)


@dataclass(frozen=True)
class Mined:
    """A receipt's content. `status`: True if it did not revert. `l1_fee`: wei, 0 where the chain is
    no rollup, or has it in its gas."""

    tx_hash: str
    block_number: int
    block_hash: str
    tx_index: int
    gas_used: int
    gas_price: int
    status: bool
    l1_fee: int = 0


@dataclass(frozen=True)
class ChainView:
    """What one node said, in one look.

    `head`: its own head. `finalized`: the last block that is final in its chain.
    `mined_nonce`: transactions of the account in its chain. `pending_nonce`: with its pool.
    `final_nonce`: in its finalized chain; None: not asked, or it cannot tell (pruned).
    `base_fee`: of the next block. `tip`: suggested.
    `receipts`: by transaction hash, for all attempts of open rows that are mined.
    """

    head: int
    finalized: int
    mined_nonce: int
    pending_nonce: int
    final_nonce: int | None
    base_fee: int
    tip: int
    receipts: Mapping[str, Mined]


class SenderError(Exception):
    """Base of the sender's own errors."""


class KeyReused(SenderError):
    """`submit` was given a known key with other content: keys must name one intent for ever."""


class StoreConflict(SenderError):
    """Somebody else changed the row, or took the nonce, since we read it. Read again."""
