"""Whether a node is on the chain that the settings mean, and has the contracts there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chain import abi
from chain.events import CONTRACT_VERSION
from chain.identity import (
    VERSION_CALL,
    WrongChain,
    check_calls_at_a_hash,
    check_chain_id,
    check_contracts,
    check_version,
    read_code,
)
from chain.rpc.errors import (
    BadResponse,
    ExecutionReverted,
    JsonRpcError,
    RpcError,
    RpcTimeout,
    UnknownBlock,
)
from tests.support.nodes.scripted_rpc import ScriptedRpc, block

ROOT = Path(__file__).resolve().parents[3]
HERE, NOWHERE = "0x" + "11" * 20, "0x" + "22" * 20


@pytest.mark.parametrize("told", ["0x7a69", "0x07a69", 31337])
async def test_chain_id__the_settings_one__passes(told: Any) -> None:
    assert await check_chain_id(ScriptedRpc(eth_chainId=told), 31337) == 31337


async def test_chain_id__another__says_both_and_what_to_mend() -> None:
    with pytest.raises(WrongChain) as raised:
        await check_chain_id(ScriptedRpc(eth_chainId="0x1"), 31337)
    assert raised.value.found == "the node is on chain 1, the settings say 31337"
    assert str(raised.value) == f"{raised.value.found}: correct RPC_URLS or CHAIN_ID"


@pytest.mark.parametrize(
    "told", [None, "", "31337", "0x", "0xzz", True, [], -1, 1.0, "0x" + "f" * 64]
)
async def test_chain_id__an_odd_answer__is_a_bad_response(told: Any) -> None:
    with pytest.raises(BadResponse, match="eth_chainId"):
        await check_chain_id(ScriptedRpc(eth_chainId=told), 31337)


async def test_contracts__each_has_code__passes() -> None:
    await check_contracts(ScriptedRpc(eth_getCode="0x6001"), [(HERE, 0), (NOWHERE, 0)], 31337)


async def test_contracts__one_without_code__is_named() -> None:
    rpc = ScriptedRpc(eth_getCode=lambda address, _: "0x6001" if address == HERE else "0x")
    with pytest.raises(WrongChain) as raised:
        await check_contracts(rpc, [(HERE, 0), (NOWHERE, 0)], 31337)
    assert raised.value.found == f"there is no contract at {NOWHERE} on chain 31337"
    assert str(raised.value) == f"{raised.value.found}: correct CONTRACTS or RPC_URLS"


async def test_contracts__the_node_still_syncs__is_waited_for() -> None:
    rpc = ScriptedRpc(eth_getCode="0x", eth_getBlockByNumber=block(12))
    with pytest.raises(RpcError, match=r"start block 80 .* newest block, 12: wait until"):
        await check_contracts(rpc, [(HERE, 80)], 31337)


@pytest.mark.parametrize("told", [None, "", "6001", "0x6", "0xzz", 7, True, []])
async def test_contracts__an_odd_answer__is_a_bad_response(told: Any) -> None:
    with pytest.raises(BadResponse, match="eth_getCode"):
        await check_contracts(ScriptedRpc(eth_getCode=told), [(HERE, 0)], 31337)


def _told(version: bytes, where: int = 32) -> str:
    words = (where.to_bytes(32), len(version).to_bytes(32), version.ljust(32, b"\0"))
    return "0x" + b"".join(words).hex()


async def test_version__ours__passes() -> None:
    await check_version(ScriptedRpc(eth_call=_told(CONTRACT_VERSION.encode())), HERE)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (_told(b"1.0.0"), "1.0.0"),
        (_told(b"\xff\n"), r"\ufffd\n"),
        (ExecutionReverted(3, "execution reverted"), "unknown"),
    ],
)
async def test_version__another__says_both(told: Any, said: str) -> None:
    with pytest.raises(WrongChain) as raised:
        await check_version(ScriptedRpc(eth_call=told), HERE)
    assert raised.value.found == (
        f"the contract at {HERE} is of version {said}, this program reads {CONTRACT_VERSION}"
    )


@pytest.mark.parametrize(
    "told", [None, "0x", "0x00", _told(b"1.1.0", 64), _told(b"1" * 33), 7, _told(b"x") + "00" * 32]
)
async def test_version__an_odd_answer__is_a_bad_response(told: Any) -> None:
    with pytest.raises(BadResponse, match="eth_call"):
        await check_version(ScriptedRpc(eth_call=told), HERE)


def test_version__what_is_asked_and_told__is_the_sources() -> None:
    names = [entry["name"] for entry in abi.load().abi if entry["type"] == "function"]
    assert "VERSION" in names
    assert VERSION_CALL.hex() == "ffa1ad74"
    source = (ROOT / "contracts" / "LivestreamRooms.sol").read_text(encoding="utf-8")
    assert f'VERSION = "{CONTRACT_VERSION}"' in source


@pytest.mark.parametrize(("told", "code"), [("0x6001", b"\x60\x01"), ("0x", b"")])
async def test_code__as_the_node_tells_it__bytes(told: str, code: bytes) -> None:
    assert await read_code(ScriptedRpc(eth_getCode=told), HERE) == code


HEAD = {"number": "0x9", "hash": "0x" + "09" * 32, "parentHash": "0x" + "08" * 32,
        "timestamp": "0x1"}  # fmt: skip
GANACHE = JsonRpcError(-32602, "invalid argument 1: json: cannot unmarshal object into string")


@pytest.mark.parametrize(
    "told",
    ["0x", _told(b"1.1.0"), UnknownBlock(-32000, "header not found"),
     ExecutionReverted(3, "execution reverted")],
    ids=str,
)  # fmt: skip
async def test_calls_at_a_hash__understood__passes(told: Any) -> None:
    await check_calls_at_a_hash(ScriptedRpc(eth_getBlockByNumber=HEAD, eth_call=told), HERE)


async def test_calls_at_a_hash__refused__says_what_a_node_must_do() -> None:
    asked: list[Any] = []

    def refuses(_: Any, block: Any) -> Any:
        asked.append(block)
        raise GANACHE

    rpc = ScriptedRpc(eth_getBlockByNumber=HEAD, eth_call=refuses)
    with pytest.raises(WrongChain, match=r"refuses eth_call at a block hash .*EIP-1898"):
        await check_calls_at_a_hash(rpc, HERE)
    assert asked == [{"blockHash": HEAD["hash"], "requireCanonical": True}]


async def test_calls_at_a_hash__an_odd_answer__is_a_bad_response() -> None:
    with pytest.raises(BadResponse, match="eth_call"):
        await check_calls_at_a_hash(ScriptedRpc(eth_getBlockByNumber=HEAD, eth_call=None), HERE)


async def test_calls_at_a_hash__the_node_is_away__that_is_the_error() -> None:
    rpc = ScriptedRpc(eth_getBlockByNumber=HEAD, eth_call=RpcTimeout("no answer"))
    with pytest.raises(RpcTimeout):
        await check_calls_at_a_hash(rpc, HERE)
