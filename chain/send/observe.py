"""What the sender sees of the chain, all at once from one node.

Promises: everything in a `ChainView` was said by one node. Finality is never taken from a node that
is itself behind: a block is final in its chain only below its own head by the same distance.
Assumes: the answers in a batch may straddle a new block; the decisions made of them allow for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chain.header import Head
from chain.hexes import to_hex, to_int
from chain.rpc.client import Rpc
from chain.rpc.errors import BadResponse, JsonRpcError
from chain.send.model import ChainView, Mined, SendRequest


async def observe(
    rpc: Rpc, account: str, rows: Sequence[SendRequest], head: Head, finalized: int
) -> ChainView:
    """Ask `rpc` (one node) about `account` and the attempts of `rows`. Raises `RpcError`."""
    hashes = [attempt.hash for row in rows for attempt in row.attempts]
    answers = await rpc.batch(
        [
            ("eth_getBlockByNumber", ["latest", False]),
            ("eth_getTransactionCount", [account, "latest"]),
            ("eth_getTransactionCount", [account, "pending"]),
            *(("eth_getTransactionReceipt", [tx_hash]) for tx_hash in hashes),
        ]
    )
    try:
        block = answers[0]
        node_head = to_int(block["number"])
        mined_nonce, pending_nonce = to_int(answers[1]), to_int(answers[2])
        receipts = {
            tx_hash: _mined(receipt)
            for tx_hash, receipt in zip(hashes, answers[3:], strict=True)
            if receipt is not None and receipt.get("blockNumber") is not None
        }
        base_fee = to_int(block.get("baseFeePerGas") or 0)
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise BadResponse(f"a malformed block or receipt ({type(error).__name__})") from None
    final_here = min(finalized, node_head - max(0, head.number - finalized))
    base_fee, tip = await _fees(rpc, base_fee)
    taken = any(
        row.held_nonce < mined_nonce and not any(a.hash in receipts for a in row.attempts)
        for row in rows
    )
    return ChainView(
        head=node_head,
        finalized=final_here,
        mined_nonce=mined_nonce,
        pending_nonce=max(pending_nonce, mined_nonce),
        final_nonce=await _final_nonce(rpc, account, final_here) if taken else None,
        base_fee=base_fee,
        tip=tip,
        receipts=receipts,
    )


def _mined(receipt: Mapping[str, Any]) -> Mined:
    return Mined(
        tx_hash=str(receipt["transactionHash"]).lower(),
        block_number=to_int(receipt["blockNumber"]),
        block_hash=str(receipt["blockHash"]).lower(),
        tx_index=to_int(receipt["transactionIndex"]),
        gas_used=to_int(receipt["gasUsed"]),
        gas_price=to_int(receipt.get("effectiveGasPrice") or 0),
        status=to_int(receipt.get("status") or 0) == 1,
    )


async def _fees(rpc: Rpc, base_fee: int) -> tuple[int, int]:
    """(base fee of the next block, median recent tip); the header's alone, if a node lacks
    eth_feeHistory."""
    try:
        history = await rpc.call("eth_feeHistory", ["0x5", "latest", [50]])
        next_base = to_int(history["baseFeePerGas"][-1])
        rewards = sorted(to_int(reward[0]) for reward in history.get("reward") or [])
    except (JsonRpcError, TypeError, KeyError, ValueError, IndexError):
        return base_fee, 0
    return next_base, rewards[len(rewards) // 2] if rewards else 0


async def _final_nonce(rpc: Rpc, account: str, block: int) -> int | None:
    """The account's nonce at `block`; None if the node cannot tell (its state is pruned)."""
    if block < 0:
        return 0
    try:
        return to_int(await rpc.call("eth_getTransactionCount", [account, to_hex(block)]))
    except (JsonRpcError, ValueError):
        return None
