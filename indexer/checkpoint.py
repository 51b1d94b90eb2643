"""The checkpoint document, taken apart and put together.

Promises: pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chain.events import CONTRACT_VERSION
from chain.follow.window import BlockPosition
from chain.hexes import ZERO_HASH, hex_data, to_bytes
from indexer.documents import FORMAT, Checkpoint, Pending
from indexer.projection.ledger import Totals


@dataclass(frozen=True)
class Origin:
    """Where the events of a contract begin. `parent_hash`: of the block before `start_block`."""

    contract: str
    chain_id: int
    start_block: int
    parent_hash: str
    first_room_id: int


def fresh_checkpoint(origin: Origin, genesis: bytes) -> Checkpoint:
    """Nothing is indexed yet: the tip is the block before the first."""
    before = origin.start_block - 1
    history = hex_data(genesis)
    return Checkpoint(
        _id=origin.contract,
        format=FORMAT,
        version=CONTRACT_VERSION,
        chain_id=origin.chain_id,
        start_block=origin.start_block,
        block=before,
        block_hash=origin.parent_hash,
        seq=0,
        history=history,
        rooms=0,
        ended_rooms=0,
        first_room_id=origin.first_room_id,
        owner=None,
        pending_owner=None,
        paused=False,
        retired=False,
        successor=None,
        current_terms=None,
        contract_seqs=[],
        finalized={"block": -1, "block_hash": ZERO_HASH},
        head={"block": before, "timestamp": 0},
        window=[[before, origin.parent_hash, 0, history]],
        proven=[before, origin.parent_hash, 0, history],
        writes=0,
        pending=None,
        state="syncing",
        stop_reason=None,
        updated_at=0.0,
    )


def window_of(checkpoint: Checkpoint) -> list[BlockPosition]:
    """The recent blocks."""
    return [entry_position(one) for one in checkpoint["window"]]


def entry_position(entry: list[int | str]) -> BlockPosition:
    """The position in an entry of the window."""
    number, digest, seq, history = entry
    return BlockPosition(int(number), str(digest), int(seq), to_bytes(str(history)))


def window_entry(place: BlockPosition) -> list[int | str]:
    """A position as an entry of the window."""
    return [place.number, place.hash, place.seq, hex_data(place.history)]


def position_of(checkpoint: Checkpoint) -> BlockPosition:
    """Where the index stands."""
    return BlockPosition(
        checkpoint["block"],
        checkpoint["block_hash"],
        checkpoint["seq"],
        to_bytes(checkpoint["history"]),
    )


def move_checkpoint(
    checkpoint: Checkpoint,
    totals: Totals,
    window: Iterable[BlockPosition],
    pending: Pending | None,
) -> None:
    """Make the window's last position the index's."""
    places = list(window)
    tip = places[-1]
    checkpoint["block"], checkpoint["block_hash"] = tip.number, tip.hash
    checkpoint["seq"], checkpoint["history"] = tip.seq, hex_data(tip.history)
    checkpoint["rooms"] = totals.rooms
    checkpoint["ended_rooms"] = totals.ended_rooms
    checkpoint["owner"] = totals.owner
    checkpoint["pending_owner"] = totals.pending_owner
    checkpoint["paused"] = totals.paused
    checkpoint["retired"] = totals.retired
    checkpoint["successor"] = totals.successor
    checkpoint["current_terms"] = totals.current_terms
    checkpoint["contract_seqs"] = list(totals.contract_seqs)
    checkpoint["window"] = [window_entry(place) for place in places]
    checkpoint["pending"] = pending


def totals_of(checkpoint: Checkpoint) -> Totals:
    """What belongs to the contract as a whole."""
    return Totals(
        rooms=checkpoint["rooms"],
        ended_rooms=checkpoint["ended_rooms"],
        owner=checkpoint["owner"],
        pending_owner=checkpoint["pending_owner"],
        paused=checkpoint["paused"],
        retired=checkpoint["retired"],
        successor=checkpoint["successor"],
        current_terms=checkpoint["current_terms"],
        contract_seqs=list(checkpoint["contract_seqs"]),
    )
