"""How many calls one node takes in a batch.

Promises: plain arithmetic. A refusal shrinks the size: to the limit that the node names, else to
what it took lately if that is more than half, else to half, down to 1, which means calls without
an array. `GROW_AFTER` requests of full size without one let it grow by half, since limits change;
a limit that stands costs two requests more each time. A batch that came to no end shrinks it too,
but not below `FEW`: a slow or broken node is no proof of a limit.
Assumes: the caller has asked one call alone before it calls a refusal the batch's.
On restart: nothing is kept; the size starts from the most.
"""

from __future__ import annotations

from dataclasses import dataclass, field

GROW_AFTER = 50
FEW = 10


@dataclass
class BatchSize:
    """`most`: what is never exceeded; `now`: calls to put into one request."""

    most: int
    now: int = field(init=False)
    _taken: int = 0
    _full: int = 0

    def __post_init__(self) -> None:
        self.now = self.most

    def refused(self, calls: int, named: int | None = None) -> None:
        """A batch of `calls` was refused; `named`: the limit in the refusal's words."""
        if calls <= self._taken:  # the limit is another one now
            self._taken = 0
        fitting = named if named is not None else max(calls // 2, self._taken)
        self._full = 0
        self.now = max(1, min(self.now, fitting))

    def limited(self, calls: int) -> bool:
        """A batch of `calls` was answered with "too many requests". True: it may be too many calls
        at once, since no batch of that size was taken before, or it happens again."""
        doubtful = calls > self._taken
        if not doubtful:
            self._taken = 0
        return doubtful

    def unanswered(self, calls: int) -> None:
        """A batch of `calls` was not answered in time, or not all of it."""
        self._full = 0
        self.now = min(self.now, max(FEW, calls // 2))

    def answered(self, calls: int) -> None:
        """A request of `calls` was answered."""
        self._taken = max(self._taken, calls)
        if calls < self.now or self.now >= self.most:
            return
        self._full += 1
        if self._full >= GROW_AFTER:
            self._full = 0
            self.now = min(self.most, self.now + max(1, self.now // 2))
