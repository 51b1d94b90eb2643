"""What transactions make of a node's answers that cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from api.unsigned_transactions import WantedCall, build_unsigned
from chain.rpc.errors import BadResponse
from tests.support.nodes.scripted_node import BLOCK, ScriptedNode

WANTED = WantedCall(to="0x" + "22" * 20, data=b"", value=0, sender="0x" + "33" * 20, gas=100_000)


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("eth_getBlockByNumber", None),
        ("eth_getBlockByNumber", "0x20"),
        ("eth_getBlockByNumber", []),
        ("eth_getBlockByNumber", {}),
        ("eth_getBlockByNumber", {**BLOCK, "baseFeePerGas": None}),
        ("eth_getBlockByNumber", {**BLOCK, "number": "32"}),
        ("eth_getBlockByNumber", {**BLOCK, "hash": None}),
        ("eth_getTransactionCount", None),
        ("eth_getTransactionCount", "five"),
        ("eth_maxPriorityFeePerGas", None),
        ("eth_maxPriorityFeePerGas", {}),
    ],
)
def test_build_unsigned__an_answer_that_cannot_be__another_node_is_to_be_asked(
    method: str, answer: Any
) -> None:
    node = ScriptedNode(**{method: answer})
    with pytest.raises(BadResponse) as caught:
        node.ask(lambda rpc: build_unsigned(rpc, 31337, WANTED))
    assert caught.value.method == method
    assert caught.value.transient
