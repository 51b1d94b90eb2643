"""Puts the contract on the local chain, with one operator and one moderator, and gives the operator
a signing key for rooms for some only.

Promises: the operator plays at the stand-in's address.
Assumes: an empty local chain and a running stand-in.
"""

from __future__ import annotations

import base64
import time
from typing import Any

from eth_utils.address import to_checksum_address

from common.playback_key import PlaybackKey, PlaybackKeys
from localnet import rooms_on_anvil
from localnet.anvil import LocalNode
from localnet.dev_accounts import CHAIN_ID
from localnet.loopback import client
from localnet.rooms_on_anvil import RoomsOnAnvil
from localnet.stack_programs import playback_key_file
from localnet.stack_state import StackState

TERMS = rooms_on_anvil.TERMS._replace(
    fulfill_deadline_seconds=600, max_open_rooms=100, rekey_cooldown=300
)


def deploy(state: StackState, node: LocalNode) -> dict[str, Any]:
    """Deploy and set up; returns the deployment to keep: address, block, operator_id ..."""
    rooms = RoomsOnAnvil.deploy(node, state.url("stream"), terms=TERMS)
    return {
        "chain_id": CHAIN_ID,
        "address": to_checksum_address(rooms.address),
        "block": rooms.start_block,
        "operator_id": 1,
        "cloudflare_account_id": state.cloudflare_account()["id"],
    }


def make_playback_key(state: StackState) -> None:
    """Has the stand-in make a signing key, unless there is one."""
    path = playback_key_file(state)
    if path.exists():
        return
    account = state.cloudflare_account()
    headers = {"Authorization": f"Bearer {account['tokens'][0]['token']}"}
    with client(state.url("stream")) as http:
        answer = http.post(f"/client/v4/accounts/{account['id']}/stream/keys", headers=headers)
    made = answer.raise_for_status().json()["result"]
    key = PlaybackKey(made["id"], base64.b64decode(made["pem"]).decode(), int(time.time()))
    PlaybackKeys(account["id"], key).save(path, replace=False)
