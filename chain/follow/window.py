"""The last blocks, hash-linked, as far back as they can still go away.

Promises: a small pure class. Entries ascend; each carries what was known after its block. Dropping
an older entry is always safe: a reorg then only goes back a little further than it must.
Assumes: the caller adds blocks that extend the last one (`extends` says whether one does).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from chain.header import Header

MOST = 192


class BlockPosition(NamedTuple):
    """A block, and the history up to it: the last event's number and the hash."""

    number: int
    hash: str
    seq: int
    history: bytes


class Window:
    """Positions of recent blocks; the last one is the tip. Never empty."""

    def __init__(self, positions: Iterable[BlockPosition]) -> None:
        self._entries = sorted(positions)
        if not self._entries:
            raise ValueError("a window needs a tip")

    def __iter__(self) -> Iterator[BlockPosition]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def tip(self) -> BlockPosition:
        return self._entries[-1]

    def at(self, number: int) -> BlockPosition | None:
        """The entry of a block number, if it is kept."""
        for entry in reversed(self._entries):
            if entry.number <= number:
                return entry if entry.number == number else None
        return None

    def extends(self, header: Header) -> bool:
        """Whether `header` is the child of the tip."""
        return header.number == self.tip.number + 1 and header.parent_hash == self.tip.hash

    def push(self, position: BlockPosition) -> None:
        """A new tip, above the former."""
        if position.number <= self.tip.number:
            raise ValueError(f"block {position.number} does not extend {self.tip.number}")
        self._entries.append(position)
        if len(self._entries) > MOST:
            # The older half loses every other entry.
            half = len(self._entries) // 2
            self._entries = self._entries[0:half:2] + self._entries[half:]

    def settle(self, final: int) -> None:
        """Forget what is older than the newest entry at or below block `final`."""
        kept = [entry for entry in self._entries if entry.number >= final]
        below = [entry for entry in self._entries if entry.number < final]
        if below and (not kept or kept[0].number > final):
            kept.insert(0, below[-1])
        self._entries = kept

    def cut(self, position: BlockPosition) -> None:
        """Make `position` the tip; what is above it never happened."""
        self._entries = [e for e in self._entries if e.number < position.number]
        self._entries.append(position)
