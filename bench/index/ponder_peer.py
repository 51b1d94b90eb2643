"""The peer: ponder from npm with its embedded database (pglite), on the same contract.

Its project stands in `bench/index/ponder`; it is installed on demand into its own `node_modules`.
It keeps a row per room and one per account; ours keeps every event besides.
"""

from __future__ import annotations

import subprocess
import time
from typing import Any, NamedTuple

import httpx

from bench.index.chains import BenchChain
from bench.output import SuiteOutput
from bench.usage import Usage, usage
from localnet.ports import free_port
from localnet.process import ROOT, Program, ProgramError
from localnet.runner import Runner

FOLDER = ROOT / "bench" / "index" / "ponder"
PATIENCE = 480.0
INSTALL_SECONDS = 300


class PeerCatchUp(NamedTuple):
    """From the start of the process until it says that it has the last block."""

    wall: float
    usage: Usage


def install(out: SuiteOutput) -> None:
    """What its lock file says, once."""
    ready = FOLDER / "node_modules" / ".ready"
    if not ready.exists() or ready.stat().st_mtime < (FOLDER / "package-lock.json").stat().st_mtime:
        out.say("installing ponder from npm")
        command = [str(ROOT / "tools" / "setup_node.sh"), str(FOLDER.relative_to(ROOT))]
        subprocess.run(command, check=True, timeout=INSTALL_SECONDS, stdout=subprocess.DEVNULL)


def start(runner: Runner, chain: BenchChain) -> tuple[Program, str]:
    """Start it on an empty database; returns it with the address of its API."""
    port = free_port()
    env = {
        "RPC_URL": chain.url,
        "CONTRACT": chain.contract,
        "START_BLOCK": str(chain.start_block),
        "PONDER_FOLDER": str(runner.folder / "ponder-data"),
        "PONDER_TELEMETRY_DISABLED": "true",
        "NO_COLOR": "1",
    }
    command = ["node", "node_modules/.bin/ponder", "start", "--schema", "bench"]
    command += ["--port", str(port), "--hostname", "127.0.0.1"]
    return runner.start("ponder", command, env, cwd=FOLDER), f"http://127.0.0.1:{port}"


def position(url: str) -> int:
    """The last block that is in its tables; -1 while it does not answer."""
    try:
        told: Any = httpx.get(f"{url}/status", timeout=10.0, trust_env=False).json()
        return int(told["local"]["block"]["number"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return -1


def catch_up(runner: Runner, out: SuiteOutput, chain: BenchChain) -> PeerCatchUp:
    """Index the chain from nothing. Raises `ProgramError` if it takes too long or holds less."""
    install(out)
    began = time.monotonic()
    program, url = start(runner, chain)
    try:
        last = f"ponder is at block {chain.last}"
        program.wait_until(lambda: position(url) >= chain.last, PATIENCE, last)
        caught = PeerCatchUp(time.monotonic() - began, usage(program.pid))
        rooms = httpx.get(f"{url}/count", timeout=10.0, trust_env=False).json()["rooms"]
        if rooms != chain.rooms:
            raise ProgramError(f"ponder holds {rooms} rooms of {chain.rooms}")
    finally:
        program.stop()
    out.say(f"ponder: {chain.events} events in {caught.wall:.0f} s")
    return caught
