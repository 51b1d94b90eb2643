"""What the local stack runs: each program's command line and environment, from the state directory.

Promises: the services get real settings, as in production; no code asks whether it runs here.
Secrets reach them by files. Of our own environment only what a program needs is passed on, so a
setting of production's in the shell cannot leak into the demo.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NamedTuple

from localnet.accounts import CHAIN_ID, MNEMONIC
from localnet.state import State

ROOT = Path(__file__).resolve().parent.parent
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "VIRTUAL_ENV")


class Pace(NamedTuple):
    """How fast the local chain lives."""

    block_seconds: float = 1.0
    epoch_slots: int = 2  # anvil: safe = latest - slots, finalized = latest - 2 * slots
    confirmations: int = 1


class Command(NamedTuple):
    """How a program is started."""

    argv: list[str]
    env: dict[str, str]


def _base_env() -> dict[str, str]:
    env = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return env | {"PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)}


def anvil(state: State, pace: Pace) -> Command:
    """The chain. Its state is written at its end, and every few seconds in case it is killed.

    Only the last state is written: those of all blocks would be gigabytes after a night.
    """
    argv = [
        str(ROOT / "tools/bin/anvil"),
        *("--host", "127.0.0.1", "--port", str(state.ports["anvil"])),
        *("--chain-id", str(CHAIN_ID), "--mnemonic", MNEMONIC, "--quiet"),
        *("--block-time", f"{pace.block_seconds:g}"),
        *("--slots-in-an-epoch", str(pace.epoch_slots)),
        *("--state", str(state.path("chain.json")), "--state-interval", "10"),
        # Older states go to files, by default without end and below the home directory.
        *("--cache-path", str(state.path("anvil")), "--max-persisted-states", "16"),
    ]
    return Command(argv, _base_env())


def mongo(state: State) -> Command:
    """The embedded database; not started where `DEMO_MONGODB_URI` names a real one."""
    storage = state.path("mongo")
    storage.mkdir(exist_ok=True)
    argv = [
        str(Path(sys.executable).with_name("secantusd-py")),
        *("--host", "127.0.0.1", "--port", str(state.ports["mongo"])),
        *("--storage-path", str(storage), "--sync-on-commit", "--cache-size", "256M"),
    ]
    return Command(argv, _base_env())


def stream(state: State) -> Command:
    """The stand-in for Cloudflare Stream."""
    argv = [sys.executable, "-m", "localnet.stream", "--state", str(state.path("stream"))]
    ports = ("--port", str(state.ports["stream"]), "--rtmp-port", str(state.ports["rtmp"]))
    return Command([*argv, *ports], _base_env())


def mongodb_uri(state: State) -> str:
    """The database in use. A name of its own, so that production's is never taken by accident."""
    return os.environ.get("DEMO_MONGODB_URI") or state.url("mongo", "mongodb")


def _service_env(state: State, pace: Pace) -> dict[str, str]:
    deployment = state.read("deployment") or {}
    return _base_env() | {
        "CHAIN_ID": str(CHAIN_ID),
        "RPC_URLS": f"{state.url('anvil')},{state.url('anvil', 'ws')}",
        "CONTRACTS": f"{deployment['address']}@{deployment['block']}",
        "CONFIRMATIONS": str(pace.confirmations),
        "FINALITY": "finalized",
        "POLL_SECONDS": f"{min(1.0, pace.block_seconds):g}",
        "MONGODB_URI": mongodb_uri(state),
        "LOG_FORMAT": "json",
    }


def indexer(state: State, pace: Pace) -> Command:
    """The indexer."""
    env = {"INDEXER_HTTP": f"127.0.0.1:{state.ports['indexer']}", "VERIFY_SECONDS": "10"}
    return Command([sys.executable, "-m", "indexer"], _service_env(state, pace) | env)


def oracle(state: State, pace: Pace) -> Command:
    """The oracle of the one operator."""
    deployment = state.read("deployment") or {}
    env = {
        "ORACLE_HTTP": f"127.0.0.1:{state.ports['oracle']}",
        "ORACLE_OPERATOR_ID": str(deployment["operator_id"]),
        "ORACLE_PRIVATE_KEY_FILE": str(state.path("operator.key")),
        "CLOUDFLARE_ACCOUNT_ID": deployment["cloudflare_account_id"],
        "CLOUDFLARE_API_TOKEN_FILE": str(state.path("cloudflare.token")),
        "CLOUDFLARE_API_BASE": state.url("stream") + "/client/v4",
    }
    return Command([sys.executable, "-m", "oracle"], _service_env(state, pace) | env)


def api(state: State, pace: Pace) -> Command:
    """The read API, which also serves the page."""
    env = {
        "API_BIND": f"127.0.0.1:{state.ports['api']}",
        "PUBLIC_URL": state.url("api"),
        "PUBLIC_RPC_URL": state.url("anvil"),
        "OPERATOR_CONTACT": "mailto:operator@localhost",
    }
    return Command([sys.executable, "-m", "api"], _service_env(state, pace) | env)
