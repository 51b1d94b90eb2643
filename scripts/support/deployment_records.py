"""What is deployed where: `deployments/<chain id>.json`.

Promises: written whole or not at all; a record holds all that other people need to use or check the
contract (address, block, transaction, ABI, constructor arguments, compiler) and no secret. A
successor on the same chain moves the former record under `predecessors`.
Assumes: one writer at a time.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, TypedDict

from scripts.support.cli_args import Stop

FOLDER = Path(__file__).resolve().parents[2] / "deployments"
"""Tests put another folder here."""


class Constructor(TypedDict):
    """Constructor arguments; `encoded` is what follows the bytecode, 0x."""

    owner: str
    firstRoomId: int
    terms: dict[str, str | int]
    encoded: str


class DeploymentRecord(TypedDict):
    """One deployment. `block` is where an index begins to read."""

    chainId: int
    contractName: str
    address: str
    block: int
    transaction: str
    deployer: str
    constructor: Constructor
    compiler: dict[str, Any]
    abi: list[dict[str, Any]]
    predecessors: list[Any]


def path_of(chain_id: int, kind: str = "json") -> Path:
    """Where the record of a chain stands, or what lies beside it (`kind`: the name's ending)."""
    return FOLDER / f"{chain_id}.{kind}"


def find(chain_id: int) -> DeploymentRecord | None:
    """The record of a chain, or None. Stops if the file is damaged."""
    path = path_of(chain_id)
    if not path.exists():
        return None
    try:
        record: DeploymentRecord = json.loads(path.read_text(encoding="utf-8"))
        if record["chainId"] != chain_id or not record["address"]:
            raise ValueError("it belongs to another chain")
    except (ValueError, KeyError, TypeError) as error:
        raise Stop(f"{path} is damaged ({error}): restore it from version control") from None
    return record


def load(chain_id: int) -> DeploymentRecord:
    """The record of a chain; stops if there is none."""
    record = find(chain_id)
    if record is None:
        raise Stop(f"nothing is deployed on chain {chain_id}: brownie run deploy")
    return record


def write_whole(path: Path, content: Any) -> None:
    """Write JSON so that a reader finds the old file or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with part.open("w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
