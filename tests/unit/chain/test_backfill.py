"""Wide ranges: their sizes, and every block once, on a simulated chain."""

from __future__ import annotations

from typing import Any

import pytest

from chain.follow.backfill import LARGEST, Backfill, RangeSizer
from chain.rpc.errors import (
    BadResponse,
    HttpStatusError,
    JsonRpcError,
    LogRangeTooLarge,
    RpcError,
    RpcTimeout,
)
from tests.support.follow_scene import FollowScene
from tests.support.index_world import SimClock
from tests.support.sim_contract import CONTRACT


def test_range_sizer__sparse_then_dense__aims_at_its_target() -> None:
    sizer = RangeSizer(target=1000, size=100)
    for _ in range(4):
        sizer.answered(sizer.size, 0)
    assert sizer.size == 100 * 4**4
    sizer.answered(1000, 100_000)
    assert sizer.size == 10


@pytest.mark.parametrize(
    ("most", "suggested", "size"), [(50, None, 50), (None, (10, 29), 20), (None, None, 500)]
)
def test_range_sizer__refused__asks_for_what_the_node_takes(
    most: int | None, suggested: tuple[int, int] | None, size: int
) -> None:
    sizer = RangeSizer(size=1000)
    sizer.refused(1000, most, suggested)
    assert sizer.size == size


def test_range_sizer__a_refusal_long_ago__is_forgiven() -> None:
    sizer = RangeSizer(size=1000)
    sizer.refused(1000, 100, None)
    for _ in range(49):
        sizer.answered(sizer.size, 1)
    assert sizer.size == 100
    for _ in range(2):
        sizer.answered(sizer.size, 1)
    assert sizer.size == 200
    assert sizer.cap <= LARGEST


async def _read(scene: FollowScene, sizer: RangeSizer) -> list[int]:
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
    scene = FollowScene(blocks=200)
    scene.node.faults.most_blocks = most_blocks
    assert await _read(scene, RangeSizer(target=10, size=64)) == list(range(1, 201))


async def test_backfill__passing_faults__are_tried_again() -> None:
    scene = FollowScene(blocks=100)
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
    scene = FollowScene(blocks=100)
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
    scene = FollowScene(blocks=20)

    async def silent(calls: Any) -> Any:
        raise RpcTimeout("no answer", endpoint="n")

    scene.node.batch = silent  # type: ignore[method-assign]
    with pytest.raises(RpcTimeout):
        await _read(scene, RangeSizer())


async def test_backfill__even_one_block_is_too_much__says_so() -> None:
    scene = FollowScene(blocks=20)
    scene.node.faults.most_blocks = 0
    with pytest.raises(LogRangeTooLarge):
        await _read(scene, RangeSizer())
