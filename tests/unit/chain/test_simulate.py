"""Trying a transaction before it is paid for: reasons and gas limits."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode

from chain.reverts import ErrorTable
from chain.rpc.errors import BadResponse, ExecutionReverted, TransportError
from chain.send.simulate import CallTx, GasAboveCeiling, Reverted, estimate_gas, simulate
from tests.support.nodes.scripted_rpc import ScriptedRpc

ABI: list[dict[str, Any]] = [
    {"type": "error", "name": "NotOperator",
     "inputs": [{"type": "address", "name": "account"}, {"type": "uint256", "name": "roomId"}]},
]  # fmt: skip
TABLE = ErrorTable.from_abi(ABI)
(SELECTOR,) = TABLE.errors
ACCOUNT = "0x" + "22" * 20
TX = CallTx(ACCOUNT, "0x" + "33" * 20, "0xabcd", value=5)
ERROR_STRING = bytes.fromhex("08c379a0") + encode(["string"], ["no"])


async def test_simulate__would_succeed__returned_bytes() -> None:
    seen: list[Any] = []

    def answer(*params: Any) -> str:
        seen.append(params)
        return "0x01"

    result = await simulate(ScriptedRpc(eth_call=answer), TX, {"blockHash": "0xaa"})
    assert (result.ok, result.returned) == (True, b"\x01")
    call = {"from": TX.sender, "to": TX.to, "data": "0xabcd", "value": "0x5"}
    assert seen == [(call, {"blockHash": "0xaa"})]


async def test_simulate__would_revert__reason_in_words() -> None:
    data = SELECTOR + encode(["address", "uint256"], [ACCOUNT, 7])
    rpc = ScriptedRpc(eth_call=ExecutionReverted(3, "execution reverted", revert_data=data))
    result = await simulate(rpc, TX, errors=TABLE)
    assert not result.ok
    assert result.reason is not None
    assert result.reason.startswith("NotOperator(")


async def test_simulate__node_gives_text_only__the_text() -> None:
    rpc = ScriptedRpc(eth_call=ExecutionReverted(-32000, "execution reverted: not the host"))
    assert (await simulate(rpc, TX)).reason == "not the host"


async def test_simulate__node_fails__raised() -> None:
    with pytest.raises(TransportError):
        await simulate(ScriptedRpc(eth_call=TransportError("reset")), TX)
    with pytest.raises(BadResponse):
        await simulate(ScriptedRpc(eth_call=None), TX)


async def test_estimate_gas__fits__margin_and_a_new_slot_on_top_within_the_ceiling() -> None:
    rpc = ScriptedRpc(eth_estimateGas="0x186a0")
    assert await estimate_gas(rpc, TX, 1_000_000) == 142_100
    assert await estimate_gas(rpc, TX, 110_000) == 110_000
    with pytest.raises(GasAboveCeiling, match="send less at once"):
        await estimate_gas(rpc, TX, 99_999)


async def test_estimate_gas__would_revert__reason_in_words() -> None:
    error = ExecutionReverted(3, "execution reverted", revert_data=ERROR_STRING)
    with pytest.raises(Reverted, match=r"^no$"):
        await estimate_gas(ScriptedRpc(eth_estimateGas=error), TX, 10**6)
