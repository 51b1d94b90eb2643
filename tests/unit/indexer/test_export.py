"""An export is checked by the few lines of docs/index.md, "Checking an export without us"."""

from __future__ import annotations

import asyncio
from typing import Any

from chain.hexes import keccak
from indexer.cli.export import lines
from tests.support.indexer.fold_tables import CONTRACT
from tests.support.indexer.memory_store import MemoryStore
from tests.support.indexer.written_index import CHAIN_ID, FOUNDATION, START, WrittenIndex


def test_export__of_an_index__checked_by_the_few_lines_of_the_docs() -> None:
    index = asyncio.run(WrittenIndex.begun())

    async def read() -> list[dict[str, Any]]:
        return [line async for line in lines(index.store, CONTRACT)]

    first, *told, last = asyncio.run(read())
    assert first == {
        "kind": "contract", "chain_id": CHAIN_ID, "contract": CONTRACT, "start_block": START,
    }  # fmt: skip
    digest = keccak(CHAIN_ID.to_bytes(32) + bytes(12) + bytes.fromhex(CONTRACT[2:]))[:23]
    for number, line in enumerate(told, 1):
        assert (line["kind"], line["seq"]) == ("event", number)
        words = bytes.fromhex(line["words"][2:])
        assert words[:32] == number.to_bytes(32)
        assert words[32:64].hex() == line["topic0"][2:]
        assert words[76:96].hex() == line["actor"][2:]
        assert words[96:128] == line["at"].to_bytes(32)
        digest = keccak(digest + bytes(9) + words)[:23]
    assert last == {
        "kind": "position", "block": START, "block_hash": WrittenIndex.hash(START),
        "events": len(FOUNDATION), "history": "0x" + digest.hex(),
    }  # fmt: skip


def test_export__nothing_indexed__no_lines() -> None:
    async def read() -> list[dict[str, Any]]:
        return [line async for line in lines(MemoryStore(), CONTRACT)]

    assert asyncio.run(read()) == []
