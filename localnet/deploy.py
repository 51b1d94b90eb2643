"""Puts the contract on the local chain, with one operator and one moderator.

Promises: everything is derived from the state directory: the operator plays at the stand-in's
address, its key and Cloudflare token are files that only their owner can read.
Assumes: an empty local chain and a running stand-in.
"""

from __future__ import annotations

import json
from typing import Any

from eth_utils.address import to_checksum_address

from chain import artifact, calls
from chain.hexes import hex_data
from chain.units import GWEI
from localnet.accounts import CHAIN_ID, cast
from localnet.node import Node
from localnet.state import State

TERMS = calls.Terms(
    deposit=1_000_000 * GWEI,  # 0.001 ether
    fee=100_000 * GWEI,
    max_room_seconds=24 * 3600,
    fulfill_deadline_seconds=600,
    max_open_rooms=20,
    max_room_events=200,
    rekey_cooldown=30,
)
FEES = {"maxFeePerGas": 10 * GWEI, "maxPriorityFeePerGas": GWEI}


def deploy(state: State, node: Node) -> dict[str, Any]:
    """Deploy and set up; returns the deployment to keep: address, block, operator_id ..."""
    people = cast()
    code = artifact.load().bytecode + calls.constructor(people.owner.address, 1, TERMS)
    receipt = node.receipt(node.send(people.owner, _transaction(None, code)))
    address = to_checksum_address(receipt["contractAddress"])
    for data in (
        calls.add_operator(people.operator.address, state.url("stream")),
        calls.set_moderator(people.moderator.address, True),
    ):
        node.receipt(node.send(people.owner, _transaction(address, data)))
    account = json.loads(state.path("stream", "accounts.json").read_text())["accounts"][0]
    state.secret_file("operator.key", hex_data(bytes(people.operator.key)))
    state.secret_file("cloudflare.token", account["tokens"][0]["token"])
    return {
        "chain_id": CHAIN_ID,
        "address": address,
        "block": int(receipt["blockNumber"], 16),
        "operator_id": 1,
        "cloudflare_account_id": account["id"],
    }


def _transaction(to: str | None, data: bytes) -> dict[str, Any]:
    fields: dict[str, Any] = {"chainId": CHAIN_ID, "type": 2, "value": 0, **FEES}
    return fields | {"data": hex_data(data)} | ({"to": to} if to else {})
