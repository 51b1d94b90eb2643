"""Where the indexer's CPU goes: each stage alone, over all events of a small chain, in memory.

A stage's figure is CPU microseconds per event. Together they are less than what the process takes
for an event: start, event loop, connections and memory that is cold come on top.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import bson
import httpx
import orjson

from bench.index.chains import BenchChain, Shape, open_chain
from bench.index.workload import CHAIN_ID
from bench.output import SuiteOutput
from bench.rows import BenchRow
from chain.event_codec import decode
from chain.follow.fetch import check_logs
from chain.header import parse_header
from chain.history import genesis, step
from indexer.affected import Affected
from indexer.cli.run import tune_garbage_collection
from indexer.event_pages import event_doc
from indexer.projection.contract import apply
from indexer.projection.ledger import Ledger
from localnet.runner import Runner

SPAN = 250  # blocks per answer: 2,500 logs, as the indexer aims at
HEADERS = 100
SHAPE = Shape("stages", 600, 10)
TABLE = "CPU per event, stage by stage (600 blocks of 10 events, in memory)"


def measure(out: SuiteOutput) -> list[BenchRow]:
    """A row per stage."""
    tune_garbage_collection()
    with Runner(out.folder) as runner:
        chain = open_chain(runner, out, SHAPE)
        with httpx.Client(timeout=60.0, trust_env=False) as client:
            return stages(Fetcher(client, chain), chain)


class Fetcher:
    """Asks the node as the floor does."""

    def __init__(self, client: httpx.Client, chain: BenchChain) -> None:
        self._client = client
        self._chain = chain

    def _post(self, calls: list[tuple[str, list[Any]]]) -> bytes:
        body = [
            {"jsonrpc": "2.0", "id": place, "method": method, "params": params}
            for place, (method, params) in enumerate(calls)
        ]
        headers = {"content-type": "application/json"}
        return self._client.post(
            self._chain.url, content=orjson.dumps(body), headers=headers
        ).content

    def logs(self) -> list[bytes]:
        """All answers with logs, unread."""
        first, last = self._chain.start_block, self._chain.last
        return [
            self._post([("eth_getLogs", [self._range(low, min(last, low + SPAN - 1))])])
            for low in range(first, last + 1, SPAN)
        ]

    def _range(self, low: int, high: int) -> dict[str, str]:
        return {"address": self._chain.contract, "fromBlock": hex(low), "toBlock": hex(high)}

    def headers(self) -> list[bytes]:
        """All answers with headers, unread."""
        numbers = range(self._chain.start_block, self._chain.last + 1)
        calls = [("eth_getBlockByNumber", [hex(number), False]) for number in numbers]
        return [self._post(calls[at : at + HEADERS]) for at in range(0, len(calls), HEADERS)]


def stages(fetcher: Fetcher, chain: BenchChain) -> list[BenchRow]:
    """Each stage works on what the one before made."""
    rows: list[BenchRow] = []

    def timed(name: str, work: Callable[[], Any], note: str = "") -> Any:
        began = time.process_time()
        made = work()
        spent = (time.process_time() - began) / chain.events * 1e6
        rows.append(BenchRow(TABLE, name, spent, "us", note=note))
        return made

    raw = timed("fetch logs (httpx)", fetcher.logs)
    raw_headers = timed("fetch headers (httpx)", fetcher.headers)
    answers = timed("parse logs (orjson)", lambda: [orjson.loads(one) for one in raw])
    told = timed("parse headers (orjson)", lambda: [orjson.loads(one) for one in raw_headers])
    logs = [log for (answer,) in answers for log in answer["result"]]
    found = [parse_header(entry["result"]) for answer in told for entry in answer]
    headers = {header.number: header for header in found}
    timed("check logs against headers and blooms",
          lambda: check_logs(logs, headers, chain.contract, "the node"))  # fmt: skip
    decoded = timed("decode", lambda: [decode(log) for log in logs])
    events = [event for event in decoded if event is not None]

    def hashed() -> bytes:
        digest = genesis(CHAIN_ID, chain.contract)
        for event in events:
            digest = step(digest, event)
        return digest

    timed("history hash (keccak)", hashed)
    timed("which documents are touched", lambda: Affected.by(events))
    ledger = Ledger(chain.contract)
    timed("fold", lambda: apply(ledger, *events))
    docs = timed("events as documents", lambda: [event_doc(event) for event in events])
    timed("events to BSON (pymongo's C)", lambda: [bson.encode(doc) for doc in docs])
    rooms = list(ledger.rooms.values())
    timed("rooms to BSON (pymongo's C)", lambda: [bson.encode(doc) for doc in rooms],
          f"{len(rooms):,} rooms")  # fmt: skip
    total = sum(row.value for row in rows)
    floor = sum(row.value for row in rows[:4])
    rows.append(BenchRow(TABLE, "all stages", total, "us", floor, "fetch and parse"))
    return rows
