"""web3.py over our nodes: our errors, no request of its own, one object a node.

What web3.py does by itself, and we do not want, was read in its source (7.16): an error answer with
`data` becomes a revert, OffchainLookup is followed, ENS names are looked up.
"""

from __future__ import annotations

import gc
import random
from typing import Any
from weakref import ref

import pytest
from eth_abi.abi import encode
from web3 import AsyncWeb3
from web3.exceptions import OffchainLookup

from chain.hexes import keccak
from chain.rpc.blocking import run
from chain.rpc.errors import (
    BadResponse,
    ExecutionReverted,
    JsonRpcError,
    NodeBusy,
    RpcError,
    TransportError,
    UnknownBlock,
)
from chain.rpc.pool import NodePool, PooledNode
from chain.rpc.web3_provider import RpcProvider, eth_call, eth_estimate_gas, web3_on
from tests.support.manual_clock import ManualClock
from tests.support.nodes.scripted_rpc import ScriptedRpc

TO, SENDER = "0x" + "ab" * 20, "0x" + "cd" * 20
TX = {"from": SENDER, "to": TO, "data": b"\x01\x02", "value": 5, "gas": 21_000}
AT = {"blockHash": "0x" + "b1" * 32, "requireCanonical": True}
# EIP-3668: OffchainLookup(address sender, string[] urls, bytes callData, bytes4 callback, bytes)
LOOKUP = keccak(b"OffchainLookup(address,string[],bytes,bytes4,bytes)")[:4] + encode(
    ["address", "string[]", "bytes", "bytes4", "bytes"],
    [TO, ["https://evil.example/{sender}/{data}"], b"", b"\x01\x02\x03\x04", b""],
)


def recording(answer: Any) -> tuple[ScriptedRpc, list[Any]]:
    seen: list[Any] = []

    def answered(*params: Any) -> Any:
        seen.append(params)
        return answer

    return ScriptedRpc(eth_call=answered, eth_estimateGas=answered), seen


async def test_eth_call__of_lower_case_addresses__one_request_at_that_block() -> None:
    rpc, seen = recording("0x00ff")
    assert await eth_call(rpc, TX, AT) == b"\x00\xff"
    ((tx, block),) = seen
    assert block == AT
    assert {name: value.lower() for name, value in tx.items()} == {
        "from": SENDER, "to": TO, "data": "0x0102", "value": "0x5", "gas": "0x5208"
    }  # fmt: skip
    assert tx["to"] == "0xABaBaBaBABabABabAbAbABAbABabababaBaBABaB", "with its checksum"
    assert rpc.calls == ["eth_call"]


async def test_eth_call__with_a_state_to_assume__is_the_third_parameter() -> None:
    rpc, seen = recording("0x")
    assert await eth_call(rpc, TX, "latest", {SENDER: {"balance": 17}}) == b""
    (_, block, state) = seen[0]
    assert block == "latest"
    assert {address.lower(): told for address, told in state.items()} == {
        SENDER: {"balance": "0x11"}
    }


async def test_estimate__a_quantity__at_the_newest_block() -> None:
    rpc, seen = recording("0x186a0")
    assert await eth_estimate_gas(rpc, TX) == 100_000
    assert seen[0][1] == "latest"
    assert rpc.calls == ["eth_estimateGas"]


