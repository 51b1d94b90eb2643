"""An unsigned transaction is tried as its sender's; where nobody said who sends, as somebody's who
has money (docs/api.md)."""

from __future__ import annotations

from typing import Any

import pytest

from api.unsigned_transactions import SOMEBODY, UnsignedTransaction, WantedCall, build_unsigned
from chain.rpc.blocking import run
from chain.rpc.errors import ExecutionReverted, JsonRpcError, RpcError
from chain.units import NEW_SLOT
from tests.support.nodes.scripted_rpc import ScriptedRpc, block

TO, SENDER = "0x" + "ab" * 20, "0x" + "cd" * 20


class RecordingNode(ScriptedRpc):
    """What it was asked of calls and estimates, by method."""

    def __init__(self, **answers: Any) -> None:
        self.seen: dict[str, tuple[Any, ...]] = {}
        known = {
            "eth_getBlockByNumber": block(7), "eth_maxPriorityFeePerGas": "0x3",
            "eth_getTransactionCount": "0x5", "eth_call": "0x", "eth_estimateGas": "0x186a0",
        }  # fmt: skip
        super().__init__(**known | answers)

    async def call(self, method: str, params: Any) -> Any:
        self.seen[method] = tuple(params)
        return await super().call(method, params)


def built(node: RecordingNode, sender: str | None) -> UnsignedTransaction:
    return run(build_unsigned(node, 1, WantedCall(TO, b"\x01", 9, sender, 250_000)))


@pytest.mark.parametrize("method", ["eth_call", "eth_estimateGas"])
def test_build__nobody_said_who_sends__tried_as_one_who_has_money(method: str) -> None:
    node = RecordingNode()
    made = built(node, None)
    tx, at, state = node.seen[method]
    assert (tx["from"].lower(), tx["value"], at) == (SOMEBODY, "0x9", "latest")
    ((who, told),) = state.items()
    assert (who.lower(), list(told)) == (SOMEBODY, ["balance"])
    assert int(told["balance"], 16) > 10**18
    assert made.transaction.keys().isdisjoint({"from", "nonce"})
    assert made.transaction["gas"] == hex(125_000 + NEW_SLOT)


@pytest.mark.parametrize("method", ["eth_call", "eth_estimateGas"])
def test_build__of_a_sender__tried_with_what_they_have(method: str) -> None:
    node = RecordingNode()
    made = built(node, SENDER)
    tx, at = node.seen[method]
    assert (tx["from"].lower(), at) == (SENDER, "latest")
    assert (made.transaction["from"].lower(), made.transaction["nonce"]) == (SENDER, "0x5")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ExecutionReverted(-32000, "execution reverted: not now"), "not now"),
        (JsonRpcError(-32000, "insufficient funds for gas * price + value"), "insufficient funds"),
    ],
)
def test_build__it_would_fail__says_why_and_keeps_the_gas_it_was_given(
    error: RpcError, reason: str
) -> None:
    made = built(RecordingNode(eth_call=error), SENDER)
    assert made.simulation["ok"] is False
    assert reason in (made.simulation["reason"] or "")
    assert made.transaction["gas"] == hex(250_000)
