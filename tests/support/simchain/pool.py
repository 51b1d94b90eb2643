"""Signed transactions without signatures, and which of them a node takes.

A transaction's bytes are JSON (`JsonSigner`), so a history costs microseconds, not signatures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from chain.rpc.errors import classify_error
from chain.send.signer import SignedTx

LEAST_GAS = 21_000


@dataclass(frozen=True, slots=True)
class SimTx:
    """A transaction as pool and blocks hold it. `data`: 0x."""

    hash: str
    raw: bytes
    sender: str
    nonce: int
    max_fee: int
    priority_fee: int
    gas: int
    to: str
    data: str


class JsonSigner:
    """Signs for an account by writing the transaction down. `salt`: another signer's differ."""

    def __init__(self, address: str, salt: str = "") -> None:
        self.address = address
        self._salt = salt

    async def check(self) -> None:
        """It can always sign."""

    async def sign(self, tx: Mapping[str, Any]) -> SignedTx:
        fields = {**tx, "from": self.address, "salt": self._salt}
        raw = orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
        return SignedTx(raw, _hash(raw))


def read_tx(raw: bytes) -> SimTx:
    """What was signed."""
    fields = orjson.loads(raw)
    return SimTx(
        hash=_hash(raw),
        raw=raw,
        sender=fields["from"].lower(),
        nonce=fields["nonce"],
        max_fee=fields["maxFeePerGas"],
        priority_fee=fields["maxPriorityFeePerGas"],
        gas=fields["gas"],
        to=fields["to"].lower(),
        data=fields["data"],
    )


def admit(
    pool: dict[int, SimTx],
    tx: SimTx,
    nonce: int,
    balance: int,
    least_fee: int,
    least_tip: int = 0,
    tip_words: str = "",
) -> None:
    """Put a transaction of the account into its pool, by nonce. Raises as a node refuses.

    `nonce`: the account's next one; `least_fee`, `least_tip`: below them nothing is taken.
    `tip_words`: how a tip is refused, with {have} and {want}.
    """
    pending = pool.get(tx.nonce)
    if tx.gas < LEAST_GAS:
        raise refusal("intrinsic gas too low")
    if tx.nonce < nonce:
        raise refusal("nonce too low")
    if pending is not None and pending.hash == tx.hash:
        raise refusal("already known")
    if tx.priority_fee < least_tip:
        raise refusal(tip_words.format(have=tx.priority_fee, want=least_tip))
    if tx.max_fee < least_fee:
        raise refusal("max fee per gas less than block base fee")
    if tx.gas * tx.max_fee > balance:
        raise refusal("insufficient funds for gas * price + value")
    if pending is not None and (
        tx.max_fee * 10 < pending.max_fee * 11 or tx.priority_fee * 10 < pending.priority_fee * 11
    ):
        raise refusal("replacement transaction underpriced")
    pool[tx.nonce] = tx


def refusal(text: str) -> Exception:
    """The error that a node's words become."""
    return classify_error("eth_sendRawTransaction", {"code": -32000, "message": text})


def _hash(raw: bytes) -> str:
    return "0x" + hashlib.sha256(raw).hexdigest()
