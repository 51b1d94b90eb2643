"""`python -m indexer rebuild`: a new index beside the live one, then swapped in.

Promises: the live index is served and kept up all the while; the new one is folded from the chain
alone into collections of its own and takes the old ones' names when it has reached the head, the
checkpoint last. Readers see the old documents or the new ones, never none.
Assumes: one rebuild at a time (it holds a lease of its own).
On restart: an interrupted rebuild leaves the live index as it was; the next one starts over.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from chain.follow.backfill import Backfill
from chain.follow.follower import Follower
from common import process
from common.settings import IndexerSettings
from indexer.assembly import Parts, exclusive, index_lease, parts
from indexer.chain_sync import ChainSync
from indexer.documents import CHECKPOINT, EVENTS, FOLDED
from indexer.mongo_store import MongoStore
from indexer.origin import read_origin
from indexer.service import check_settings

SUFFIX = "_next"
KINDS = (EVENTS, *FOLDED, CHECKPOINT)


async def run(settings: IndexerSettings, _: argparse.Namespace) -> int:
    """The command."""
    async with parts(settings) as use:
        await check_settings(use.pool, settings)
        owner = process.name()
        alone = index_lease(use.database, owner, use.clock, name="rebuild")
        async with exclusive(alone, use.clock, errors=use.errors):
            store = use.store(owner, suffix=SUFFIX)
            await drop(use.database)
            await store.ensure_indexes()
            syncs = await _chain_syncs(use, store)
            for sync in syncs:
                await sync.catch_up()
                _tell(sync)
            lease = index_lease(use.database, owner, use.clock)
            async with exclusive(lease, use.clock, errors=use.errors):
                for sync in syncs:
                    await sync.catch_up()
                await swap(use.database)
            print("the new index is in place", file=sys.stderr)
    return 0


async def _chain_syncs(use: Parts, store: MongoStore) -> list[ChainSync]:
    syncs = []
    for ref in use.settings.contracts:
        sync = ChainSync(
            store,
            use.pool,
            Follower(use.pool, ref.address, use.settings.finality),
            Backfill(use.pool, ref.address, use.clock),
            use.clock,
        )
        await sync.open(await read_origin(use.pool, use.settings.chain_id, ref))
        syncs.append(sync)
    return syncs


def _tell(sync: ChainSync) -> None:
    if sync.writer is not None:
        point = sync.writer.checkpoint
        text = f"{point['_id']}: folded {point['seq']} events up to block {point['block']}"
        print(text, file=sys.stderr)


async def drop(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Remove what an interrupted rebuild left, and make the empty collections."""
    for kind in KINDS:
        await database.drop_collection(kind + SUFFIX)
        await database.create_collection(kind + SUFFIX)


async def swap(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Give the new collections the old ones' names, one at a time, the checkpoint last."""
    for kind in KINDS:
        await database[kind + SUFFIX].rename(kind, dropTarget=True)
