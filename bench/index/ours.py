"""Our side: the indexer process on the embedded database, as an operator runs it."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import pymongo

from bench.index.chains import Chain
from bench.out import Out
from bench.usage import Usage, usage
from indexer.documents import CHECKPOINT
from localnet.mongo import MongoServer
from localnet.process import Program, ProgramError
from localnet.runner import Runner
from localnet.services import Service, chain_settings

PATIENCE = 300.0
DATABASE = "livestream"


class Caught(NamedTuple):
    """From the start of the process to the last event in the database."""

    wall: float
    indexer: Usage
    database: Usage


def settings(chain: Chain, uri: str, *, websocket: bool = True) -> dict[str, str]:
    """What every service of ours needs to know."""
    urls = (chain.url, chain.ws_url) if websocket else (chain.url,)
    return chain_settings(urls, [chain.contracts], uri, MONGODB_DATABASE=DATABASE)


def database(runner: Runner) -> MongoServer:
    """An empty one, on the disk."""
    return runner.mongo(storage=runner.new_folder("data"), sync=True)


def start_indexer(runner: Runner, chain: Chain, uri: str, *, websocket: bool = True) -> Service:
    """`python -m indexer` on that chain and database."""
    return runner.service("indexer", settings(chain, uri, websocket=websocket))


def verify(runner: Runner, chain: Chain, uri: str) -> None:
    """`python -m indexer verify`. Raises `ProgramError` with its words unless it agrees."""
    done = runner.command("indexer", settings(chain, uri), "verify")
    if done.wait(PATIENCE) != 0:
        raise ProgramError(f"verify: {done.output()[-4000:]}")


def catch_up(runner: Runner, out: Out, chain: Chain) -> Caught:
    """Index the chain from nothing. Raises `ProgramError` if it takes too long."""
    server = database(runner)
    before = usage(server.pid)
    began = time.monotonic()
    program = start_indexer(runner, chain, server.uri)
    try:
        with pymongo.MongoClient[dict[str, Any]](server.uri, directConnection=True) as client:
            wait_for(client, program, chain, PATIENCE)
        wall = time.monotonic() - began
        caught = Caught(wall, usage(program.pid), usage(server.pid).since(before))
    finally:
        program.stop()
        server.stop()
    out.say(f"the indexer: {chain.events} events in {wall:.1f} s")
    return caught


def wait_for(
    client: pymongo.MongoClient[dict[str, Any]], program: Program, chain: Chain, seconds: float
) -> None:
    """Until the index holds the chain's last block. Raises `ProgramError` if it never does."""
    points = client[DATABASE][CHECKPOINT]

    def there() -> bool:
        point = points.find_one({"_id": chain.contract}, {"block": 1, "seq": 1})
        if point is None or point["block"] < chain.last:
            return False
        if point["seq"] != chain.events:
            raise ProgramError(f"the index holds {point['seq']} events of {chain.events}")
        return True

    program.wait_until(there, seconds, f"the index is at block {chain.last}")
