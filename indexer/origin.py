"""Where the index of a contract begins: what CONTRACTS says, what the chain says, what is stored.

Promises: an index that holds events is complete from the contract's first one, wherever it began,
since events are numbered; so another start block in CONTRACTS than the stored one is told and
changes nothing. An index without events begins anew at the block that CONTRACTS names now
(`IndexWriter.open`). A start block that is too late is a `WrongChain` before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterable

from chain.follow.fetch import header_at
from chain.hexes import ZERO_HASH
from chain.identity import read_first_room_id
from chain.rpc.errors import JsonRpcError
from chain.rpc.pool import NodePool
from chain.start_block import check_start_block
from common.settings import ContractRef
from indexer.checkpoint import Origin
from indexer.documents import Checkpoint
from indexer.store import UnreadableIndex

REBUILD = "`python -m indexer rebuild`"


async def read_origin(
    pool: NodePool, chain_id: int, ref: ContractRef, *, indexed: bool = False
) -> Origin:
    """Where a contract's events begin. `indexed`: there is an index that holds events already.

    Raises `RpcError`, `WrongChain`.
    """
    node = pool.pick()
    parent = ZERO_HASH
    if not indexed:
        await check_start_block(node, ref.address, ref.start_block)
    if ref.start_block > 0:
        header = await header_at(node, ref.start_block - 1)
        if header is None:
            text = f"the node does not have the block before the start block {ref.start_block} yet"
            raise JsonRpcError(0, text, endpoint=node.name, method="eth_getBlockByNumber")
        parent = header.hash
    first = await read_first_room_id(node, ref.address, "latest")
    return Origin(ref.address, chain_id, ref.start_block, parent, first)


def check_chain(stored: Checkpoint, chain_id: int) -> None:
    """The stored index is of this chain. Raises `UnreadableIndex`."""
    if stored["chain_id"] != chain_id:
        raise UnreadableIndex(
            f"the index of {stored['_id']} belongs to chain {stored['chain_id']}, CHAIN_ID is "
            f"{chain_id}: correct CHAIN_ID or MONGODB_DATABASE, or run {REBUILD}"
        )


def changed_start(stored: Checkpoint, ref: ContractRef) -> str | None:
    """That CONTRACTS names another start block than the index began at, in words; None: it does
    not, or the index holds nothing yet."""
    if stored["seq"] == 0 or stored["start_block"] == ref.start_block:
        return None
    return (
        f"{ref.address}: CONTRACTS names start block {ref.start_block}, the index began at "
        f"{stored['start_block']}; it has every event from the first one, so nothing changes "
        f"(to begin anew: {REBUILD})"
    )


def left_over(stored: Iterable[str], refs: Iterable[ContractRef]) -> str | None:
    """That the database holds contracts which CONTRACTS does not name; None: it does not."""
    others = sorted(set(stored) - {ref.address for ref in refs})
    if not others:
        return None
    return (
        f"the index also holds {', '.join(others)}, which CONTRACTS does not name: this is not "
        f"kept up to date, and removed by {REBUILD}"
    )