ERRORS = [
    TransportError("reset"),
    UnknownBlock(-32000, "header not found", {"data": "0x08c379a0"}),
    NodeBusy(-32603, "internal error", "0x08c379a0"),
    JsonRpcError(-32602, "invalid params", "Reverted 0x"),
    JsonRpcError(-32000, "transaction not found"),
    ExecutionReverted(3, "execution reverted", "0x", revert_data=b"\x01"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
async def test_ask__the_node_says_no__that_very_error_is_raised(error: RpcError) -> None:
    for ask in (eth_call(ScriptedRpc(eth_call=error), TX, AT),
                eth_estimate_gas(ScriptedRpc(eth_estimateGas=error), TX)):  # fmt: skip
        with pytest.raises(RpcError) as caught:
            await ask
        assert caught.value is error


@pytest.mark.parametrize("answer", [None, 7, "", "12", "0xzz", [], {"error": "0x"}, True])
async def test_eth_call__an_answer_that_is_no_data__is_the_nodes_fault(answer: Any) -> None:
    with pytest.raises(BadResponse, match="odd answer"):
        await eth_call(recording(answer)[0], TX, AT)


@pytest.mark.parametrize("answer", [None, "", "12", "0xzz", [], True])
async def test_estimate__an_answer_that_is_no_quantity__is_the_nodes_fault(answer: Any) -> None:
    with pytest.raises(BadResponse, match="odd answer"):
        await eth_estimate_gas(recording(answer)[0], TX)


async def test_ccip_read__a_revert_that_names_an_url__nobody_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Any] = []

    async def lookup(*args: Any, **_: Any) -> bytes:
        asked.append(args)
        return b""

    monkeypatch.setattr("web3.eth.async_eth.async_handle_offchain_lookup", lookup)
    error = ExecutionReverted(3, "execution reverted", "0x" + LOOKUP.hex(), revert_data=LOOKUP)
    rpc = ScriptedRpc(eth_call=error, eth_estimateGas=error)
    with pytest.raises(ExecutionReverted):
        await eth_call(rpc, TX, AT)
    with pytest.raises(ExecutionReverted):
        await eth_estimate_gas(rpc, TX)
    assert rpc.calls == ["eth_call", "eth_estimateGas"], "once each"
    assert asked == []
    assert web3_on(rpc).provider.global_ccip_read_enabled is False


async def test_ccip_read__even_if_web3_saw_the_revert__it_is_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second guard alone: web3.py is given the error answer that our provider never gives."""
    asked: list[Any] = []

    async def lookup(*args: Any, **_: Any) -> bytes:
        asked.append(args)
        raise AssertionError("CCIP-Read is on")

    async def refused(self: RpcProvider, method: str, params: Any) -> Any:
        error = {"code": 3, "message": "execution reverted", "data": "0x" + LOOKUP.hex()}
        return {"jsonrpc": "2.0", "id": 1, "error": error}

    monkeypatch.setattr("web3.eth.async_eth.async_handle_offchain_lookup", lookup)
    monkeypatch.setattr(RpcProvider, "make_request", refused)
    with pytest.raises(OffchainLookup):
        await eth_call(ScriptedRpc(), TX, AT)
    assert asked == []


async def test_names__not_an_address__refused_without_a_request() -> None:
    rpc, seen = recording("0x")
    with pytest.raises(ValueError, match="not an address"):
        await eth_call(rpc, {**TX, "to": "alice.eth"}, AT)
    assert seen == []


async def test_web3_on__one_node__one_object() -> None:
    nodes = [PooledNode(name, ScriptedRpc()) for name in "ab"]
    pool = NodePool(nodes, ManualClock(), random.Random(1))
    made = web3_on(pool.pick())
    assert isinstance(made, AsyncWeb3)
    assert made is web3_on(pool.on("a")) is not web3_on(pool.on("b"))
    assert len(made.middleware_onion) == 0
    assert made.ens is None


async def test_web3_on__a_node_that_nobody_holds__is_let_go_of() -> None:
    rpc = ScriptedRpc()
    kept = ref(rpc)
    web3_on(rpc)
    del rpc
    gc.collect()
    assert kept() is None


async def test_calls__through_the_pool__touch_the_health_of_the_node_they_asked() -> None:
    first, second = ScriptedRpc(eth_call=TransportError("reset")), ScriptedRpc(eth_call="0x01")
    pool = NodePool(
        [PooledNode("a", first), PooledNode("b", second)], ManualClock(), random.Random(1)
    )
    with pytest.raises(TransportError):
        await eth_call(pool.on("a"), TX, AT)
    assert pool.health()[0].last_error is not None
    assert await eth_call(pool, TX, AT) == b"\x01"


def test_eth_call__without_an_event_loop__never_suspends() -> None:
    """As the API asks, on a gevent worker (`chain.rpc.blocking`)."""
    assert run(eth_call(recording("0x07")[0], TX, AT)) == b"\x07"
