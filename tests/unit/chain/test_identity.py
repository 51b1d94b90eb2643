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
    check_chain_id,
    check_contracts,
    check_version,
    code_of,
)
from chain.rpc.errors import BadResponse, ExecutionReverted
from tests.support.nodes.scripted_rpc import ScriptedRpc

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


@pytest.mark.parametrize("told", [None, "", "31337", "0x", "0xzz", True, []])
async def test_chain_id__an_odd_answer__is_a_bad_response(told: Any) -> None:
    with pytest.raises(BadResponse, match="eth_chainId"):
        await check_chain_id(ScriptedRpc(eth_chainId=told), 31337)


async def test_contracts__each_has_code__passes() -> None:
    await check_contracts(ScriptedRpc(eth_getCode="0x6001"), [HERE, NOWHERE], 31337)


@pytest.mark.parametrize("told", ["0x", None])
async def test_contracts__one_without_code__is_named(told: Any) -> None:
    rpc = ScriptedRpc(eth_getCode=lambda address, _: "0x6001" if address == HERE else told)
    with pytest.raises(WrongChain) as raised:
        await check_contracts(rpc, [HERE, NOWHERE], 31337)
    assert raised.value.found == f"there is no contract at {NOWHERE} on chain 31337"
    assert str(raised.value) == f"{raised.value.found}: correct CONTRACTS or RPC_URLS"


@pytest.mark.parametrize("told", ["", "6001", "0x6", "0xzz", 7, True, []])
async def test_contracts__an_odd_answer__is_a_bad_response(told: Any) -> None:
    with pytest.raises(BadResponse, match="eth_getCode"):
        await check_contracts(ScriptedRpc(eth_getCode=told), [HERE], 31337)


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


def test_code__as_the_node_tells_it__bytes() -> None:
    assert (code_of("0x6001"), code_of("0x"), code_of(None)) == (b"\x60\x01", b"", b"")
