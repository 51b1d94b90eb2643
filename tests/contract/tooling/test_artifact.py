"""The committed artifacts are what brownie builds, and they run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from localnet.anvil import Anvil
from tools.artifact import ARTIFACTS

ARTIFACT_FILES = sorted(ARTIFACTS.glob("*.json"))


def in_order(abi: list[dict[str, Any]]) -> list[str]:
    """The entries as text, sorted; without the name that brownie gives to the constructor."""
    plain = [{k: v for k, v in e.items() if (k, v) != ("name", "constructor")} for e in abi]
    return sorted(json.dumps(entry, sort_keys=True) for entry in plain)


@pytest.mark.parametrize("file", ARTIFACT_FILES, ids=lambda file: file.stem)
def test_artifact__built_by_brownie__same_abi_and_bytecode(project: Any, file: Path) -> None:
    artifact = json.loads(file.read_text())
    built = project._build.get(artifact["contractName"])
    assert built["sourcePath"] == artifact["sourceName"]
    assert "0x" + built["bytecode"] == artifact["bytecode"]
    assert "0x" + built["deployedBytecode"] == artifact["deployedBytecode"]
    assert in_order(built["abi"]) == in_order(artifact["abi"])


def test_brownie__connected__is_on_our_chain(
    project: Any, brownie_chain: Anvil, isolated: None
) -> None:
    from brownie import accounts, chain

    before = brownie_chain.rpc("eth_blockNumber")
    receipt = accounts[0].transfer(accounts[1], 1)
    assert receipt.status == 1
    chain.mine(2)
    assert int(brownie_chain.rpc("eth_blockNumber"), 16) == int(before, 16) + 3
