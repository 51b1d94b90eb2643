"""How old the newest block is, and whether that is too old: a chain that stands still.

Promises: the age is that of the block seen last, by its own timestamp, at the moment of the
question. It is too old after `blocks` block times, as the chain's recent headers have them, but
never before `SHORTEST` seconds: a chain of quick blocks may pause. While no two headers are known
there is no limit, and nothing is too old. A block of the future tells that this machine's clock is
behind. May be read by another thread than the one that writes.
On restart: nothing is kept; `chain.rpc.heads` asks for one older header.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from statistics import median

SHORTEST = 15.0
SAMPLES = 32
MAX_CLOCK_SECONDS = 60.0
"""A block may be so far ahead of this machine's clock: block producers have clocks, too."""


class HeadAge:
    """`now`: unix seconds. `blocks`: `HEAD_AGE_BLOCKS`."""

    def __init__(self, now: Callable[[], float], blocks: int) -> None:
        self._now = now
        self._blocks = blocks
        self._head: tuple[int, int] | None = None
        self._samples: deque[float] = deque(maxlen=SAMPLES)
        self.block_seconds: float | None = None

    def saw(self, number: int, timestamp: int) -> None:
        """This block is the newest."""
        if self._head is not None:
            self.between(*self._head, number, timestamp)
        self._head = (number, timestamp)

    def between(self, number: int, timestamp: int, later: int, later_timestamp: int) -> None:
        """Two headers of the chain: how long its blocks take."""
        if later <= number or later_timestamp < timestamp:
            return  # a reorg, or another node's head
        self._samples.append((later_timestamp - timestamp) / (later - number))
        # The median, since one long pause makes the chain no slower.
        self.block_seconds = median(self._samples)

    @property
    def seconds(self) -> float | None:
        """The newest block's age; None while none is known."""
        return None if self._head is None else age(self._now(), self._head[1])

    @property
    def limit(self) -> float | None:
        """The age from which on it is too old; None while unknown."""
        return limit_seconds(self.block_seconds, self._blocks)

    def note(self) -> str | None:
        """That the newest block is too old, or of the future, in words; None if it is not."""
        if self._head is None:
            return None
        return note(self._now(), self._head[1], self.block_seconds, self._blocks)


def age(now: float, timestamp: int) -> float:
    """Of a block; a block of the future has none."""
    return max(0.0, now - timestamp)


def limit_seconds(block_seconds: float | None, blocks: int) -> float | None:
    """From which age on a head is too old; None where the chain's block time is unknown."""
    return None if block_seconds is None else max(SHORTEST, blocks * block_seconds)


def note(now: float, timestamp: int, block_seconds: float | None, blocks: int) -> str | None:
    """That a head of this timestamp is too old, or of the future, in words; None if it is not."""
    if timestamp - now > MAX_CLOCK_SECONDS:
        return (
            f"this machine's clock is {timestamp - now:.0f} s behind the newest block: set it "
            "right (NTP), or check the nodes in RPC_URLS"
        )
    limit, seconds = limit_seconds(block_seconds, blocks), age(now, timestamp)
    if limit is None or block_seconds is None or seconds <= limit:
        return None
    times = f", {seconds / block_seconds:.0f} block times" if block_seconds else ""
    return (
        f"the newest block is {seconds:.0f} s old{times}: the chain or all nodes in RPC_URLS stand "
        "still, or this machine's clock is ahead (limit: HEAD_AGE_BLOCKS)"
    )
