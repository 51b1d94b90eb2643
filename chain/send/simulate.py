"""Trying a transaction before it is paid for.

Promises: `simulate` runs it by eth_call and tells in words why it would revert; `estimate_gas`
answers a gas limit with a margin, never above the ceiling. Neither changes anything.
Assumes: the node has the state of the block asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chain.reverts import ErrorTable
from chain.rpc.client import Rpc
from chain.rpc.errors import ExecutionReverted
from chain.rpc.web3_provider import eth_call, eth_estimate_gas
from chain.units import NEW_SLOT


@dataclass(frozen=True)
class CallTx:
    """What would be sent. Addresses and `data` are 0x; `value` is wei; `gas` a limit or None.

    `funds`: wei that the sender is taken to have, None: what it has.
    """

    sender: str
    to: str
    data: str
    value: int = 0
    gas: int | None = None
    funds: int | None = None

    def params(self) -> dict[str, Any]:
        """The transaction as web3.py takes it."""
        call: dict[str, Any] = {"from": self.sender, "to": self.to, "data": self.data}
        if self.value:
            call["value"] = self.value
        if self.gas is not None:
            call["gas"] = self.gas
        return call

    def state(self) -> dict[str, Any] | None:
        """What to take for true besides the chain's state."""
        return None if self.funds is None else {self.sender: {"balance": self.funds}}


@dataclass(frozen=True)
class Simulation:
    """`returned`: what the call answered; `reason`: why it would revert, None if it would not."""

    returned: bytes
    reason: str | None

    @property
    def ok(self) -> bool:
        return self.reason is None


class Reverted(Exception):
    """The transaction would revert; the text says why."""


class GasAboveCeiling(Exception):
    """The transaction needs more gas than it may use. `needed`, `ceiling`: gas."""

    def __init__(self, needed: int, ceiling: int) -> None:
        super().__init__(f"{needed} gas needed, at most {ceiling} allowed: send less at once")
        self.needed = needed
        self.ceiling = ceiling


async def simulate(
    rpc: Rpc,
    tx: CallTx,
    block: str | dict[str, Any] = "latest",
    errors: ErrorTable | None = None,
) -> Simulation:
    """Run `tx` on the state after `block` (a tag, a number as 0x, or {"blockHash": 0x...}).

    Raises `RpcError` for anything but a revert.
    """
    try:
        return Simulation(await eth_call(rpc, tx.params(), block, tx.state()), None)
    except ExecutionReverted as error:
        return Simulation(b"", _reason(error, errors))


async def estimate_gas(
    rpc: Rpc,
    tx: CallTx,
    ceiling: int,
    *,
    margin: float = 1.2,
    errors: ErrorTable | None = None,
) -> int:
    """A gas limit for `tx`: the node's estimate times `margin` and `NEW_SLOT`, at most `ceiling`.

    Raises `Reverted` with the reason, `GasAboveCeiling` if even the bare estimate is above it, and
    `RpcError`.
    """
    try:
        needed = await eth_estimate_gas(rpc, tx.params(), tx.state())
    except ExecutionReverted as error:
        raise Reverted(_reason(error, errors)) from None
    if needed > ceiling:
        raise GasAboveCeiling(needed, ceiling)
    return min(ceiling, int(needed * margin) + NEW_SLOT)


def _reason(error: ExecutionReverted, errors: ErrorTable | None) -> str:
    if not error.revert_data and error.message:
        # Some nodes give the text only: "execution reverted: not the host".
        _, _, text = error.message.partition(": ")
        return text or "reverted without a reason"
    return (errors or ErrorTable()).words(error.revert_data)
