"""The follower's named cases, and wide ranges, on a simulated chain."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from chain.finality import MOST_UNFINAL, final_number
from chain.follow import bloom
from chain.follow.backfill import Backfill
from chain.follow.blocks import Header, parse_header
from chain.follow.bloom import excludes
from chain.follow.fetch import Inconsistent, check_logs, near, wide
from chain.follow.follower import Backlog, Deep, Extension, Follower, Fork, Nothing, Unfinal
from chain.follow.ranges import RangeSizer
from chain.follow.window import Position, Window
from chain.rpc.errors import (
    BadResponse,
    HttpStatusError,
    JsonRpcError,
    LogRangeTooLarge,
    RpcError,
    RpcTimeout,
)
from common.settings import Finality
from tests.support.index_chain import IndexChain
from tests.support.index_world import SimClock
from tests.support.sim_contract import CONTRACT
from tests.support.simchain.node import FaultyNode
from tests.support.simchain.tree import header_of


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


class Scene:
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

    def position(self, number: int) -> Position:
        block = self.chain.blocks[number]
        return Position(number, block.hash, block.state.count, block.state.digest)

    async def look(self) -> Any:
        return await self.follower.look(self.window, -1)


def announcing(scene: Scene, *blocks: Any) -> list[str]:
    """The node announces these, one at a time; the methods that are asked from now on."""
    told = [parse_header(header_of(block)) for block in blocks]
    asked: list[str] = []
    answer = scene.node._answer

    def noted(method: str, params: Any) -> Any:
        asked.append(method)
        return answer(method, params)

    scene.node._answer = noted  # type: ignore[method-assign]
    scene.follower = Follower(
        scene.nodes, CONTRACT, Finality("depth", 40),
        take_announced=lambda _: told.pop(0) if told else None,
    )  # fmt: skip
    return asked


async def test_look__the_head_is_known__nothing() -> None:
    scene = Scene()
    step = await scene.look()
    assert isinstance(step, Nothing)
    assert (step.head.number, step.final) == (60, 20)
    assert scene.nodes.heads == [60]


async def test_look__one_block_more__that_block_with_its_logs_and_history() -> None:
    scene = Scene()
    block = scene.chain.mine(3)
    step = await scene.look()
    assert isinstance(step, Extension)
    assert [header.hash for header in step.blocks.headers] == [block.hash]
    assert [log["data"] for log in step.blocks.logs] == [log["data"] for log in block.logs]
    assert step.blocks.history is not None
    assert step.blocks.history.hash == block.state.digest


async def test_look__a_block_whose_bloom_excludes_us__no_logs_are_asked_for() -> None:
    scene = Scene()
    while not excludes(scene.chain.mine(0).bloom, CONTRACT):
        scene.window.push(scene.position(scene.chain.top.number))
    asked = announcing(scene)
    step = await scene.look()
    assert isinstance(step, Extension)
    assert step.blocks.silent
    assert asked == ["eth_getBlockByNumber"]
    assert step.blocks.history is None


async def test_look__the_announced_block_follows_the_tip__the_head_is_not_asked_for() -> None:
    scene = Scene()
    block = scene.chain.mine(3)
    asked = announcing(scene, block)
    step = await scene.look()
    assert isinstance(step, Extension)
    assert [header.hash for header in step.blocks.headers] == [block.hash]
    assert step.blocks.history is not None
    assert "eth_getBlockByNumber" not in asked


async def test_look__the_announced_block_does_not_follow__the_head_is_asked_for() -> None:
    scene = Scene()
    first, second = scene.chain.mine(1), scene.chain.mine(1)
    asked = announcing(scene, second)
    step = await scene.look()
    assert isinstance(step, Extension)
    assert [header.hash for header in step.blocks.headers] == [first.hash, second.hash]
    assert asked[0] == "eth_getBlockByNumber"


async def test_look__the_announced_block_was_orphaned__the_next_look_asks() -> None:
    scene = Scene()
    orphan = scene.chain.mine(3)
    scene.chain.undo(1)
    block = scene.chain.mine(2)
    announcing(scene, orphan)
    with pytest.raises(RpcError):
        await scene.look()
    step = await scene.look()
    assert isinstance(step, Extension)
    assert [header.hash for header in step.blocks.headers] == [block.hash]


async def test_look__several_blocks_more__a_linked_batch() -> None:
    scene = Scene()
    for _ in range(5):
        scene.chain.mine(1)
    step = await scene.look()
    assert isinstance(step, Extension)
    assert [header.number for header in step.blocks.headers] == [61, 62, 63, 64, 65]


async def test_look__very_many_final_blocks__a_backlog() -> None:
    scene = Scene()
    for _ in range(300):
        scene.chain.mine()
    step = await scene.look()
    assert step == Backlog(61, 320, step.head)


@pytest.mark.parametrize("depth", [1, 4, 9])
async def test_look__a_reorg__the_last_common_block(depth: int) -> None:
    scene = Scene()
    scene.chain.undo(depth)
    for _ in range(depth + 1):
        scene.chain.mine()
    step = await scene.look()
    assert isinstance(step, Fork)
    assert step.ancestor == scene.position(60 - depth)


async def test_look__a_reorg_to_the_same_height__is_seen() -> None:
    scene = Scene()
    scene.chain.undo(1)
    scene.chain.mine()
    assert isinstance(await scene.look(), Fork)


async def test_look__a_reorg_below_the_window__deep() -> None:
    scene = Scene()
    scene.chain.undo(30)
    for _ in range(31):
        scene.chain.mine()
    assert isinstance(await scene.look(), Deep)


@pytest.mark.parametrize("lag", [1, 9, 30])
async def test_look__a_node_that_is_behind__nothing(lag: int) -> None:
    scene = Scene()
    scene.node.faults.lag = lag
    step = await scene.look()
    assert isinstance(step, Nothing)
    assert step.head.number == 60 - lag


async def test_look__a_reorg_between_header_and_logs__inconsistent_or_another_error() -> None:
    scene = Scene()
    scene.chain.mine(2)
    scene.node.faults.lie, scene.node.faults.lies = "hash", 1
    with pytest.raises(Inconsistent, match="another block hash"):
        await scene.look()


def test_parse_header__a_bloom_that_is_no_text__is_a_bad_answer() -> None:
    block = {"number": "0x1", "hash": "0x" + "1" * 64, "parentHash": "0x" + "2" * 64}
    with pytest.raises(BadResponse):
        parse_header({**block, "timestamp": "0x1", "logsBloom": 7})


@pytest.mark.parametrize(
    ("lie", "says"),
    [("twice", "twice"), ("hash", "another block hash"), ("contract", "another contract")],
)
async def test_near__answers_that_do_not_fit__are_refused(lie: str, says: str) -> None:
    scene = Scene()
    block = scene.chain.mine(4)
    step = await scene.look()
    scene.node.faults.lie, scene.node.faults.lies = lie, 1
    with pytest.raises(Inconsistent, match=says):
        await near(scene.node, CONTRACT, list(step.blocks.headers), must_prove=True)
    assert block.logs


async def test_wide__a_node_that_is_behind__cannot_pass_for_a_quiet_range() -> None:
    scene = Scene()
    scene.node.faults.lag = 5
    with pytest.raises(Inconsistent, match="has no block"):
        await wide(scene.node, CONTRACT, 1, 60, with_history=False)


async def test_wide__a_node_without_old_state__logs_without_proof() -> None:
    scene = Scene()
    scene.node.faults.keeps = 3
    fetched = await wide(scene.node, CONTRACT, 1, 40, with_history=True)
    assert fetched.history is None
    assert fetched.logs


async def _read(scene: Scene, sizer: RangeSizer) -> list[int]:
    backfill = Backfill(scene.nodes, CONTRACT, SimClock(), sizer=sizer)
    seen: list[int] = []
    async for fetched in backfill.ranges(scene.position(0), scene.chain.top.number):
        assert fetched.first == (seen[-1] + 1 if seen else 1)
        seen += range(fetched.first, fetched.last.number + 1)
        for log in fetched.logs:
            assert fetched.first <= int(log["blockNumber"], 16) <= fetched.last.number
    return seen


@pytest.mark.parametrize("most_blocks", [1, 7, 1000])
async def test_backfill__a_node_with_a_limit__every_block_once_and_in_order(
    most_blocks: int,
) -> None:
    scene = Scene(blocks=200)
    scene.node.faults.most_blocks = most_blocks
    assert await _read(scene, RangeSizer(target=10, size=64)) == list(range(1, 201))


async def test_backfill__passing_faults__are_tried_again() -> None:
    scene = Scene(blocks=100)
    scene.node.faults.error = 0.2
    assert await _read(scene, RangeSizer(size=16)) == list(range(1, 101))


@pytest.mark.parametrize(
    "refusal",
    [
        JsonRpcError(-32000, "words that nobody has seen", endpoint="n"),
        HttpStatusError(502, endpoint="n"),
        BadResponse("the answer is not JSON", endpoint="n"),
        RpcTimeout("no answer", endpoint="n"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_backfill__wide_ranges_fail_for_an_unknown_reason__smaller_ones_are_tried(
    refusal: RpcError,
) -> None:
    scene = Scene(blocks=100)
    ask = scene.node.batch

    async def touchy(calls: Any) -> Any:
        for method, params in calls:
            if method == "eth_getLogs":
                first, last = (int(params[0][end], 16) for end in ("fromBlock", "toBlock"))
                if last - first >= 8:
                    raise refusal
        return await ask(calls)

    scene.node.batch = touchy  # type: ignore[method-assign]
    assert await _read(scene, RangeSizer(size=64)) == list(range(1, 101))


async def test_backfill__a_node_that_never_answers__gives_up() -> None:
    scene = Scene(blocks=20)

    async def silent(calls: Any) -> Any:
        raise RpcTimeout("no answer", endpoint="n")

    scene.node.batch = silent  # type: ignore[method-assign]
    with pytest.raises(RpcTimeout):
        await _read(scene, RangeSizer())


async def test_backfill__even_one_block_is_too_much__says_so() -> None:
    scene = Scene(blocks=20)
    scene.node.faults.most_blocks = 0
    with pytest.raises(LogRangeTooLarge):
        await _read(scene, RangeSizer())


async def test_final_number__each_setting__of_a_node_with_tags() -> None:
    scene = Scene()
    assert await final_number(scene.node, 60, Finality("finalized")) == 20
    assert await final_number(scene.node, 60, Finality("depth", 12)) == 48
    assert await final_number(scene.node, 5, Finality("depth", 12)) == -1


def finalizing(scene: Scene, final: int | None) -> list[str]:
    """The node calls this block final (None: nothing); the methods that are asked from now on."""
    asked: list[str] = []
    answer = scene.node._answer

    def noted(method: str, params: Any) -> Any:
        asked.append(method)
        if params[0] == "finalized":
            return None if final is None else header_of(scene.chain.blocks[final])
        return answer(method, params)

    scene.node._answer = noted  # type: ignore[method-assign]
    scene.follower = Follower(scene.nodes, CONTRACT, Finality("finalized"))
    return asked


@pytest.mark.parametrize("final", [None, 30, 60])
async def test_look__too_many_blocks_are_not_final__none_of_them_is_fetched(
    final: int | None,
) -> None:
    scene = Scene()
    for _ in range(MOST_UNFINAL + 1):
        scene.chain.mine()
    asked = finalizing(scene, final)
    step = await scene.look()
    assert isinstance(step, Unfinal)
    assert (step.head.number, step.final) == (60 + MOST_UNFINAL + 1, -1 if final is None else final)
    assert asked == ["eth_getBlockByNumber"] * 2, "the head and the final block, no more"


async def test_look__as_many_as_may_be_are_not_final__read_one_by_one() -> None:
    scene = Scene()
    for _ in range(MOST_UNFINAL):
        scene.chain.mine()
    finalizing(scene, None)
    step = await scene.look()
    assert isinstance(step, Extension)
    assert step.blocks.first == 61


async def test_look__few_final_blocks_below_too_many_that_are_not__those_few_are_a_backlog() -> (
    None
):
    scene = Scene()
    for _ in range(MOST_UNFINAL + 10):
        scene.chain.mine()
    finalizing(scene, 63)
    step = await scene.look()
    assert isinstance(step, Backlog)
    assert (step.first, step.last) == (61, 63)


async def test_look__finality__what_the_node_calls_final_is_told_as_it_is() -> None:
    scene = Scene()
    finalizing(scene, None)
    told: list[int] = []
    follower = Follower(scene.nodes, CONTRACT, Finality("finalized"), saw_final=told.append)
    step = await follower.look(scene.window, 12)
    assert isinstance(step, Nothing)
    assert step.final == 12, "finality never goes back"
    assert told == [-1]


@pytest.mark.parametrize("topics", [["0x" + "aa" * 32], ["0x" + "bb" * 32, "0x" + "aa" * 32]])
def test_check_logs__a_topic_that_the_bloom_excludes__is_no_log_of_that_block(
    topics: list[str],
) -> None:
    known = "0x" + "bb" * 32
    digest = "0x" + "01" * 32
    header = Header(7, digest, "0x" + "02" * 32, 1, bloom.make([CONTRACT, known]))
    logs = [
        {"blockNumber": "0x7", "blockHash": digest, "address": CONTRACT, "logIndex": hex(n),
         "topics": [topic]}
        for n, topic in enumerate(topics)
    ]  # fmt: skip
    with pytest.raises(Inconsistent, match="the bloom of block 7 excludes its log"):
        check_logs(logs, {7: header}, CONTRACT, "n")
    fitting = [log for log in logs if log["topics"] == [known]]
    assert check_logs(fitting, {7: header}, CONTRACT, "n") == fitting
