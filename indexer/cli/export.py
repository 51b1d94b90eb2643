"""`python -m indexer export`: every event as NDJSON, for anybody to fold and check.

The first line names chain and contract, the last one position and history hash; between them each
event has a line, with `words`: the bytes that the history hash covers after the former hash, and
`args`, the same in plain values. docs/index.md shows how to check it in a few lines.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import orjson

from chain.event_codec import BY_TYPE
from chain.hexes import hex_data
from common import process
from common.settings import IndexerSettings
from indexer.assembly import Failed, chosen, parts
from indexer.event_pages import event_doc
from indexer.store import IncompleteIndex, IndexStore, stored_events


async def run(settings: IndexerSettings, arguments: argparse.Namespace) -> int:
    """The command."""
    async with parts(settings) as use:
        store = use.store(process.name())
        with _output(arguments.output) as out:
            for ref in chosen(settings, arguments.contract):
                try:
                    async for line in lines(store, ref.address):
                        out.write(orjson.dumps(line) + b"\n")
                except IncompleteIndex as error:
                    raise Failed(f"{error}: run `python -m indexer rebuild`") from None
    return 0


@contextmanager
def _output(path: str) -> Iterator[IO[bytes]]:
    if path == "-":
        yield sys.stdout.buffer
        return
    with Path(path).open("wb") as out:
        yield out


async def lines(store: IndexStore, contract: str) -> AsyncIterator[dict[str, Any]]:
    """The lines of one contract. Raises `IncompleteIndex`."""
    checkpoint = await store.checkpoint(contract)
    if checkpoint is None:
        return
    yield {
        "kind": "contract",
        "chain_id": checkpoint["chain_id"],
        "contract": contract,
        "start_block": checkpoint["start_block"],
    }
    async for event in stored_events(store, contract, 1, checkpoint["seq"]):
        doc: dict[str, Any] = dict(event_doc(event))
        del doc["contract"]
        doc["topic0"] = BY_TYPE[type(event)].topic0
        yield {"kind": "event", **doc, "words": hex_data(event.words)}
    yield {
        "kind": "position",
        "block": checkpoint["block"],
        "block_hash": checkpoint["block_hash"],
        "events": checkpoint["seq"],
        "history": checkpoint["history"],
    }
