"""Headers and logs of one node: what does not fit together is refused."""

from __future__ import annotations

import pytest

from chain.follow.fetch import Inconsistent, check_logs, fetch_range, fetch_recent
from chain.header import Header, make_bloom
from tests.support.follow_scene import FollowScene
from tests.support.indexer.random_transactions import CONTRACT


@pytest.mark.parametrize(
    ("lie", "says"),
    [("twice", "twice"), ("hash", "another block hash"), ("contract", "another contract")],
)
async def test_fetch_recent__answers_that_do_not_fit__are_refused(lie: str, says: str) -> None:
    scene = FollowScene()
    block = scene.chain.mine(4)
    step = await scene.look()
    scene.node.faults.lie, scene.node.faults.lies = lie, 1
    with pytest.raises(Inconsistent, match=says):
        await fetch_recent(scene.node, CONTRACT, list(step.blocks.headers), must_prove=True)
    assert block.logs


async def test_fetch_range__a_node_that_is_behind__cannot_pass_for_a_quiet_range() -> None:
    scene = FollowScene()
    scene.node.faults.lag = 5
    with pytest.raises(Inconsistent, match="has no block"):
        await fetch_range(scene.node, CONTRACT, 1, 60, with_history=False)


async def test_fetch_range__a_node_without_old_state__logs_without_proof() -> None:
    scene = FollowScene()
    scene.node.faults.keeps = 3
    fetched = await fetch_range(scene.node, CONTRACT, 1, 40, with_history=True)
    assert fetched.history is None
    assert fetched.logs


@pytest.mark.parametrize("topics", [["0x" + "aa" * 32], ["0x" + "bb" * 32, "0x" + "aa" * 32]])
def test_check_logs__a_topic_that_the_bloom_excludes__is_no_log_of_that_block(
    topics: list[str],
) -> None:
    known = "0x" + "bb" * 32
    digest = "0x" + "01" * 32
    header = Header(7, digest, "0x" + "02" * 32, 1, make_bloom([CONTRACT, known]))
    logs = [
        {"blockNumber": "0x7", "blockHash": digest, "address": CONTRACT, "logIndex": hex(n),
         "topics": [topic]}
        for n, topic in enumerate(topics)
    ]  # fmt: skip
    with pytest.raises(Inconsistent, match="the bloom of block 7 excludes its log"):
        check_logs(logs, {7: header}, CONTRACT, "n")
    fitting = [log for log in logs if log["topics"] == [known]]
    assert check_logs(fitting, {7: header}, CONTRACT, "n") == fitting
