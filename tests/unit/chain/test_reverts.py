"""Reverts in words, simulation, gas limits."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode

from chain.reverts import ErrorTable
from chain.rpc.errors import BadResponse, ExecutionReverted, TransportError
from chain.send.simulate import CallTx, GasAboveCeiling, Reverted, estimate_gas, simulate
from tests.support.scripted_rpc import ScriptedRpc

ABI: list[dict[str, Any]] = [
    {"type": "error", "name": "NotOperator",
     "inputs": [{"type": "address", "name": "account"}, {"type": "uint256", "name": "roomId"}]},
    {"type": "error", "name": "Bad",
     "inputs": [{"type": "tuple[]", "name": "items",
                 "components": [{"type": "uint8", "name": ""}, {"type": "bytes", "name": ""}]}]},
    {"type": "function", "name": "x", "inputs": []},
]  # fmt: skip
TABLE = ErrorTable.from_abi(ABI, {"NotOperator": "another account serves this room"})
ACCOUNT = "0x" + "22" * 20
TX = CallTx(ACCOUNT, "0x" + "33" * 20, "0xabcd", value=5)
SELECTOR = next(key for key, error in TABLE.errors.items() if error.name == "NotOperator")


def error_string(text: str) -> bytes:
    return bytes.fromhex("08c379a0") + encode(["string"], [text])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "reverted without a reason"),
        (error_string("not the host"), "not the host"),
        (bytes.fromhex("4e487b71") + encode(["uint256"], [0x11]), "arithmetic overflow or"
         " underflow"),
        (bytes.fromhex("4e487b71") + encode(["uint256"], [0x99]), "panic 0x99"),
        (SELECTOR + encode(["address", "uint256"], [ACCOUNT, 7]),
         f"NotOperator(account={ACCOUNT}, roomId=7): another account serves this room"),
        (SELECTOR + b"\x01", f"a malformed error 0x{SELECTOR.hex()}01"),
        (b"\x01\x02\x03\x04", "an unknown error 0x01020304"),
        (b"\x01", "an unknown error 0x01"),
    ],
)  # fmt: skip
def test_words__revert_data__sentence(data: bytes, words: str) -> None:
    assert TABLE.words(data) == words


def test_words__tuples_in_an_error__decoded() -> None:
    error = next(error for error in TABLE.errors.values() if error.name == "Bad")
    data = error.selector + encode(["(uint8,bytes)[]"], [[(1, b"\xff")]])
    assert TABLE.words(data) == "Bad(items=[[1, 0xff]])"


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


async def test_estimate_gas__fits__margin_on_top_but_never_above_the_ceiling() -> None:
    rpc = ScriptedRpc(eth_estimateGas="0x186a0")
    assert await estimate_gas(rpc, TX, 1_000_000) == 120_001
    assert await estimate_gas(rpc, TX, 110_000) == 110_000
    with pytest.raises(GasAboveCeiling, match="send less at once"):
        await estimate_gas(rpc, TX, 99_999)


async def test_estimate_gas__would_revert__reason_in_words() -> None:
    error = ExecutionReverted(3, "execution reverted", revert_data=error_string("no"))
    with pytest.raises(Reverted, match=r"^no$"):
        await estimate_gas(ScriptedRpc(eth_estimateGas=error), TX, 10**6)
