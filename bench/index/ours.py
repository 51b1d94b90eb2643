"""Our side: the indexer process on the embedded database, as an operator runs it."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any, NamedTuple

import pymongo

from bench.index.chains import Chain
from bench.index.story import CHAIN_ID
from bench.out import Out
from bench.stack import ROOT, Stack, environment
from bench.usage import Usage, usage
from indexer.model import CHECKPOINT
from localnet.ports import free_port
from localnet.process import Program, ProgramError

PATIENCE = 300.0
DATABASE = "livestream"
_LOOK = 0.02


class Caught(NamedTuple):
    """From the start of the process to the last event in the database."""

    wall: float
    indexer: Usage
    database: Usage


def settings(chain: Chain, uri: str, *, websocket: bool = True) -> dict[str, str]:
    """What every service of ours needs to know."""
    return {
        "CHAIN_ID": str(CHAIN_ID),
        "RPC_URLS": f"{chain.url},{chain.ws_url}" if websocket else chain.url,
        "CONTRACTS": chain.contracts,
        "MONGODB_URI": uri,
        "MONGODB_DATABASE": DATABASE,
        "LOG_FORMAT": "json",
    }


def start_indexer(
    stack: Stack, chain: Chain, uri: str, *, websocket: bool = True, name: str = "indexer"
) -> Program:
    """`python -m indexer` on that chain and database."""
    env = settings(chain, uri, websocket=websocket)
    return stack.service("indexer", env | {"INDEXER_HTTP": f"127.0.0.1:{free_port()}"}, name)


def verify(chain: Chain, uri: str) -> None:
    """`python -m indexer verify`. Raises `ProgramError` with its words unless it agrees."""
    done = subprocess.run(
        [sys.executable, "-m", "indexer", "verify"], env=environment(settings(chain, uri)),
        cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise ProgramError(f"verify: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def catch_up(stack: Stack, out: Out, chain: Chain) -> Caught:
    """Index the chain from nothing. Raises `ProgramError` if it takes too long."""
    database, uri = stack.mongo()
    before = usage(database.pid)
    began = time.monotonic()
    program = start_indexer(stack, chain, uri)
    try:
        with pymongo.MongoClient[dict[str, Any]](uri, directConnection=True) as client:
            wait_for(client, program, chain, began + PATIENCE)
        wall = time.monotonic() - began
        caught = Caught(wall, usage(program.pid), usage(database.pid).since(before))
    finally:
        program.stop()
        database.stop()
    out.say(f"the indexer: {chain.events} events in {wall:.1f} s")
    return caught


def wait_for(
    client: pymongo.MongoClient[dict[str, Any]], program: Program, chain: Chain, deadline: float
) -> None:
    """Until the index holds the chain's last block."""
    points = client[DATABASE][CHECKPOINT]
    while True:
        point = points.find_one({"_id": chain.contract}, {"block": 1, "seq": 1})
        if point is not None and point["block"] >= chain.last:
            if point["seq"] != chain.events:
                raise ProgramError(f"the index holds {point['seq']} events of {chain.events}")
            return
        program.require_alive()
        if time.monotonic() > deadline:
            raise ProgramError(f"not at block {chain.last} in time; checkpoint: {point}")
        time.sleep(_LOOK)
