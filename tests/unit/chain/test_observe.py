"""What the sender sees of one node: fees that it suggests, receipts, and answers out of shape."""

from __future__ import annotations

from typing import Any

import pytest

from chain.header import Head
from chain.rpc.errors import JsonRpcError, MalformedAnswer
from chain.send.model import Attempt, ChainView, SendRequest, SendState
from chain.send.observe import observe
from chain.units import GWEI
from tests.support.nodes.scripted_rpc import ScriptedRpc, block

MISSING = JsonRpcError(-32601, "the method does not exist")
HASH = "0x" + "ab" * 32
ROW = SendRequest(
    "k", "0x01", "0x02", "0x", 0, 21_000, {}, 0.0, state=SendState.BROADCAST, nonce=0,
    attempts=(Attempt(1, 0, HASH, b"", 9, 9, "send", 0.0),),
)  # fmt: skip
RECEIPT = {
    "transactionHash": HASH, "blockNumber": "0x9", "blockHash": HASH, "transactionIndex": "0x0",
    "gasUsed": "0x5208", "effectiveGasPrice": "0x9", "status": "0x1",
}  # fmt: skip


async def view_of(
    history: Any = MISSING, tip: Any = MISSING, price: Any = MISSING, receipt: Any = None
) -> ChainView:
    node = ScriptedRpc(
        eth_getBlockByNumber=block(9) | {"baseFeePerGas": hex(20 * GWEI)},
        eth_getTransactionCount="0x0",
        eth_getTransactionReceipt=receipt,
        eth_feeHistory=history,
        eth_maxPriorityFeePerGas=tip,
        eth_gasPrice=price,
    )
    return await observe(node, "0x01", [ROW], Head(9, "0x9", "0x8", 0, 0), 3)


def history(*rewards: int) -> dict[str, Any]:
    return {
        "baseFeePerGas": [hex(19 * GWEI), hex(21 * GWEI)],
        "reward": [[hex(reward)] for reward in rewards],
    }


@pytest.mark.parametrize(
    ("answers", "tip"),
    [
        ({"tip": hex(30 * GWEI)}, 30 * GWEI),
        ({"tip": hex(30 * GWEI), "history": history(1, 2, 3)}, 30 * GWEI),
        ({"tip": "0x0", "history": history(1, 7 * GWEI, 9 * GWEI)}, 7 * GWEI),
        ({"history": history(26 * GWEI)}, 26 * GWEI),
        ({"price": hex(46 * GWEI)}, 26 * GWEI),
        ({"price": hex(46 * GWEI), "history": history(2 * GWEI)}, 2 * GWEI),
        ({"price": hex(46 * GWEI), "history": history()}, 25 * GWEI),
        ({"price": hex(5 * GWEI)}, 0),
        ({}, 0),
    ],
)
async def test_tip__whatever_the_node_can_tell__its_suggestion(
    answers: dict[str, Any], tip: int
) -> None:
    assert (await view_of(**answers)).tip == tip


NONSENSE: list[Any] = [None, "thirty", "30", [], {}, True, 1.5, "0x", "-0x1", -1]


@pytest.mark.parametrize("nonsense", NONSENSE, ids=repr)
async def test_tip__nonsense_for_a_suggestion__the_others_count(nonsense: Any) -> None:
    assert (await view_of(tip=nonsense, history=history(2 * GWEI))).tip == 2 * GWEI
    assert (await view_of(tip=nonsense, history=nonsense, price=hex(22 * GWEI))).tip == 2 * GWEI
    assert (await view_of(tip=nonsense, history=nonsense, price=nonsense)).tip == 0


@pytest.mark.parametrize(
    ("field", "l1_fee"),
    [({}, 0), ({"l1Fee": None}, 0), ({"l1Fee": "0x0"}, 0), ({"l1Fee": "0x2386f26fc10000"}, 10**16),
     ({"gasUsedForL1": "0x500"}, 0)],
)  # fmt: skip
async def test_l1_fee__of_a_rollups_receipt__read_where_it_stands(
    field: dict[str, Any], l1_fee: int
) -> None:
    assert (await view_of(receipt=RECEIPT | field)).receipts[HASH].l1_fee == l1_fee


@pytest.mark.parametrize("nonsense", [value for value in NONSENSE if value is not None], ids=repr)
async def test_l1_fee__nonsense__the_nodes_fault(nonsense: Any) -> None:
    with pytest.raises(MalformedAnswer):
        await view_of(receipt=RECEIPT | {"l1Fee": nonsense})
