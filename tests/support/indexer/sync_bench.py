"""An index and a `ChainSync` whose every answer a test writes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from indexer.chain_sync import ChainSync
from indexer.documents import CHECKPOINT, Checkpoint
from tests.support.indexer.fold_tables import CONTRACT
from tests.support.indexer.scripted_sync import (
    ScriptedBackfill,
    ScriptedFollower,
    ScriptedSyncNodes,
)
from tests.support.indexer.written_index import (
    FOUNDATION,
    ORIGIN,
    START,
    WrittenIndex,
)
from tests.support.manual_clock import ManualClock


class EagerClock(ManualClock):
    """Whoever sleeps is there already."""

    async def sleep(self, seconds: float) -> None:
        self.tick(seconds)
        await asyncio.sleep(0)


class SyncBench:
    """An index with its foundation in block `START`, and a `ChainSync` that is told what to see."""

    def __init__(self, index: WrittenIndex, *names: str) -> None:
        self.index = index
        self.store = index.store
        self.nodes = ScriptedSyncNodes(*(names or ("a", "b")))
        self.follower = ScriptedFollower()
        self.backfill = ScriptedBackfill()
        self.clock = EagerClock()
        self.may_write = True
        self.block_seconds: float | None = None
        self.shown: list[int] = []
        self.sync = ChainSync(
            self.store,
            self.nodes,
            self.follower,  # type: ignore[arg-type]
            self.backfill,  # type: ignore[arg-type]
            self.clock,
            may_write=lambda: self.may_write,
            verify_seconds=60.0,
            show=self._show,
            block_seconds=lambda: self.block_seconds,
        )

    def _show(self, checkpoint: Checkpoint) -> None:
        self.shown.append(checkpoint["block"])

    async def see(self, *steps: Any) -> None:
        self.follower.steps = list(steps)
        await self.sync.catch_up()

    def honest(self) -> None:
        """Every node tells what the index holds now."""
        writer = self.writer
        self.nodes.histories = dict.fromkeys(self.nodes.names, (writer.seq, writer.history))

    @property
    def writer(self) -> Any:
        assert self.sync.writer is not None
        return self.sync.writer

    @property
    def point(self) -> Any:
        return self.store.kinds[CHECKPOINT][CONTRACT]

    @property
    def place(self) -> tuple[int, int]:
        """Block and event up to which the documents go."""
        return self.point["block"], self.point["seq"]


SEQ = len(FOUNDATION)
BEGUN = (START, SEQ)


def run(story: Callable[[SyncBench], Awaitable[None]], *names: str, proven: bool = True) -> None:
    async def told() -> None:
        world = SyncBench(await WrittenIndex.begun(), *names)
        await world.sync.open(ORIGIN)
        world.honest()
        if proven:
            world.writer.checkpoint["proven"] = world.writer.checkpoint["window"][-1]
        await story(world)

    asyncio.run(told())
