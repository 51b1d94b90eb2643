"""Scenario 24: the contract's start block is set too late, or before its deployment, or changed:
the setting is named, no node is accused."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from chain.follow.backfill import Backfill, RangeSizer
from chain.follow.follower import Follower
from chain.hexes import hex_data
from chain.identity import FIRST_ROOM_CALL, WrongChain
from chain.rpc.errors import LogRangeTooLarge
from chain.rpc.node_health import NodeState
from chain.rpc.pool import NodePool, PooledNode
from common.settings import ContractRef, Finality
from indexer.chain_sync import ChainSync, DoubtfulStart
from indexer.checkpoint import Origin
from indexer.documents import CHECKPOINT, EVENTS, Checkpoint
from indexer.origin import changed_start, check_chain, left_over, read_origin
from indexer.store import UnreadableIndex
from tests.support.indexer.memory_store import MemoryStore
from tests.support.indexer.random_transactions import CHAIN_ID, CONTRACT
from tests.support.indexer.simulated_chain import IndexChain
from tests.support.indexer.simulation import IndexSimClock
from tests.support.simchain.node import FaultyNode

DEPLOYED = 30


class WithoutFirstLogs(FaultyNode):
    """A node that does not show logs up to some block: refuses them, or has none."""

    hidden_to = -1
    refuses = True

    def _answer(self, method: str, params: Sequence[Any]) -> Any:
        if method == "eth_call" and params[0]["data"] == hex_data(FIRST_ROOM_CALL):
            return "0x" + (1).to_bytes(32).hex()
        return super()._answer(method, params)

    def _logs(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        if "blockHash" not in query:
            first, last = int(query["fromBlock"], 16), int(query["toBlock"], 16)
            if self.refuses and first <= self.hidden_to and last > first:
                raise LogRangeTooLarge(-32005, "history was pruned", endpoint=self.name)
        logs = super()._logs(query)
        return [log for log in logs if int(log["blockNumber"], 16) > self.hidden_to]


class StartScene:
    """A contract in block `DEPLOYED` with an event in every fourth block, and its index."""

    def __init__(self, blocks: int = 60, nodes: int = 1, depth: int = 200) -> None:
        self.chain = IndexChain(Random(5))
        for _ in range(DEPLOYED):
            self.chain.mine()
        self.chain.mine(deploy=True)
        while self.chain.top.number < blocks:
            self.chain.mine(int(len(self.chain.blocks) % 4 == 0))
        self.nodes = [WithoutFirstLogs(self.chain, f"n{i}", Random(1)) for i in range(nodes)]
        self.clock, self.store = IndexSimClock(), MemoryStore()
        endpoints = [PooledNode(node.name, node) for node in self.nodes]
        self.pool = NodePool(endpoints, self.clock, Random(1))
        self.sync = ChainSync(
            self.store,
            self.pool,
            Follower(self.pool, CONTRACT, Finality("depth", depth)),
            Backfill(self.pool, CONTRACT, self.clock, sizer=RangeSizer(size=10)),
            self.clock,
        )

    def origin(self, start: int) -> Origin:
        return Origin(CONTRACT, CHAIN_ID, start, self.chain.blocks[start].parent, 1)

    async def index(self, start: int) -> None:
        await self.sync.open(self.origin(start))
        async with asyncio.timeout(5):
            await self.sync.catch_up()

    @property
    def point(self) -> Any:
        return self.store.kinds[CHECKPOINT].get(CONTRACT)

    def assert_complete(self, start: int) -> None:
        state = self.chain.top.state
        assert (self.point["block_hash"], self.point["seq"], self.point["start_block"]) == (
            self.chain.top.hash, state.count, start,
        )  # fmt: skip
        assert len(self.store.kinds[EVENTS]) == state.count

    def assert_nobody_accused(self) -> None:
        health = self.pool.health()
        assert {node.state for node in health} == {NodeState.HEALTHY}, health
        assert [node.errors for node in health] == [0] * len(health)


BACKLOG = {"near_the_head": (60, 200), "backlog": (190, 20)}


@pytest.mark.parametrize(("blocks", "depth"), BACKLOG.values(), ids=BACKLOG)
@pytest.mark.parametrize("blooms", [True, False], ids=["blooms", "none"])
@pytest.mark.parametrize("keeps", [10_000, 40], ids=["archive", "pruned"])
def test_scenario_24__start_before_the_deployment__indexed_and_nobody_accused(
    blocks: int, depth: int, blooms: bool, keeps: int
) -> None:
    scene = StartScene(blocks, depth=depth)
    if not blooms:
        for node in scene.nodes:
            node.traits = type(node.traits)(blooms="zero")
    scene.nodes[0].faults.keeps = keeps
    asyncio.run(scene.index(1))
    scene.assert_complete(1)
    scene.assert_nobody_accused()


def test_scenario_24__watched_from_before_the_deployment__indexed_as_it_comes() -> None:
    """Block by block, compared at rest while there is no contract yet."""
    scene = StartScene(DEPLOYED + 8)
    (node,) = scene.nodes
    node.traits = type(node.traits)(blooms="absent")

    async def story() -> None:
        for head in range(DEPLOYED - 3, scene.chain.top.number):
            node.faults.frozen_at = head
            await scene.index(5)
            scene.clock.elapsed += 100  # the comparison is due again
        node.faults.frozen_at = None
        await scene.index(5)

    asyncio.run(story())
    scene.assert_complete(5)
    scene.assert_nobody_accused()


@pytest.mark.parametrize("nodes", [1, 2])
def test_scenario_24__start_too_late_and_no_old_state__named_with_the_right_one(
    nodes: int,
) -> None:
    scene = StartScene(190, nodes=nodes, depth=20)
    for node in scene.nodes:
        node.faults.keeps = 40
    with pytest.raises(WrongChain) as late:
        asyncio.run(scene.index(80))
    assert f"the start block of {CONTRACT} is 80, which is too late" in late.value.found
    assert late.value.fix == f"correct it in CONTRACTS to {CONTRACT}@{DEPLOYED}"
    assert scene.point["seq"] == 0
    scene.assert_nobody_accused()


def test_scenario_24__start_too_late_and_known_before_anything_is_written__named() -> None:
    scene = StartScene()
    with pytest.raises(WrongChain, match=f"correct it in CONTRACTS to {CONTRACT}@{DEPLOYED}"):
        asyncio.run(read_origin(scene.pool, CHAIN_ID, ContractRef(CONTRACT, 41)))
    scene.assert_nobody_accused()


@pytest.mark.parametrize("nodes", [1, 2])
@pytest.mark.parametrize(("blocks", "depth"), BACKLOG.values(), ids=BACKLOG)
def test_scenario_24__start_too_late_and_no_node_shows_earlier_events__said_and_nobody_accused(
    nodes: int, blocks: int, depth: int
) -> None:
    scene = StartScene(blocks, nodes=nodes, depth=depth)
    for node in scene.nodes:
        node.faults.keeps, node.hidden_to = 10, 40
    with pytest.raises(DoubtfulStart) as doubt:
        asyncio.run(scene.index(41))
    first = scene.chain.blocks[40].state.count + 1
    assert f"the first event of {CONTRACT} that the nodes show is number {first}" in str(
        doubt.value
    )
    assert "start block 41 in CONTRACTS is too late" in str(doubt.value)
    assert scene.point["seq"] == 0
    assert {node.state for node in scene.pool.health()} == {NodeState.HEALTHY}
    for node in scene.nodes:
        node.hidden_to = -1
    with pytest.raises(WrongChain, match=f"{CONTRACT}@{DEPLOYED}"):
        asyncio.run(scene.index(41))


def test_scenario_24__one_node_has_no_old_logs__the_other_is_asked() -> None:
    scene = StartScene(190, nodes=2, depth=20)
    for node in scene.nodes:
        node.faults.keeps = 40
    scene.nodes[0].hidden_to, scene.nodes[0].refuses = 50, False
    asyncio.run(scene.index(DEPLOYED))
    scene.assert_complete(DEPLOYED)


@pytest.mark.parametrize("start", [1, DEPLOYED])
def test_scenario_24__start_corrected__an_index_without_events_begins_anew(start: int) -> None:
    scene = StartScene(190, depth=20)
    scene.nodes[0].faults.keeps = 40
    with pytest.raises(WrongChain):
        asyncio.run(scene.index(80))
    asyncio.run(scene.index(start))
    scene.assert_complete(start)
    scene.assert_nobody_accused()


@pytest.mark.parametrize("start", [1, 50])
def test_scenario_24__start_changed_on_an_index_with_events__noticed_and_nothing_lost(
    start: int,
) -> None:
    scene = StartScene()
    asyncio.run(scene.index(DEPLOYED))
    told = changed_start(scene.point, ContractRef(CONTRACT, start))
    assert told is not None
    assert f"CONTRACTS names start block {start}, the index began at {DEPLOYED}" in told
    assert "python -m indexer rebuild" in told
    ref = ContractRef(CONTRACT, start)
    asyncio.run(read_origin(scene.pool, CHAIN_ID, ref, indexed=True))
    asyncio.run(scene.index(start))
    scene.assert_complete(DEPLOYED)


def stored(**fields: Any) -> Checkpoint:
    point: Any = {"_id": CONTRACT, "chain_id": 31337, "start_block": 5, "seq": 3, **fields}
    return point  # type: ignore[no-any-return]


def test_changed_start__the_same_or_nothing_indexed__nothing_to_say() -> None:
    assert changed_start(stored(), ContractRef(CONTRACT, 5)) is None
    assert changed_start(stored(seq=0), ContractRef(CONTRACT, 6)) is None


def test_index__of_another_chain__is_not_touched_and_says_what_to_do() -> None:
    check_chain(stored(), 31337)
    with pytest.raises(UnreadableIndex, match="belongs to chain 31337, CHAIN_ID is 1: correct"):
        check_chain(stored(), 1)


def test_contracts__one_no_longer_named__told() -> None:
    refs = [ContractRef(CONTRACT, 5), ContractRef("0x" + "22" * 20, 9)]
    assert left_over([CONTRACT], refs) is None
    told = left_over([CONTRACT, "0xdd", "0xcc"], refs)
    assert told is not None
    assert told.startswith("the index also holds 0xcc, 0xdd, which CONTRACTS does not name")
    assert "python -m indexer rebuild" in told
