"""What `ChainSync` asks, answered by a script: follower, backlog, nodes.

No chain stands behind it: each test says which answer comes next, true or not.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any

from chain.event_codec import encode
from chain.follow.fetch import Fetched
from chain.follow.follower import Extension, Nothing
from chain.follow.window import BlockPosition
from chain.header import Header
from chain.hexes import ZERO_HASH
from chain.history import HistoryView, step
from chain.rpc.errors import UnknownBlock
from tests.support.indexer.written_index import EventSpec, WrittenIndex


class ScriptedSyncNodes:
    """`chain.rpc.pool.Nodes`: the first one that is not left out. `histories`: by node name."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.out: dict[str, str] = {}
        self.histories: dict[str, tuple[int, bytes]] = {}
        self.asked: list[tuple[str, Any]] = []

    def pick(self) -> Any:
        return NamedNode(self, next(name for name in self.names if name not in self.out))

    def other_than(self, name: str) -> Any:
        left = [other for other in self.names if other not in (name, *self.out)]
        return NamedNode(self, left[0]) if left else None

    def quarantine(self, name: str, reason: str, seconds: float | None = None) -> None:
        self.out[name] = reason

    def observe_head(self, name: str, number: int, timestamp: int) -> None:
        raise AssertionError("the follower's business")


class NamedNode:
    """Answers `history()` alone."""

    def __init__(self, nodes: ScriptedSyncNodes, name: str) -> None:
        self._nodes = nodes
        self.name = name

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        assert method == "eth_call", method
        self._nodes.asked.append((self.name, params[1]))
        if self.name not in self._nodes.histories:
            raise UnknownBlock(-32000, "header not found", endpoint=self.name, method=method)
        count, digest = self._nodes.histories[self.name]
        return "0x" + count.to_bytes(32).hex() + digest.hex() + "00" * 9


class ScriptedFollower:
    """`chain.follow.follower.Follower`: each look takes the next step, made or raised when it is
    asked."""

    def __init__(self, *steps: Any) -> None:
        self.steps = list(steps)
        self.looks: list[tuple[str, int]] = []
        self.blooms: list[bool] = []

    async def look(self, window: Any, final: int, *, node: Any = None, blooms: bool = True) -> Any:
        self.looks.append((node.name, final))
        self.blooms.append(blooms)
        step_ = self.steps.pop(0)
        if callable(step_):
            step_ = step_(window, node.name)
        if isinstance(step_, Exception):
            raise step_
        return step_


class ScriptedBackfill:
    """`chain.follow.backfill.Backfill`: ranges, or what is raised in their place."""

    def __init__(self, *pieces: Any) -> None:
        self.pieces = list(pieces)

    async def ranges(
        self, tip: BlockPosition, last: int, pick: Any = None
    ) -> AsyncGenerator[Fetched, None]:
        while self.pieces:
            piece = self.pieces.pop(0)
            if isinstance(piece, Exception):
                raise piece
            yield piece


def head(number: int, fork: int = 0) -> Header:
    parent = WrittenIndex.hash(number - 1, fork)
    return Header(number, WrittenIndex.hash(number, fork), parent, 1_700_000_000, None)


class BlockScript:
    """Tells an index's next blocks as a node does, whether the index takes them or not."""

    def __init__(self, index: WrittenIndex) -> None:
        self._index = index
        self.seq, self.history = index.writer.seq, index.writer.history
        self.number = index.writer.tip.number

    def range(
        self,
        *blocks: Sequence[EventSpec],
        node: str = "a",
        proves: bool = True,
        fork: int = 0,
        unasked: bool = False,
        denied: int | None = None,
    ) -> Fetched:
        """The next blocks with their events. `unasked`: for a bloom's sake; the answer has none."""
        first, headers, logs = self.number + 1, [], []
        for told in blocks:
            self.number += 1
            headers.append(head(self.number, fork))
            events = self._index.events(told, fork, number=self.number, seq=self.seq)
            for event in events:
                self.seq, self.history = event.seq, step(self.history, event)
                logs.append(encode(event))
        proof = HistoryView(self.seq, self.history) if proves else None
        parent = headers[0].parent_hash
        if unasked:
            logs, proof = [], None
        return Fetched(
            node, first, parent, headers[-1], tuple(headers), logs, proof, unasked, denied
        )

    def extension(self, *blocks: Sequence[EventSpec], final: int = -1, **how: Any) -> Extension:
        fetched = self.range(*blocks, **how)
        return Extension(fetched, fetched.last, final)


def nothing(node: str = "a", final: int = -1, number: int | None = None) -> Callable[..., Nothing]:
    """At the head: the window's tip is the node's, or it is at `number`."""

    def told(window: Any, _: str) -> Nothing:
        tip = window.tip
        at = Header(tip.number, tip.hash, ZERO_HASH, 1_700_000_000, None)
        return Nothing(node, at if number is None else head(number), final)

    return told
