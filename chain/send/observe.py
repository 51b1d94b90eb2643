"""What the sender sees of the chain, all at once from one node.

Promises: everything in a `ChainView` was said by one node. Finality is never taken from a node that
is itself behind: a block is final in its chain only below its own head by the same distance.
What a node suggests to pay is a hint: one that it cannot give, or gives in another shape, is none.
Assumes: the answers in a batch may straddle a new block; the decisions made of them allow for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from chain.header import Head, parse_head
from chain.hexes import to_hex
from chain.rpc import answers
from chain.rpc.ask import Question, ask, ask_all
from chain.rpc.client import Rpc
from chain.rpc.errors import JsonRpcError
from chain.send.model import ChainView, Mined, SendRequest

_COUNT = "eth_getTransactionCount"


async def observe(
    rpc: Rpc, account: str, rows: Sequence[SendRequest], head: Head, finalized: int
) -> ChainView:
    """Ask `rpc` (one node) about `account` and the attempts of `rows`. Raises `RpcError`."""
    hashes = [attempt.hash for row in rows for attempt in row.attempts]
    latest, mined_nonce, pending_nonce, *mined = await ask_all(
        rpc,
        [
            Question("eth_getBlockByNumber", ["latest", False], parse_head),
            Question(_COUNT, [account, "latest"], answers.nonce),
            Question(_COUNT, [account, "pending"], answers.nonce),
            *(
                Question("eth_getTransactionReceipt", [tx_hash], partial(_mined, tx_hash))
                for tx_hash in hashes
            ),
        ],
    )
    receipts = {tx_hash: one for tx_hash, one in zip(hashes, mined, strict=True) if one}
    final_here = min(finalized, latest.number - max(0, head.number - finalized))
    base_fee, tip = await _fees(rpc, latest.base_fee)
    taken = any(
        row.held_nonce < mined_nonce and not any(a.hash in receipts for a in row.attempts)
        for row in rows
    )
    return ChainView(
        head=latest.number,
        finalized=final_here,
        mined_nonce=mined_nonce,
        pending_nonce=max(pending_nonce, mined_nonce),
        final_nonce=await _final_nonce(rpc, account, final_here) if taken else None,
        base_fee=base_fee,
        tip=tip,
        receipts=receipts,
    )


def _mined(tx_hash: str, receipt: Any) -> Mined | None:
    """The receipt of `tx_hash`; None while it is in no block."""
    if receipt is None or answers.fields(receipt).get("blockNumber") is None:
        return None
    mined = Mined(
        tx_hash=answers.digest(receipt["transactionHash"]),
        block_number=answers.number(receipt["blockNumber"]),
        block_hash=answers.digest(receipt["blockHash"]),
        tx_index=answers.number(receipt["transactionIndex"]),
        gas_used=answers.number(receipt["gasUsed"]),
        gas_price=_amount_or_none(receipt.get("effectiveGasPrice")) or 0,
        status=answers.number(receipt["status"]) == 1,
        l1_fee=_amount_or_none(receipt.get("l1Fee")) or 0,
    )
    if mined.tx_hash != tx_hash.lower():
        raise ValueError(f"the receipt of another transaction: {mined.tx_hash}")
    return mined


_amount_or_none = answers.or_none(answers.amount)


async def _fees(rpc: Rpc, base_fee: int) -> tuple[int, int]:
    """(base fee of the next block, suggested tip): the node's own suggestion or what recent blocks
    paid, whichever is more; of a node that tells neither, its gas price above the base fee."""
    base_fee, paid = await _history(rpc, base_fee)
    suggested = await _suggestion(rpc, "eth_maxPriorityFeePerGas")
    if suggested is None and paid is None:
        price = await _suggestion(rpc, "eth_gasPrice")
        suggested = max(0, (price or 0) - base_fee)
    return base_fee, max(suggested or 0, paid or 0)


async def _history(rpc: Rpc, base_fee: int) -> tuple[int, int | None]:
    """(base fee of the next block, median tip of recent ones); of a node that has no
    eth_feeHistory, the header's base fee alone."""
    params = ["0x5", "latest", [50]]
    try:
        found = await ask(rpc, "eth_feeHistory", params, answers.or_unknown(_next_and_paid))
    except JsonRpcError:
        found = None
    return found or (base_fee, None)


def _next_and_paid(history: Any) -> tuple[int, int | None]:
    rewards = sorted(answers.amount(reward[0]) for reward in history.get("reward") or [])
    paid = rewards[len(rewards) // 2] if rewards else None
    return answers.amount(history["baseFeePerGas"][-1]), paid


async def _suggestion(rpc: Rpc, method: str) -> int | None:
    """A price that the node suggests; None if it cannot."""
    try:
        return await ask(rpc, method, [], answers.or_unknown(answers.amount))
    except JsonRpcError:
        return None


async def _final_nonce(rpc: Rpc, account: str, block: int) -> int | None:
    """The account's nonce at `block`; None if the node cannot tell (its state is pruned)."""
    if block < 0:
        return 0
    try:
        return await ask(rpc, _COUNT, [account, to_hex(block)], answers.or_none(answers.nonce))
    except JsonRpcError:
        return None
