"""The follower's named cases, on a simulated chain."""

from __future__ import annotations

from typing import Any

import pytest

from chain.finality import MOST_UNFINAL, final_number
from chain.follow.fetch import Inconsistent
from chain.follow.follower import Backlog, Deep, Extension, Follower, Fork, Nothing, Unfinal
from chain.header import bloom_excludes, parse_header
from chain.rpc.errors import RpcError
from common.settings import Finality
from tests.support.follow_scene import FollowScene
from tests.support.indexer.random_transactions import CONTRACT
from tests.support.simchain.tree import header_of


def announcing(scene: FollowScene, *blocks: Any) -> list[str]:
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
    scene = FollowScene()
    step = await scene.look()
    assert isinstance(step, Nothing)
    assert (step.head.number, step.final) == (60, 20)
    assert scene.nodes.heads == [60]


async def test_look__one_block_more__that_block_with_its_logs_and_history() -> None:
    scene = FollowScene()
    block = scene.chain.mine(3)
    step = await scene.look()
    assert isinstance(step, Extension)
    assert [header.hash for header in step.blocks.headers] == [block.hash]
    assert [log["data"] for log in step.blocks.logs] == [log["data"] for log in block.logs]
    assert step.blocks.history is not None
    assert step.blocks.history.hash == block.state.digest


async def test_look__a_block_whose_bloom_excludes_us__no_logs_are_asked_for() -> None:
    scene = FollowScene()
    while not bloom_excludes(scene.chain.mine(0).bloom, CONTRACT):
        scene.window.push(scene.position(scene.chain.top.number))
    asked = announcing(scene)
    step = await scene.look()
    assert isinstance(step, Extension)
    assert step.blocks.unasked
    assert asked == ["eth_getBlockByNumber"]
    assert step.blocks.history is None


async def test_look__blooms_are_not_believed__the_logs_are_asked_for() -> None:
    scene = FollowScene()
    while not bloom_excludes(scene.chain.mine(0).bloom, CONTRACT):
        scene.window.push(scene.position(scene.chain.top.number))
    step = await scene.follower.look(scene.window, -1, blooms=False)
    assert isinstance(step, Extension)
    assert not step.blocks.unasked
    assert step.blocks.history is not None


async def test_look__the_announced_block_follows_the_tip__the_head_is_not_asked_for() -> None:
    scene = FollowScene()
    block = scene.chain.mine(3)
    asked = announcing(scene, block)
    step = await scene.look()
    assert isinstance(step, Extension)
    assert [header.hash for header in step.blocks.headers] == [block.hash]
    assert step.blocks.history is not None
    assert "eth_getBlockByNumber" not in asked


async def test_look__the_announced_block_does_not_follow__the_head_is_asked_for() -> None:
    scene = FollowScene()
    first, second = scene.chain.mine(1), scene.chain.mine(1)
    asked = announcing(scene, second)
    step = await scene.look()
    assert isinstance(step, Extension)
    assert [header.hash for header in step.blocks.headers] == [first.hash, second.hash]
    assert asked[0] == "eth_getBlockByNumber"


async def test_look__the_announced_block_was_orphaned__the_next_look_asks() -> None:
    scene = FollowScene()
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
    scene = FollowScene()
    for _ in range(5):
        scene.chain.mine(1)
    step = await scene.look()
    assert isinstance(step, Extension)
    assert [header.number for header in step.blocks.headers] == [61, 62, 63, 64, 65]


async def test_look__very_many_final_blocks__a_backlog() -> None:
    scene = FollowScene()
    for _ in range(300):
        scene.chain.mine()
    step = await scene.look()
    assert step == Backlog(61, 320, step.head)


@pytest.mark.parametrize("depth", [1, 4, 9])
async def test_look__a_reorg__the_last_common_block(depth: int) -> None:
    scene = FollowScene()
    scene.chain.undo(depth)
    for _ in range(depth + 1):
        scene.chain.mine()
    step = await scene.look()
    assert isinstance(step, Fork)
    assert step.ancestor == scene.position(60 - depth)


async def test_look__a_reorg_to_the_same_height__is_seen() -> None:
    scene = FollowScene()
    scene.chain.undo(1)
    scene.chain.mine()
    assert isinstance(await scene.look(), Fork)


async def test_look__a_reorg_below_the_window__deep() -> None:
    scene = FollowScene()
    scene.chain.undo(30)
    for _ in range(31):
        scene.chain.mine()
    assert isinstance(await scene.look(), Deep)


@pytest.mark.parametrize("lag", [1, 9, 30])
async def test_look__a_node_that_is_behind__nothing(lag: int) -> None:
    scene = FollowScene()
    scene.node.faults.lag = lag
    step = await scene.look()
    assert isinstance(step, Nothing)
    assert step.head.number == 60 - lag


async def test_look__a_reorg_between_header_and_logs__inconsistent_or_another_error() -> None:
    scene = FollowScene()
    scene.chain.mine(2)
    scene.node.faults.lie, scene.node.faults.lies = "hash", 1
    with pytest.raises(Inconsistent, match="another block hash"):
        await scene.look()


async def test_final_number__each_setting__of_a_node_with_tags() -> None:
    scene = FollowScene()
    assert await final_number(scene.node, 60, Finality("finalized")) == 20
    assert await final_number(scene.node, 60, Finality("depth", 12)) == 48
    assert await final_number(scene.node, 5, Finality("depth", 12)) == -1


def finalizing(scene: FollowScene, final: int | None) -> list[str]:
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
    scene = FollowScene()
    for _ in range(MOST_UNFINAL + 1):
        scene.chain.mine()
    asked = finalizing(scene, final)
    step = await scene.look()
    assert isinstance(step, Unfinal)
    assert (step.head.number, step.final) == (60 + MOST_UNFINAL + 1, -1 if final is None else final)
    assert asked == ["eth_getBlockByNumber"] * 2, "the head and the final block, no more"


async def test_look__as_many_as_may_be_are_not_final__read_one_by_one() -> None:
    scene = FollowScene()
    for _ in range(MOST_UNFINAL):
        scene.chain.mine()
    finalizing(scene, None)
    step = await scene.look()
    assert isinstance(step, Extension)
    assert step.blocks.first == 61


async def test_look__few_final_blocks_below_too_many_that_are_not__those_few_are_a_backlog() -> (
    None
):
    scene = FollowScene()
    for _ in range(MOST_UNFINAL + 10):
        scene.chain.mine()
    finalizing(scene, 63)
    step = await scene.look()
    assert isinstance(step, Backlog)
    assert (step.first, step.last) == (61, 63)


async def test_look__finality__what_the_node_calls_final_is_told_as_it_is() -> None:
    scene = FollowScene()
    finalizing(scene, None)
    told: list[int] = []
    follower = Follower(scene.nodes, CONTRACT, Finality("finalized"), saw_final=told.append)
    step = await follower.look(scene.window, 12)
    assert isinstance(step, Nothing)
    assert step.final == 12, "finality never goes back"
    assert told == [-1]
