"""A tree of blocks with one canonical branch.

Promises: `blocks[i]` is block i of the branch that counts; a block that a reorg took away is still
known by its hash. `S` is what a simulation keeps of the world after a block.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from chain.header import Head
from chain.hexes import ZERO_HASH
from chain.units import GWEI
from tests.support.simchain.pool import SimTx

S = TypeVar("S")

START = 1_700_000_000
NO_BLOOM = "0x" + "00" * 256
NO_PARENT = ZERO_HASH


@dataclass(frozen=True, slots=True)
class Block(Generic[S]):
    """`state`: after it. `nonce`: transactions of the chain's account up to it. `wishes`: what else
    was in it, in the simulation's own terms; `logs`, `events`: the contract's, if it has one."""

    number: int
    hash: str
    parent: str
    timestamp: int
    state: S
    base_fee: int = GWEI
    txs: tuple[SimTx, ...] = ()
    nonce: int = 0
    wishes: tuple[Any, ...] = ()
    bloom: str = NO_BLOOM
    logs: tuple[dict[str, Any], ...] = ()
    events: tuple[Any, ...] = ()

    @property
    def head(self) -> Head:
        return Head(self.number, self.hash, self.parent, self.timestamp, self.base_fee)


def header_of(block: Block[Any]) -> dict[str, Any]:
    """A block's header as a node tells it."""
    return {
        "number": hex(block.number),
        "hash": block.hash,
        "parentHash": block.parent,
        "timestamp": hex(block.timestamp),
        "logsBloom": block.bloom,
        "baseFeePerGas": hex(block.base_fee),
    }


@dataclass
class Tree(Generic[S]):
    """`mined`: how many blocks there ever were; `reorgs`: how often some were taken away."""

    blocks: list[Block[S]] = field(default_factory=list)
    by_hash: dict[str, Block[S]] = field(default_factory=dict)
    mined: int = 0
    reorgs: int = 0

    @property
    def top(self) -> Block[S]:
        return self.blocks[-1]

    def at(self, number: int) -> Block[S]:
        """The block of that height, or the nearest there is."""
        return self.blocks[max(0, min(number, self.top.number))]

    def canonical(self, block_hash: str) -> Block[S] | None:
        """A block of the branch that counts."""
        block = self.by_hash.get(block_hash)
        if block is None or block.number > self.top.number:
            return None
        return block if self.blocks[block.number] is block else None

    def next_hash(self) -> str:
        """The hash of the next block on the top: another one each time."""
        parent = self.top.hash if self.blocks else ""
        return "0x" + hashlib.sha256(f"{parent}/{self.mined}".encode()).hexdigest()

    def append(self, block: Block[S]) -> None:
        """A new top."""
        self.mined += 1
        self.blocks.append(block)
        self.by_hash[block.hash] = block

    def undo(self, depth: int) -> list[Block[S]]:
        """Take the newest blocks away; returns them. The caller mines others."""
        undone = self.blocks[len(self.blocks) - depth :]
        del self.blocks[len(self.blocks) - depth :]
        self.reorgs += 1
        return undone
