"""A revert is one, however a node wraps it: with its data, and without asking another node."""

from __future__ import annotations

from typing import Any

import pytest

from chain.hexes import to_bytes
from chain.rpc.errors import ExecutionReverted
from chain.rpc.node_health import NodeState
from tests.support.nodes.http_nodes import HttpNodes, error, result

VIEW = [{"to": "0x" + "ab" * 20, "data": "0x12345678" + "00" * 32}, "latest"]
DATA = "0x08c379a0" + "00" * 31 + "20"
REVERTS: dict[str, tuple[int, str, Any]] = {
    "geth": (3, "execution reverted: no", DATA),
    "hardhat 2": (
        -32603,
        "Error: VM Exception while processing transaction: reverted with reason string 'no'",
        {"message": "Error: VM Exception", "txHash": "0x" + "12" * 32, "data": DATA},
    ),
    "hardhat 2, deeper": (
        -32603,
        "VM Exception while processing transaction: reverted with custom error 'X()'",
        {"message": "x", "data": {"data": DATA, "message": "x"}},
    ),
    "hardhat in words": (
        -32603,
        f"VM Exception while processing transaction: reverted with an unrecognized custom error"
        f" (return data: {DATA})",
        None,
    ),
    "hardhat without a message": (-32603, "Internal error", {"message": "reverted", "data": DATA}),
    "hardhat 3": (3, "execution reverted", {"message": "x", "txHash": "0x12", "data": DATA}),
    "ganache 7": (
        -32000,
        "VM Exception while processing transaction: revert no",
        {"hash": None, "programCounter": 1, "result": DATA, "reason": "no", "message": "revert"},
    ),
    "ganache 6": (
        -32000,
        "VM Exception while processing transaction: revert",
        {"0x" + "12" * 32: {"error": "revert", "return": DATA}, "stack": "x", "name": "y"},
    ),
    "openethereum": (-32015, "VM execution error.", f"Reverted {DATA}"),
    "openethereum, transaction": (-32015, "Transaction execution error.", f"Reverted {DATA}"),
    "nethermind": (-32015, "revert", DATA),
    "besu": (-32000, "Execution reverted", DATA),
    "erigon": (3, "execution reverted", DATA),
    "frontier": (-32603, "VM Exception while processing transaction: revert no", DATA),
    "a provider": (-32000, "the call failed", {"originalError": {"code": 3, "data": DATA,
                                                               "message": "execution reverted"}}),
}  # fmt: skip


@pytest.mark.parametrize("node", REVERTS)
@pytest.mark.parametrize("method", ["eth_call", "eth_estimateGas"])
async def test_revert__as_any_node_wraps_it__a_revert_with_its_data_and_no_second_opinion(
    method: str, node: str
) -> None:
    code, message, data = REVERTS[node]
    nodes = HttpNodes(error(code, message, data=data), result("0x07"))
    for _ in range(4):
        with pytest.raises(ExecutionReverted) as caught:
            await nodes.pool.call(method, VIEW)
        assert caught.value.revert_data == to_bytes(DATA)
    assert nodes.count("b") == 0
    assert nodes.health().state is NodeState.HEALTHY
