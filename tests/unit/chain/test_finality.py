"""What FINALITY means, whatever a node says."""

from __future__ import annotations

import random
from typing import Any

import pytest

from chain.finality import (
    MOST_UNFINAL,
    NOTHING_FINAL,
    UNCERTAIN_SECONDS,
    FinalityUnknown,
    check_finality,
    final_number,
    final_words,
    unfinal,
)
from chain.rpc.errors import (
    JsonRpcError,
    NodeBusy,
    NoEndpoint,
    RpcError,
    TransportError,
    classify_error,
)
from chain.rpc.node_health import NodeState
from chain.rpc.pool import NodePool, PooledNode
from common.settings import Finality
from common.settings.kinds import DEEPEST_FINALITY
from tests.support.manual_clock import ManualClock
from tests.support.nodes.scripted_rpc import ScriptedRpc

TAG = Finality("finalized")
UNKNOWN_TAG = JsonRpcError(-32602, "invalid argument 0: hex string without 0x prefix")


def block(number: int) -> dict[str, Any]:
    digests = {"hash": f"0x{number:064x}", "parentHash": f"0x{number + 1:064x}"}
    return {"number": hex(number), "timestamp": "0x1", **digests}


def node(answer: Any) -> ScriptedRpc:
    return ScriptedRpc(eth_getBlockByNumber=answer)


class TaggedPool:
    """A pool of nodes a, b, ... that answer so for the tag."""

    def __init__(self, *answers: Any) -> None:
        self.nodes = {name: node(answer) for name, answer in zip("abc", answers, strict=False)}
        endpoints = [PooledNode(name, rpc) for name, rpc in self.nodes.items()]
        self.pool = NodePool(endpoints, ManualClock(), random.Random(1))

    async def check(self) -> None:
        await check_finality(self.pool, TAG)

    def states(self) -> list[NodeState]:
        return [health.state for health in self.pool.health()]


async def test_final__a_tag__that_block() -> None:
    assert await final_number(node(block(20)), 60, TAG) == 20


async def test_final__the_tag_is_above_the_nodes_own_head__capped_at_the_head() -> None:
    assert await final_number(node(block(61)), 60, TAG) == 60


@pytest.mark.parametrize(
    ("head", "depth", "final"), [(60, 12, 48), (12, 12, 0), (11, 12, -1), (5, 1900, -1)]
)
async def test_final__a_depth__so_far_below_the_head_or_nothing(
    head: int, depth: int, final: int
) -> None:
    silent = ScriptedRpc()
    assert await final_number(silent, head, Finality("depth", depth)) == final
    assert silent.calls == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-32000, "finalized block not found"),  # geth
        (-32000, "safe block not found"),
        (-39001, "Unknown block"),  # besu, erigon
        (-39001, "whatever is written beside that code"),
        (-39001, 'block "finalized" not available (head block: 21459236)'),  # erigon since 2026
        (-32000, 'block "safe" not available (head block: 21459236)'),
        (-32001, "block not found: finalized"),  # reth
        (-32000, "finalized could not be found"),  # nethermind
        (-32602, "finalized block not found"),
        (-32000, "pending block is not available"),
    ],
)
async def test_final__no_such_block_yet_in_any_clients_words__nothing(
    code: int, words: str
) -> None:
    error = classify_error("eth_getBlockByNumber", {"code": code, "message": words}, "http://n")
    assert await final_number(node(error), 60, TAG) == NOTHING_FINAL


async def test_final__null__nothing() -> None:
    assert await final_number(node(None), 60, TAG) == NOTHING_FINAL


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-32602, "invalid argument 0: hex string without 0x prefix"),
        (-32602, "Invalid params: invalid block tag"),
        (-32000, "unsupported block number: finalized"),
        (-32603, "Cannot convert finalized to a BigInt"),  # ganache and others of its making
        (-32603, "Internal error: invalid block tag"),
        (-32005, "finalized is not supported on this network"),
    ],
)
async def test_final__the_tag_is_not_known__the_setting_is_named(code: int, words: str) -> None:
    error = classify_error("eth_getBlockByNumber", {"code": code, "message": words}, "http://n")
    with pytest.raises(FinalityUnknown, match="FINALITY=depth:N") as caught:
        await final_number(node(error), 60, TAG)
    assert "http://n does not support the block tag 'finalized'" in caught.value.found


