"""What the local stack runs: each program's command line, each service's settings, from the state
directory."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NamedTuple

from localnet import mongo as mongodb
from localnet.anvil import BINARY
from localnet.dev_accounts import CHAIN_ID, MNEMONIC, cast
from localnet.services import chain_settings, oracle_settings, playback_settings
from localnet.stack_state import StackState


class Pace(NamedTuple):
    """How fast the local chain lives."""

    block_seconds: float = 1.0
    epoch_slots: int = 2  # anvil: safe = latest - slots, finalized = latest - 2 * slots
    confirmations: int = 1
    token_seconds: int = 600  # of playback tokens


def anvil(state: StackState, pace: Pace) -> list[str]:
    """The chain. Its state is written at its end, and every few seconds in case it is killed.

    Only the last state is written: those of all blocks would be gigabytes after a night.
    """
    return [
        str(BINARY),
        *("--host", "127.0.0.1", "--port", str(state.ports["anvil"])),
        *("--chain-id", str(CHAIN_ID), "--mnemonic", MNEMONIC, "--quiet"),
        *("--block-time", f"{pace.block_seconds:g}"),
        *("--slots-in-an-epoch", str(pace.epoch_slots)),
        *("--state", str(state.path("chain.json")), "--state-interval", "10"),
        # Older states go to files, by default without end and below the home directory.
        *("--cache-path", str(state.path("anvil")), "--max-persisted-states", "16"),
    ]


def mongo(state: StackState, _pace: Pace) -> list[str]:
    """The embedded database; not started where `DEMO_MONGODB_URI` names a real one."""
    storage = state.path("mongo")
    storage.mkdir(exist_ok=True)
    return mongodb.command(storage, sync=True, port=state.ports["mongo"])


def stream(state: StackState, _pace: Pace) -> list[str]:
    """The stand-in for Cloudflare Stream."""
    argv = [sys.executable, "-m", "localnet.stream", "--state", str(state.path("stream"))]
    ports = ("--port", str(state.ports["stream"]), "--rtmp-port", str(state.ports["rtmp"]))
    return [*argv, *ports]


COMMANDS = {"anvil": anvil, "mongo": mongo, "stream": stream}
SERVICES = ("indexer", "oracle", "playback", "presence", "api")
OTHER_DATABASE = "DEMO_MONGODB_URI"


def playback_key_file(state: StackState) -> Path:
    """Where the signing key of playback tokens is kept."""
    return state.path("playback-key.json")


def mongodb_uri(state: StackState) -> str:
    """The database in use. A name of its own, so that production's is never taken by accident."""
    return os.environ.get(OTHER_DATABASE) or state.url("mongo", "mongodb")


def service_settings(name: str, state: StackState, pace: Pace) -> dict[str, str]:
    """Of the indexer, of the one operator's oracle and playback service, of presence, or of the
    API, which also serves the page."""
    deployment = state.read("deployment") or {}
    shared = chain_settings(
        (state.url("anvil"), state.url("anvil", "ws")),
        [f"{deployment['address']}@{deployment['block']}"],
        mongodb_uri(state),
        CONFIRMATIONS=str(pace.confirmations),
        FINALITY="finalized",
        POLL_SECONDS=f"{min(1.0, pace.block_seconds):g}",
    )
    if name == "indexer":
        return shared | {"VERIFY_SECONDS": "10"}
    if name == "oracle":
        account = state.cloudflare_account()
        return (
            shared
            | oracle_settings(
                state.root,
                key=bytes(cast().operator.key),
                account=account["id"],
                token=account["tokens"][0]["token"],
                api_base=state.url("stream") + "/client/v4",
                operator_id=deployment["operator_id"],
            )
            | {"PLAYBACK_KEY_FILE": str(playback_key_file(state))}
        )
    if name == "playback":
        own = playback_settings(
            state.root,
            key_file=playback_key_file(state),
            origins=[state.url("api")],
            date_url=state.url("stream"),
            operator_id=deployment["operator_id"],
        )
        return shared | own | {"PLAYBACK_TOKEN_SECONDS": str(pace.token_seconds)}
    if name == "presence":
        return shared
    return shared | {
        "PRESENCE_URL": state.url("presence"),
        "PLAYBACK_SERVICES": f"{deployment['operator_id']}={state.url('playback')}",
        "PUBLIC_URL": state.url("api"),
        "PUBLIC_RPC_URL": state.url("anvil"),
        "OPERATOR_CONTACT": "mailto:operator@localhost",
        "API_DATABASE_RATE_LIMIT": "6000/minute",  # everybody on this machine has one address
    }
