"""The seven shapes of a reorg of the public Open Indexer Benchmark, by its names, and two more that
its present list has (https://github.com/enviodev/open-indexer-benchmark, `reliability/`).

As there, the index follows a chain that is rewritten to order and then grows by ten blocks; after
that it must hold what the canonical chain holds. Blocks that were rewritten had events, and other
events come in their place. All of it is the real `ChainSync`, with what nodes answer simulated.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator

import pytest
import structlog

from indexer.documents import CHECKPOINT
from tests.support.indexer.random_transactions import CONTRACT
from tests.support.indexer.simulation import FINAL_DEPTH, IndexSim

WARM_UP = 60
AFTER = 10
"""Blocks that come after each reorg."""
SEEDS = (1, 2)


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


class Rewritten(IndexSim):
    """A history to order: nobody fails, each block has events."""

    def append(self, blocks: int, events: int = 1) -> None:
        for _ in range(blocks):
            self.chain.mine(events)

    def replace(self, depth: int, *, by: int | None = None, events: int = 1) -> None:
        """Other blocks take the place of the last `depth`: as many, or `by`."""
        self.chain.undo(depth)
        self.append(depth if by is None else by, events)

    async def follow(self, blocks: int) -> None:
        """The chain grows, and the index looks after each block."""
        for _ in range(blocks):
            self.append(1)
            await self.cycle()
            await self.clock.sleep(1.0)

    def at_call(self, ahead: int, happens: Callable[[], None]) -> None:
        """Something happens before the so-manieth next call of a node."""
        node = self.nodes[0]
        due = node.calls + ahead

        def hook() -> None:
            if node.calls >= due:
                node.before_call = lambda: None
                happens()

        node.before_call = hook

    @property
    def indexed(self) -> int:
        """The block that the index is at."""
        return int(self.store.kinds[CHECKPOINT][CONTRACT]["block"])


async def tip(world: Rewritten) -> None:
    world.replace(1)


async def three_deep(world: Rewritten) -> None:
    world.replace(3)


async def twelve_deep(world: Rewritten) -> None:
    world.replace(12)


async def shortening(world: Rewritten) -> None:
    """Six blocks give way to three: for a while the chain is shorter than what is indexed."""
    world.replace(6, by=3)
    for _ in range(4):
        await world.cycle()
        await world.clock.sleep(1.0)


async def repeated(world: Rewritten) -> None:
    """Three in a row, the second and the third while the one before is rolled back."""
    world.replace(2)
    world.at_call(2, lambda: world.replace(5))
    await world.cycle()
    world.at_call(1, lambda: world.replace(3))
    await world.cycle()


async def during_backfill(world: Rewritten) -> None:
    """Far behind, and the chain is rewritten across the place that the index has come to."""
    behind = world.indexed
    world.append(80)
    world.at_call(6, lambda: world.replace(20))
    await world.cycle()
    assert world.indexed > behind
    world.append(80)
    world.at_call(4, lambda: world.replace(FINAL_DEPTH - 2))
    await world.cycle()


async def removes_event(world: Rewritten) -> None:
    """What was in the blocks is in none any more."""
    world.replace(5, events=0)


async def while_down(world: Rewritten) -> None:
    """Nobody tells of it: the next process finds the block it wrote last on no chain."""
    world.replace(9)
    world.start()


Shape = Callable[[Rewritten], Awaitable[None]]
SHAPES: dict[str, Shape] = {
    "tip": tip,
    "3 deep": three_deep,
    "12 deep": twelve_deep,
    "shortening": shortening,
    "repeated": repeated,
    "during backfill": during_backfill,
    "removes an event entirely": removes_event,
    "while the indexer is down": while_down,
}


async def at_the_head(seed: int) -> Rewritten:
    world = Rewritten(seed)
    assert await world.settle(40)
    await world.follow(WARM_UP)
    assert world.indexed == world.chain.top.number
    return world


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", SHAPES)
def test_reorg_shape__index_holds_what_the_chain_holds(name: str, seed: int) -> None:
    async def history() -> None:
        world = await at_the_head(seed)
        head, reorgs = world.chain.top, world.chain.reorgs
        await SHAPES[name](world)
        await world.follow(AFTER)
        while world.chain.top.number < head.number + 2:
            await world.follow(1)
        assert world.chain.reorgs > reorgs
        assert await world.settle(5), f"at {world.indexed} of {world.chain.top.number}"
        world.check()

    asyncio.run(history())


@pytest.mark.parametrize("seed", SEEDS)
def test_reorg_shape__all_in_sequence__index_holds_what_the_chain_holds(seed: int) -> None:
    async def history() -> None:
        world = await at_the_head(seed)
        for shape in SHAPES.values():
            await shape(world)
            await world.follow(AFTER)
            assert await world.settle(5)
            world.check()

    asyncio.run(history())


@pytest.mark.parametrize("seed", SEEDS)
def test_reorg_shape__beyond_finality__stops_and_says_what_to_do(seed: int) -> None:
    async def history() -> None:
        world = await at_the_head(seed)
        before = world.indexed
        world.replace(FINAL_DEPTH + 10)
        with pytest.raises(AssertionError, match=r"stopped: .*rewind"):
            await world.follow(AFTER + 30)
        point = world.store.kinds[CHECKPOINT][CONTRACT]
        assert point["state"] == "stopped" and "rewind" in point["stop_reason"]
        assert point["block"] == before, "nothing of the other chain is mixed into the index"

    asyncio.run(history())
