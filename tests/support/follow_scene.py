"""A simulated chain, its one node, and a follower's window over its last blocks."""

from __future__ import annotations

from random import Random
from typing import Any

from chain.follow.follower import Follower
from chain.follow.window import BlockPosition, Window
from common.settings import Finality
from tests.support.index_chain import IndexChain
from tests.support.sim_contract import CONTRACT
from tests.support.simchain.node import FaultyNode


class OneNode:
    """A choice of one."""

    def __init__(self, node: FaultyNode) -> None:
        self.node = node
        self.heads: list[int] = []

    def pick(self) -> FaultyNode:
        return self.node

    def other_than(self, name: str) -> None:
        return None

    def quarantine(self, name: str, reason: str, seconds: float | None = None) -> None:
        raise AssertionError("nobody lied")

    def observe_head(self, name: str, number: int, timestamp: int) -> None:
        self.heads.append(number)


class FollowScene:
    """A chain of `blocks` blocks, and a window that holds the last `known` of them."""

    def __init__(self, blocks: int = 60, known: int = 10) -> None:
        self.chain = IndexChain(Random(5))
        self.chain.mine(deploy=True)
        for n in range(blocks):
            self.chain.mine(n % 2)
        self.node = FaultyNode(self.chain, "n", Random(1))
        self.nodes = OneNode(self.node)
        self.follower = Follower(self.nodes, CONTRACT, Finality("depth", 40))
        self.window = Window(self.position(n) for n in range(blocks - known + 1, blocks + 1))

    def position(self, number: int) -> BlockPosition:
        block = self.chain.blocks[number]
        return BlockPosition(number, block.hash, block.state.count, block.state.digest)

    async def look(self) -> Any:
        return await self.follower.look(self.window, -1)