@pytest.mark.parametrize(
    "words",
    [
        "internal error",
        "finalized block: the backend is temporarily unavailable",
        "failed to fetch finalized: unknown error",
        "invalid response from the backend for finalized",
    ],
)
async def test_final__the_node_is_busy__tried_again_later(words: str) -> None:
    with pytest.raises(NodeBusy):
        await final_number(node(NodeBusy(-32603, words)), 60, TAG)


async def test_check__no_node_knows_the_tag__raises() -> None:
    with pytest.raises(FinalityUnknown, match="FINALITY=depth:N"):
        await TaggedPool(UNKNOWN_TAG).check()
    with pytest.raises(FinalityUnknown):
        await TaggedPool(UNKNOWN_TAG, UNKNOWN_TAG).check()


@pytest.mark.parametrize("answer", [block(7), None])
async def test_check__another_node_knows_it__the_stranger_is_left_out_and_named(
    answer: Any,
) -> None:
    nodes = TaggedPool(UNKNOWN_TAG, answer)
    await nodes.check()
    assert nodes.states() == [NodeState.QUARANTINED, NodeState.HEALTHY]
    assert nodes.pool.current == "b"
    assert "FINALITY=depth:N" in (nodes.pool.health()[0].quarantine_reason or "")


async def test_check__the_second_does_not_know_it__found_at_the_start() -> None:
    nodes = TaggedPool(block(7), UNKNOWN_TAG)
    await nodes.check()
    assert nodes.states() == [NodeState.HEALTHY, NodeState.QUARANTINED]


async def test_check__the_others_are_silent__waits_and_names_the_setting() -> None:
    with pytest.raises(NoEndpoint, match=r"does not support .* FINALITY=depth:N") as caught:
        await TaggedPool(UNKNOWN_TAG, TransportError("refused")).check()
    assert caught.value.transient


async def test_check__all_fail_at_that_question__waits_and_names_the_setting() -> None:
    with pytest.raises(NoEndpoint, match=r"finalized block.*internal error.*FINALITY=depth:N"):
        await TaggedPool(NodeBusy(-32603, "internal error"), TransportError("refused")).check()


REFUSED = JsonRpcError(-32046, "Cannot fulfill request")


async def test_check__refused_in_words_not_about_the_tag__waits_and_names_the_setting() -> None:
    """A provider that has shut us out for now is no proof against the setting: no service ends."""
    with pytest.raises(NoEndpoint, match=r"Cannot fulfill request.*wait, or set FINALITY=depth:N"):
        await TaggedPool(REFUSED, REFUSED).check()
    with pytest.raises(FinalityUnknown):
        await TaggedPool(REFUSED, UNKNOWN_TAG).check()


async def test_check__refused_so_while_another_node_knows_the_tag__left_out_for_a_minute() -> None:
    nodes = TaggedPool(REFUSED, block(7))
    await nodes.check()
    assert nodes.states() == [NodeState.QUARANTINED, NodeState.HEALTHY]
    assert nodes.pool.health()[0].free_in <= UNCERTAIN_SECONDS


async def test_check__all_are_silent__their_error() -> None:
    with pytest.raises(RpcError, match="refused"):
        await TaggedPool(TransportError("refused")).check()


async def test_check__a_depth__asks_nobody() -> None:
    nodes = TaggedPool(TransportError("refused"))
    await check_finality(nodes.pool, Finality("depth", 5))
    assert nodes.nodes["a"].calls == []


def test_unfinal__blocks_above_what_is_read_and_final() -> None:
    assert unfinal(head=100, final=40, tip=10) == 60
    assert unfinal(head=100, final=40, tip=99) == 1
    assert unfinal(head=100, final=NOTHING_FINAL, tip=NOTHING_FINAL) == 101


def test_depth__the_deepest_that_settings_take__leaves_room_to_reach_the_head() -> None:
    assert DEEPEST_FINALITY < MOST_UNFINAL == 2000


def test_words__for_people() -> None:
    assert final_words(NOTHING_FINAL) == "nothing is final yet"
    assert final_words(7) == "final 7"
