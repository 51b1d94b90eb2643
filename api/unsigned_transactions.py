"""Unsigned transactions for a wallet to sign: the chain is asked, nothing is written.

Promises: an EIP-1559 transaction with every field that eth_sendTransaction takes, as hex
quantities; fees that stay good for about six full blocks; what the transaction would do right now,
with the revert reason in words. The nonce is given only where the sender is known.
Assumes: `chain.rpc.client`'s errors; a node that knows eth_maxPriorityFeePerGas (else 1 gwei is
offered).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from api.transaction_types import SimulationJson, TransactionJson
from chain.header import Head, parse_head
from chain.hexes import checksum, hex_data, to_hex
from chain.reverts import contract_errors
from chain.rpc import answers
from chain.rpc.ask import Question, ask, ask_all
from chain.rpc.client import Rpc
from chain.rpc.errors import ExecutionReverted, JsonRpcError
from chain.send.simulate import CallTx, estimate_gas, simulate
from chain.units import ETHER, GWEI

# Who would send it, where nobody said: any account that is not a contract's.
SOMEBODY = "0x00000000000000000000000000000000000a11ce"
_FUNDS = 1_000_000 * ETHER  # which SOMEBODY is taken to have
_TIP = GWEI  # a gas, where the node does not say
MARGIN = 1.25  # on the gas estimate: the state may have moved when the wallet sends
MOST_GAS = 2_000_000


@dataclass(frozen=True)
class WantedCall:
    """A call of the contract. `sender` None: nobody in particular. `gas`: without an estimate."""

    to: str
    data: bytes
    value: int
    sender: str | None
    gas: int


@dataclass(frozen=True)
class UnsignedTransaction:
    """`transaction` for eth_sendTransaction; `most_gas_cost` in wei."""

    transaction: TransactionJson
    simulation: SimulationJson
    most_gas_cost: int

    def without_sender(self) -> UnsignedTransaction:
        """The same for whoever signs: the nonce is the wallet's business."""
        transaction = self.transaction.copy()
        transaction.pop("nonce", None)
        transaction.pop("from", None)
        return replace(self, transaction=transaction)


async def build_unsigned(rpc: Rpc, chain_id: int, wanted: WantedCall) -> UnsignedTransaction:
    """Build the transaction and try it. Raises `RpcError`."""
    asked = [Question("eth_getBlockByNumber", ["latest", False], _head_with_fee)]
    if wanted.sender is not None:
        params = [wanted.sender, "pending"]
        asked.append(Question("eth_getTransactionCount", params, answers.nonce))
    head, *counts = await ask_all(rpc, asked)
    nonce = counts[0] if counts else None
    tip = await _tip(rpc)
    most_fee = 2 * head.base_fee + tip
    tx = CallTx(
        sender=wanted.sender or SOMEBODY,
        to=wanted.to,
        data=hex_data(wanted.data),
        value=wanted.value,
        funds=_FUNDS if wanted.sender is None else None,
    )
    reason, gas = await _try(rpc, tx, otherwise=wanted.gas)
    transaction: TransactionJson = {
        "type": "0x2",
        "chainId": to_hex(chain_id),
        "to": checksum(wanted.to),
        "data": tx.data,
        "value": to_hex(wanted.value),
        "gas": to_hex(gas),
        "maxFeePerGas": to_hex(most_fee),
        "maxPriorityFeePerGas": to_hex(tip),
    }
    if wanted.sender is not None and nonce is not None:
        transaction["from"] = checksum(wanted.sender)
        transaction["nonce"] = to_hex(nonce)
    simulation: SimulationJson = {
        "ok": reason is None,
        "reason": reason,
        "block": head.number,
        "block_hash": head.hash,
    }
    return UnsignedTransaction(transaction, simulation, gas * most_fee)


def _head_with_fee(block: Any) -> Head:
    """The head in a block, whose base fee must be there: the transaction is of EIP-1559."""
    if isinstance(block, dict) and block.get("baseFeePerGas") is None:
        raise ValueError("there is no baseFeePerGas, in a block")
    return parse_head(block)


async def _tip(rpc: Rpc) -> int:
    try:
        return await ask(rpc, "eth_maxPriorityFeePerGas", [], answers.amount)
    except JsonRpcError:
        return _TIP


async def _try(rpc: Rpc, tx: CallTx, *, otherwise: int) -> tuple[str | None, int]:
    """Why it would fail now (None: it would not), and a gas limit."""
    try:
        result = await simulate(rpc, tx, errors=contract_errors())
        if not result.ok:
            return result.reason, otherwise
        return None, await estimate_gas(rpc, tx, MOST_GAS, margin=MARGIN, errors=contract_errors())
    except JsonRpcError as error:
        if error.transient or isinstance(error, ExecutionReverted):
            raise
        # The node would not even try: mostly "insufficient funds for gas * price + value".
        return error.message, otherwise
