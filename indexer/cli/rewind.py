"""`python -m indexer rewind`: back to the last block that is still in the chain.

Promises: finds, from the recent blocks and then from the stored events themselves, the newest
position that the node's chain still has, takes everything above it back, and lets a stopped service
go on. Nothing is lost that the chain cannot give again.
Assumes: RPC_URLS point to the chain that is right.
On restart: an interrupted rewind is ended by the next one, or by the service.
"""

from __future__ import annotations

import argparse
import sys

from chain.follow.fetch import header_at
from chain.follow.window import BlockPosition
from chain.rpc.pool import Node
from common import process
from common.settings import IndexerSettings
from indexer.assembly import chosen, exclusive, index_lease, parts
from indexer.checkpoint import window_of
from indexer.documents import Checkpoint
from indexer.rollback import recover, rollback_to
from indexer.service import check_settings, why_waiting
from indexer.store import IndexStore, stored_history


async def run(settings: IndexerSettings, arguments: argparse.Namespace) -> int:
    """The command."""
    async with parts(settings) as use:
        await check_settings(use.pool, settings)
        owner = process.name()
        store = use.store(owner)
        lease = index_lease(use.database, owner, use.clock)
        async with exclusive(lease, use.clock, errors=use.errors):
            for ref in chosen(settings, arguments.contract):
                said = await rewind(store, use.pool.pick(), ref.address, arguments.to_block)
                print(f"{ref.address}: {said}", file=sys.stderr)
                point = await store.checkpoint(ref.address)
                block = ref.start_block - 1 if point is None else point["block"]
                if why := await why_waiting(use.pool, settings, block):
                    print(f"{ref.address}: {why}", file=sys.stderr)
    return 0


async def rewind(store: IndexStore, node: Node, contract: str, to_block: int | None = None) -> str:
    """Rewind one contract; what was done, in words. Raises `RpcError`, `StoreError`."""
    checkpoint = await store.checkpoint(contract)
    if checkpoint is None:
        return "nothing is indexed yet"
    await store.save_checkpoint(checkpoint, fresh=True)
    await recover(store, checkpoint)
    before = checkpoint["block"]
    target = await common_position(store, node, checkpoint, to_block)
    if target is None:
        await store.clear(contract)
        return "no block of the index is in the chain: it will be rebuilt from the start block"
    await rollback_to(store, checkpoint, target)
    checkpoint["finalized"] = {"block": target.number, "block_hash": target.hash}
    checkpoint["state"], checkpoint["stop_reason"] = "syncing", None
    await store.save_checkpoint(checkpoint)
    return f"from block {before} back to block {target.number}, event {target.seq}"


async def common_position(
    store: IndexStore, node: Node, checkpoint: Checkpoint, to_block: int | None
) -> BlockPosition | None:
    """The newest position, at most at `to_block`, that the node's chain has."""
    most = checkpoint["block"] if to_block is None else to_block
    for place in reversed(window_of(checkpoint)):
        if place.number <= most and await _has(node, place.number, place.hash):
            return place
    return await _by_events(store, node, checkpoint, most)


async def _has(node: Node, number: int, digest: str) -> bool:
    if number < 0:
        return True
    header = await header_at(node, number)
    return header is not None and header.hash == digest


async def _by_events(
    store: IndexStore, node: Node, checkpoint: Checkpoint, most: int
) -> BlockPosition | None:
    """Search the events' blocks by halving: below the fork all are in the chain, above it none."""
    contract = checkpoint["_id"]

    async def fits(seq: int) -> tuple[int, str] | None:
        (doc,) = await store.events(contract, [seq])
        block, digest = doc["block"], doc["block_hash"]
        return (block, digest) if block <= most and await _has(node, block, digest) else None

    low, high = 0, checkpoint["seq"]
    found: tuple[int, str] | None = None
    while low < high:
        middle = (low + high + 1) // 2
        place = await fits(middle)
        if place is None:
            high = middle - 1
        else:
            low, found = middle, place
    if found is None:
        return None
    return BlockPosition(*found, low, await stored_history(store, checkpoint, low))
