"""The index waits where too much is not final, says so, and goes on by itself."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from chain.finality import MOST_UNFINAL
from chain.follow.backfill import Backfill
from chain.follow.follower import Follower
from chain.head_age import HeadAge
from common.settings import Finality
from indexer.chain_sync import ChainSync, TooMuchUnfinal
from indexer.checkpoint import Origin
from indexer.documents import CHECKPOINT
from indexer.readiness import ContractStatus, IndexerStatus
from tests.support.indexer.memory_store import MemoryStore
from tests.support.indexer.random_transactions import CHAIN_ID, CONTRACT
from tests.support.indexer.simulated_chain import IndexChain
from tests.support.indexer.simulation import IndexSimClock
from tests.support.simchain.node import FaultyNode
from tests.support.simchain.tree import header_of

NO_HEAD = HeadAge(lambda: 0.0, 15)


class FinalityScene:
    """A contract in block 1, a chain beyond what may be read before it is final, nothing final."""

    def __init__(self, blocks: int) -> None:
        self.chain = IndexChain(Random(3))
        self.chain.mine()
        start = self.chain.mine(deploy=True)
        for n in range(blocks):
            self.chain.mine(int(n % 50 == 0))
        self.final: int | None = None
        self.node = FaultyNode(self.chain, "n", Random(1))
        self.asked: list[tuple[str, Any]] = []
        self._answer = self.node._answer
        self.node._answer = self.answer  # type: ignore[method-assign]
        self.store = MemoryStore()
        self.item = ContractStatus(CONTRACT)
        nodes: Any = self
        follower = Follower(
            nodes, CONTRACT, Finality("finalized"), saw_final=self.item.saw_final
        )  # fmt: skip
        clock = IndexSimClock()
        self.sync = ChainSync(
            self.store, nodes, follower, Backfill(nodes, CONTRACT, clock), clock,
            show=self.item.show,
        )  # fmt: skip
        self.origin = Origin(CONTRACT, CHAIN_ID, start.number, start.parent, 1)

    def answer(self, method: str, params: Any) -> Any:
        self.asked.append((method, params[0]))
        if params[0] == "finalized":
            return None if self.final is None else header_of(self.chain.blocks[self.final])
        return self._answer(method, params)

    def pick(self) -> FaultyNode:
        return self.node

    def other_than(self, name: str) -> None:
        return None

    def observe_head(self, name: str, number: int, timestamp: int) -> None: ...

    def readiness(self) -> tuple[bool, str]:
        ready = IndexerStatus(lambda: 0.0, list, NO_HEAD, [self.item], waiting_for=None).readiness()
        return ready.ready, " ".join(ready.reasons)


async def test_catch_up__too_much_is_not_final__waits_names_the_setting_and_goes_on() -> None:
    scene = FinalityScene(MOST_UNFINAL + 500)
    status = IndexerStatus(lambda: 0.0, list, NO_HEAD, [scene.item], waiting_for=None)
    await scene.sync.open(scene.origin)
    with pytest.raises(TooMuchUnfinal, match=r"nothing is final yet.*FINALITY=depth:N") as caught:
        await scene.sync.catch_up()
    status.waits(scene.item, str(caught.value))
    assert scene.asked == [
        ("eth_getBlockByNumber", "latest"), ("eth_getBlockByNumber", "finalized"),
    ]  # fmt: skip
    point = scene.store.kinds[CHECKPOINT][CONTRACT]
    assert (point["state"], point["block"], point["head"]["block"]) == ("syncing", 0, 2501)
    ready, why = scene.readiness()
    assert not ready
    assert "FINALITY=depth:N" in why

    scene.final = 100
    with pytest.raises(TooMuchUnfinal, match="after block 100 are not final"):
        await scene.sync.catch_up()
    assert scene.store.kinds[CHECKPOINT][CONTRACT]["block"] == 100, "what is final is read"

    scene.final = 600
    await scene.sync.catch_up()
    status.note(scene.item)
    point = scene.store.kinds[CHECKPOINT][CONTRACT]
    assert (point["block_hash"], point["state"]) == (scene.chain.top.hash, "following")
    assert scene.readiness() == (True, "")


async def test_catch_up__nothing_is_final__reads_to_the_head_and_says_so() -> None:
    scene = FinalityScene(50)
    await scene.sync.open(scene.origin)
    await scene.sync.catch_up()
    assert scene.store.kinds[CHECKPOINT][CONTRACT]["block_hash"] == scene.chain.top.hash
    assert scene.readiness() == (
        True, f"{CONTRACT}: nothing is final yet (FINALITY) (does not affect readiness)",
    )  # fmt: skip
    scene.final = 20
    await scene.sync.catch_up()
    assert scene.readiness() == (True, "")
