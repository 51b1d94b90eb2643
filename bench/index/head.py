"""At the head: from a block's mining to its being visible in the API; and a reorg's correction.

A sample is one block with one renamed room. The clock starts when the node is told to mine and
stops with the first answer of `GET /api/livestream/rooms/<room>` that shows the new title; answers
are asked for one after the other. The peer is asked the same of its own API.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from statistics import median, quantiles
from typing import Any

import httpx
import pymongo

from bench.index import our_indexer, ponder_peer
from bench.index.live_chain import LiveChain
from bench.output import SuiteOutput
from bench.rows import BenchRow
from chain.enums import room_name
from indexer.documents import CHECKPOINT
from localnet.process import ProgramError
from localnet.runner import Runner
from localnet.services import api_rate_limits

BLOCKS = 300
SAMPLES = 200
PEER_SAMPLES = 30
DEPTH = 40
REORGS = 5
PATIENCE = 20.0
_PAUSE = 0.002
_TABLE = "at the head"


def measure(out: SuiteOutput) -> list[BenchRow]:
    """Latency by WebSocket and by polling, the peer's, and reorgs."""
    with Runner(out.folder / "ours") as runner:
        live = LiveChain(runner, BLOCKS)
        socket = latency(runner, out, live, "websocket", SAMPLES)
        polling = latency(runner, out, live, "polling", PEER_SAMPLES)
        corrections = reorgs(runner, out, live)
    with Runner(out.folder / "ponder") as runner:
        theirs = ponder_latency(runner, out, LiveChain(runner, BLOCKS))
    middle, peer_middle = median(socket), median(theirs)
    return [
        BenchRow(
            _TABLE, "block mined to visible in the API, WebSocket", middle, "ms", peer_middle,
            "ponder, polling each second", "at most 50 ms", middle <= 50,
            f"median of {len(socket)}; p90 {_ninetieth(socket):.0f} ms, most {max(socket):.0f} ms",
        ),
        BenchRow(
            _TABLE, "the same, polling each second", median(polling), "ms", peer_middle, "ponder",
            note=f"median of {len(polling)}",
        ),
        BenchRow(
            _TABLE, f"a {DEPTH}-block reorg and one new block, to corrected", median(corrections),
            "ms", aim="within one new block", met=True,
            note=f"median of {REORGS}; each without a further block; then `verify` held",
        ),
    ]  # fmt: skip


def _ninetieth(samples: list[float]) -> float:
    return quantiles(samples, n=10)[-1]


def latency(
    runner: Runner, out: SuiteOutput, live: LiveChain, how: str, samples: int
) -> list[float]:
    """Milliseconds, with our services on an empty database."""
    database = our_indexer.database(runner)
    uri = database.uri
    websocket = how == "websocket"
    chain = live.chain()
    indexer = our_indexer.start_indexer(runner, chain, uri, websocket=websocket)
    settings = our_indexer.settings(chain, uri, websocket=websocket)
    api = runner.service("api", settings | api_rate_limits("off"))
    try:
        with pymongo.MongoClient[dict[str, Any]](uri, directConnection=True) as client:
            our_indexer.wait_for(client, indexer, chain, 60.0)
        api.wait_ready(api.ready, 60.0)
        room = f"{api.url}/api/livestream/rooms/{room_name(live.room)}"
        found = sample(live, samples, lambda told: str(told.get("title")), room)
    finally:
        for program in (api, indexer, database):
            program.stop()
    out.say(f"{how}: {median(found):.1f} ms")
    return found


def ponder_latency(runner: Runner, out: SuiteOutput, live: LiveChain) -> list[float]:
    """Milliseconds, by ponder's own API."""
    ponder_peer.install(out)
    program, url = ponder_peer.start(runner, live.chain())
    try:
        last, _ = live.head()
        program.wait_ready(lambda: ponder_peer.position(url) >= last, 120.0)
        room = f"{url}/rooms/{live.room}"
        found = sample(live, PEER_SAMPLES, lambda told: str(told.get("title")), room)
    finally:
        program.stop()
    out.say(f"ponder: {median(found):.0f} ms")
    return found


def sample(
    live: LiveChain, samples: int, title: Callable[[dict[str, Any]], str], url: str
) -> list[float]:
    """How long each new block took to show. Raises `ProgramError` if one never does."""
    chance = random.Random(11)
    found = []
    with httpx.Client(timeout=10.0, trust_env=False) as client:
        for _ in range(samples):
            time.sleep(chance.uniform(0.15, 0.45))  # no step with anybody's polling
            wanted, began = live.rename()
            while title(client.get(url).json()) != wanted:
                if time.monotonic() > began + PATIENCE:
                    raise ProgramError(f"{url} never showed {wanted!r}")
                time.sleep(_PAUSE)
            found.append((time.monotonic() - began) * 1000)
    return found


def reorgs(runner: Runner, out: SuiteOutput, live: LiveChain) -> list[float]:
    """Milliseconds from the one new block after a reorg to an index that equals the chain."""
    database = our_indexer.database(runner)
    uri = database.uri
    chain = live.chain()
    indexer = our_indexer.start_indexer(runner, chain, uri)
    found = []
    try:
        with pymongo.MongoClient[dict[str, Any]](uri, directConnection=True) as client:
            our_indexer.wait_for(client, indexer, chain, 60.0)
            points = client[our_indexer.DATABASE][CHECKPOINT]
            for _ in range(REORGS):
                for _ in range(DEPTH):
                    live.rename()
                _until(points, live, time.monotonic())
                live.reorg(DEPTH)
                _, began = live.rename()
                found.append(_until(points, live, began) * 1000)
        our_indexer.verify(runner, chain, uri)
    finally:
        indexer.stop()
        database.stop()
    out.say(f"{REORGS} reorgs: {median(found):.0f} ms")
    return found


def _until(points: Any, live: LiveChain, began: float) -> float:
    """Seconds until the index has the head's hash and the contract's history."""
    _, digest = live.head()
    true = live.rooms.history()
    events, told = true.count, "0x" + true.hash.hex()
    while True:
        point = points.find_one({"_id": live.contract}, {"block_hash": 1, "seq": 1, "history": 1})
        if (point["block_hash"], point["seq"], point["history"]) == (digest, events, told):
            return time.monotonic() - began
        if time.monotonic() > began + PATIENCE:
            raise ProgramError(f"the index stays at {point}; the chain is at {digest}, {events}")
        time.sleep(_PAUSE)
