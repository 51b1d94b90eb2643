"""Wide ranges of final blocks, fetched in parallel, yielded in order.

Promises: every range follows the one before by parent hash; each comes from one node that has it to
its end. Ranges adapt to density and to what nodes accept (`RangeSizer`): they grow while answers
are small, and never again exceed what a node once refused, but for a little more after every
`FORGIVE` good answers, since limits change and one time-out is no law. A node's refusal of a range
splits it, and so does any other failure of a range of several blocks, whatever its words; what
fails for a single block, too, is tried again a few times, then raised. At most `PARALLEL` answers
of about `target` logs are in memory, whatever the length of the chain.
Assumes: the blocks are final, so it does not matter which node tells them.
On restart: nothing is kept; the caller's checkpoint says where to go on, and ranges start from
`FIRST` blocks: a few answers later the density is known again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from chain.follow.fetch import Fetched, Inconsistent, fetch_range
from chain.follow.window import BlockPosition
from chain.rpc.errors import LogRangeTooLarge, NoEndpoint, RateLimited, RpcError
from chain.rpc.pool import Node, Nodes
from common.clock import Clock
from common.tasks import end_tasks

FIRST = 200
LARGEST = 1_000_000
FORGIVE = 50
PARALLEL = 3
ATTEMPTS = 4
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 4.0


@dataclass
class RangeSizer:
    """How many blocks to ask for at once; pure. `target`: logs that one answer should hold."""

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


class Backfill:
    """Reads final blocks of one contract."""

    def __init__(
        self, nodes: Nodes, contract: str, clock: Clock, *, sizer: RangeSizer | None = None
    ) -> None:
        self._nodes = nodes
        self._contract = contract
        self._clock = clock
        self._sizer = sizer or RangeSizer()
        self._known_density = False
        self._pruned: set[str] = set()

    async def ranges(
        self, tip: BlockPosition, last: int, pick: Callable[[], Node] | None = None
    ) -> AsyncGenerator[Fetched, None]:
        """The blocks after `tip` up to `last`. `pick`: the node to ask, if not the pool's choice.

        Raises `RpcError`, `Inconsistent`.
        """
        pick = pick or self._nodes.pick
        number, digest, following = tip.number, tip.hash, tip.number + 1
        tasks: deque[asyncio.Task[list[Fetched]]] = deque()
        try:
            while following <= last or tasks:
                while following <= last and len(tasks) < (PARALLEL if self._known_density else 1):
                    end = min(last, following + self._sizer.size - 1)
                    tasks.append(asyncio.ensure_future(self._span(following, end, pick)))
                    following = end + 1
                pieces = await tasks[0]
                tasks.popleft()
                pieces.reverse()
                while pieces:
                    fetched = pieces.pop()
                    if fetched.first != number + 1 or fetched.parent_hash != digest:
                        text = f"block {fetched.first} does not follow block {number}"
                        raise Inconsistent(fetched.node, text)
                    number, digest = fetched.last.number, fetched.last.hash
                    yield fetched
                    del fetched
        finally:
            await end_tasks(*tasks)

    async def _span(self, first: int, last: int, pick: Callable[[], Node]) -> list[Fetched]:
        """Blocks `first` to `last`, in one piece or, where nodes refuse that, in several."""
        pieces: list[Fetched] = []
        failures = 0
        end = last
        while first <= last:
            node = pick()
            try:
                fetched = await self._fetch(node, first, end)
            except LogRangeTooLarge as error:
                if first == end:
                    raise
                self._sizer.refused(end - first + 1, error.max_blocks, error.suggested)
                end = min(end - 1, first + self._sizer.size - 1)
                continue
            except NoEndpoint:
                raise
            except (RpcError, Inconsistent) as error:
                failures += 1
                wide_one = end > first and isinstance(error, RpcError)
                if wide_one and not isinstance(error, RateLimited):
                    # Nodes and gateways fail in many ways over what is too much for them.
                    self._sizer.failed(end - first + 1)
                    end = min(end, first + self._sizer.size - 1)
                elif failures >= ATTEMPTS or (isinstance(error, RpcError) and not error.transient):
                    raise
                await self._clock.sleep(min(FIRST_PAUSE * 2.0**failures, LONGEST_PAUSE))
                continue
            self._sizer.answered(end - first + 1, len(fetched.logs))
            self._known_density = True
            failures = 0
            pieces.append(fetched)
            first, end = end + 1, min(last, end + self._sizer.size)
        return pieces

    async def _fetch(self, node: Node, first: int, last: int) -> Fetched:
        with_history = node.name not in self._pruned
        fetched = await fetch_range(node, self._contract, first, last, with_history=with_history)
        if with_history and fetched.history is None:
            self._pruned.add(node.name)
        return fetched
