"""Where the index of a contract stands: its checkpoint, with finality and lag.

Promises: a pure reading of a checkpoint document; finality and lag are computed when asked for, so
they are never older than the checkpoint.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from api.index_source import Document
from chain.head_age import age

FINALITIES = ("latest", "confirmed", "finalized")


@dataclass(frozen=True, slots=True)
class IndexPosition:
    """A contract's checkpoint. `contract` lower case; `updated_at` unix seconds of the indexer's
    last look at the chain."""

    contract: str
    chain_id: int
    start_block: int
    block: int
    block_hash: str
    seq: int
    history: str
    rooms: int
    first_room_id: int
    owner: str | None
    paused: bool
    retired: bool
    successor: str | None
    current_terms: int | None
    finalized_block: int | None
    finalized_hash: str | None
    head_block: int
    head_timestamp: int
    block_seconds: float | None
    state: str
    stop_reason: str | None
    updated_at: float

    @classmethod
    def of(cls, doc: Document) -> IndexPosition:
        finalized = doc.get("finalized") or {}
        head = doc.get("head") or {}
        block = doc["block"]
        return cls(
            contract=doc["_id"],
            chain_id=doc["chain_id"],
            start_block=doc["start_block"],
            block=block,
            block_hash=doc["block_hash"],
            seq=doc["seq"],
            history=doc["history"],
            rooms=doc["rooms"],
            first_room_id=doc["first_room_id"],
            owner=doc.get("owner"),
            paused=doc["paused"],
            retired=doc["retired"],
            successor=doc["successor"],
            current_terms=doc.get("current_terms"),
            finalized_block=finalized.get("block"),
            finalized_hash=finalized.get("block_hash"),
            head_block=max(block, head.get("block", block)),
            head_timestamp=head.get("timestamp", 0),
            block_seconds=head.get("block_seconds"),
            state=doc["state"],
            stop_reason=doc.get("stop_reason"),
            updated_at=float(doc.get("updated_at") or 0),
        )

    def finality(self, block: int, confirmations: int) -> str:
        """How safe a thing of that block is from a reorg: one of `FINALITIES`."""
        if self.finalized_block is not None and block <= self.finalized_block:
            return "finalized"
        return "confirmed" if self.head_block - block >= confirmations else "latest"

    def lag_blocks(self) -> int:
        """Blocks between the head that the indexer knows and the block it has indexed."""
        return self.head_block - self.block

    def lag_seconds(self, now: float) -> int:
        """Seconds since the indexer last looked at the chain."""
        return max(0, int(now - self.updated_at))

    def head_age(self, now: float) -> float | None:
        """Seconds since the timestamp of the newest block that the indexer knows."""
        return age(now, self.head_timestamp) if self.head_timestamp else None

    def header(self, now: float, finality: str) -> str:
        """The header `Index-Position`: an HTTP structured field (RFC 9651, a dictionary), with the
        finality of what the answer tells about."""
        return (
            f'block={self.block}, hash="{self.block_hash}", seq={self.seq}, '
            f'history="{self.history}", lag={self.lag_blocks()}, age={self.lag_seconds(now)}, '
            f"finality={finality}"
        )


class Provenance(NamedTuple):
    """What an answer comes from: where the index stood, and how final what the answer tells is."""

    position: IndexPosition
    finality: str
