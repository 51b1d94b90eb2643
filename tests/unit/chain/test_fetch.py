"""Headers and logs of one node: what does not fit together is refused."""

from __future__ import annotations

from typing import Any

import pytest

from chain.follow.fetch import Inconsistent, check_logs, fetch_range, fetch_recent
from chain.header import Header, make_bloom, parse_header
from tests.support.follow_scene import FollowScene
from tests.support.indexer.random_transactions import CONTRACT
from tests.support.simchain.node import NodeTraits
from tests.support.simchain.tree import header_of


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


KNOWN, DIGEST = "0x" + "bb" * 32, "0x" + "01" * 32


def logs_with(topics: list[str], *places: tuple[int, int]) -> list[dict[str, Any]]:
    """Logs of block 7; `places`: index within the transaction's logs, and the transaction's."""
    return [
        {"blockNumber": "0x7", "blockHash": DIGEST, "address": CONTRACT, "topics": [topic],
         "logIndex": hex(index), "transactionIndex": hex(transaction)}
        for topic, (index, transaction) in zip(topics, places, strict=True)
    ]  # fmt: skip


def header_of_seven(bloom: str | None) -> dict[int, Header]:
    return {7: Header(7, DIGEST, "0x" + "02" * 32, 1, bloom)}


@pytest.mark.parametrize("topics", [["0x" + "aa" * 32, KNOWN], [KNOWN, "0x" + "aa" * 32]])
def test_check_logs__a_topic_that_the_bloom_excludes__is_told_beside_the_logs(
    topics: list[str],
) -> None:
    headers = header_of_seven(make_bloom([CONTRACT, KNOWN]))
    logs = logs_with(topics, (0, 0), (1, 0))
    assert check_logs(logs, headers, CONTRACT, "n") == (logs, 7)
    fitting = [log for log in logs if log["topics"] == [KNOWN]]
    assert check_logs(fitting, headers, CONTRACT, "n") == (fitting, None)


@pytest.mark.parametrize("bloom", [None, "0x", "0x" + "00" * 256, "0x00"])
def test_check_logs__a_bloom_that_says_nothing__denies_nothing(bloom: str | None) -> None:
    logs = logs_with([KNOWN], (0, 0))
    assert check_logs(logs, header_of_seven(bloom), CONTRACT, "n") == (logs, None)


def test_check_logs__counted_anew_in_each_transaction__in_order() -> None:
    logs = logs_with([KNOWN] * 4, (0, 2), (1, 2), (0, 5), (0, 6))
    assert check_logs(logs, header_of_seven(None), CONTRACT, "n").logs == logs


@pytest.mark.parametrize(
    "places",
    [((1, 2), (0, 2)), ((1, 2), (1, 2)), ((0, 3), (0, 2)), ((5, 3), (4, 1))],
    ids=["swapped", "twice", "transactions_swapped", "both_swapped"],
)
def test_check_logs__out_of_order__refused(places: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(Inconsistent, match="not in order"):
        check_logs(logs_with([KNOWN] * 2, *places), header_of_seven(None), CONTRACT, "n")


@pytest.mark.parametrize("bloom", ["wrong", "zero", "absent"])
async def test_fetch__wrong_blooms__the_logs_and_their_proof_all_the_same(bloom: str) -> None:
    scene = FollowScene()
    block = scene.chain.mine(4)
    scene.node.traits = NodeTraits(blooms=bloom)
    headers = [parse_header(header_of(block))]
    asked = await fetch_recent(scene.node, CONTRACT, headers, must_prove=True, blooms=False)
    ranged = await fetch_range(scene.node, CONTRACT, 1, block.number, with_history=True)
    assert (len(asked.logs), asked.denied) == (len(block.logs), None), "its header is true here"
    assert ranged.history == asked.history
    assert (ranged.denied is not None) == (bloom == "wrong")
    assert not ranged.unasked
