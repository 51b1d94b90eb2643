"""How many blocks to ask for at once.

Promises: a small pure class per endpoint and contract. It grows while answers are small, aims at
`target` logs per answer, and never asks again for more than a node once refused, but tries a little
more every `FORGIVE` good answers: limits change, and one time-out is no law.
On restart: it starts from `FIRST` blocks; a few answers later it knows the density again.
"""

from __future__ import annotations

from dataclasses import dataclass

FIRST = 200
LARGEST = 1_000_000
FORGIVE = 50


@dataclass
class RangeSizer:
    """`target`: logs that one answer should hold."""

    target: int = 2500
    size: int = FIRST
    cap: int = LARGEST
    _good: int = 0

    def answered(self, blocks: int, logs: int) -> None:
        """An answer for `blocks` blocks held `logs` logs."""
        wanted = blocks * 4 if logs == 0 else max(1, self.target * blocks // logs)
        # Fourfold growth at most: a too large answer costs more than two small ones.
        grown = min(wanted, max(self.size, blocks) * 4)
        self._good += 1
        if self._good >= FORGIVE:
            self._good = 0
            self.cap = min(LARGEST, self.cap * 2)
        self.size = max(1, min(grown, self.cap))

    def refused(
        self, blocks: int, max_blocks: int | None, suggested: tuple[int, int] | None
    ) -> None:
        """The node refused `blocks` blocks, perhaps saying how many it takes."""
        self._good = 0
        fitting = blocks // 2
        if max_blocks:
            fitting = min(max_blocks, blocks - 1)
            self.cap = max(1, max_blocks)
        elif suggested is not None:
            fitting = min(suggested[1] - suggested[0] + 1, blocks - 1)
        self.size = max(1, min(fitting, self.cap))

    def failed(self, blocks: int) -> None:
        """No answer, or one that cannot be read: perhaps it was too much."""
        self._good = 0
        self.size = max(1, min(self.size, blocks // 4))
