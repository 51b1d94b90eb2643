"""Nodes that refuse us, and what another node says to it (scenario 19)."""

from __future__ import annotations

import random
from typing import Any

import httpx
import orjson
import pytest

from chain.rpc.blocking import BlockingNode
from chain.rpc.client import Rpc
from chain.rpc.errors import (
    HttpStatusError,
    JsonRpcError,
    MalformedAnswer,
    NodeBusy,
    NoEndpoint,
    RefusedByNode,
    RpcError,
    UnknownBlock,
    classify_error,
)
from chain.rpc.node_health import NodeState, hindrance
from tests.support.manual_clock import ManualClock
from tests.support.nodes.http_nodes import (
    BLOCK,
    KEY,
    A,
    Answer,
    B,
    HttpNodes,
    away,
    error,
    only,
    page,
    result,
)

REFUSALS: dict[str, Answer] = {
    "401": page(401, "no key"),
    "402": page(402),
    "403 with a page": page(403, "<html>forbidden</html>"),
    "401 in JSON-RPC": error(-32000, "header not found", 401),
    "403 in JSON-RPC with a result": lambda _: httpx.Response(403, json={"id": 1, "result": "0x"}),
    "403 with a string": lambda _: httpx.Response(403, json={"error": "njet"}),
    "must be authenticated": error(-32600, "Must be authenticated!"),
    "app is inactive": error(-32000, "App is inactive"),
    "project id": error(-32002, "rejected due to project ID settings", 403),
    "in HTTP 400": error(-32600, "invalid api key", 400),
    "-32051": error(-32051, "njet"),
    "-32046": error(-32046, "Cannot fulfill request"),
    "35": error(35, "method is not there for you", 400),
    "0 in unknown words": error(0, "njet", 500),
    "method not found": error(-32601, "the method does not exist"),
    "a string": lambda _: httpx.Response(200, json={"error": "njet"}),
    "a code in a string": lambda _: httpx.Response(200, json={"error": {"code": "X1"}}),
}


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_scenario_19__first_node_refuses__the_second_is_used_at_once_and_it_is_named(
    refusal: str,
) -> None:
    nodes = HttpNodes(REFUSALS[refusal], result("0x01"))
    assert await nodes.pool.call("eth_chainId", []) == "0x01", "from the start too"
    assert nodes.pool.pick().name == B
    assert nodes.health().state is NodeState.COOLING
    assert A in nodes.readyz()
    assert KEY not in nodes.readyz()
    assert await nodes.pool.call("eth_chainId", []) == "0x01"
    assert nodes.count("a") == 1


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_scenario_19__asked_through_a_bound_node__transient_and_the_next_pick_is_another(
    refusal: str,
) -> None:
    nodes = HttpNodes(REFUSALS[refusal], result("0x01"))
    with pytest.raises(RpcError) as caught:
        await nodes.pool.pick().batch([("eth_chainId", []), ("eth_blockNumber", [])])
    assert caught.value.transient, "the caller starts over"
    assert await nodes.pool.pick().call("eth_chainId", []) == "0x01"


async def test_refusal__goes_on_for_hours__pauses_grow_and_it_stays_named() -> None:
    nodes = HttpNodes(page(401), only("eth_getBlockByNumber", result(BLOCK)))
    for _ in range(360):
        await nodes.pool.call("eth_chainId", [])
        await nodes.pool.probe()
        nodes.clock.tick(10.0)
        assert A in nodes.readyz()
    assert 50 < nodes.count("a") < 75, "about once a minute"


async def test_refusal__the_key_is_mended__healthy_again_and_named_no_more() -> None:
    nodes = HttpNodes(page(401), result("0x01"))
    await nodes.pool.call("eth_chainId", [])
    nodes.answers["a"] = nodes.answers["b"]
    nodes.clock.tick(60.0)
    await nodes.pool.on(A).call("eth_chainId", [])
    assert nodes.readyz() == "None / None"
    assert nodes.pool.pick().name == B


async def test_refusal__message_echoes_our_key__hidden_everywhere() -> None:
    nodes = HttpNodes(error(-32600, f"invalid api key {KEY}"), away)
    with pytest.raises(RpcError) as caught:
        await nodes.pool.pick().call("eth_chainId", [])
    assert KEY not in f"{caught.value} {caught.value!r} {nodes.readyz()} {nodes.pool.health()}"
    assert "invalid api key" in nodes.readyz()


async def test_refusal__only_the_logs__left_though_other_calls_are_answered() -> None:
    nodes = HttpNodes(only("eth_getLogs", error(-32046, "njet")), result("0x01"))
    for _ in range(3):
        assert await nodes.pool.pick().call("eth_blockNumber", []) == "0x01"
    with pytest.raises(RefusedByNode, match="njet"):
        await nodes.pool.pick().call("eth_getLogs", [{}])
    assert nodes.pool.pick().name == B
    assert f"{A} gets no requests: it refuses our requests (eth_getLogs: njet" in nodes.readyz()


async def test_internal_error__of_one_method_again_and_again__left_at_the_third() -> None:
    nodes = HttpNodes(only("eth_call", error(-32603, "Internal error")), result("0x01"))
    for kind in (NodeBusy, NodeBusy, RefusedByNode):
        node = nodes.pool.pick()
        await node.call("eth_blockNumber", [])
        with pytest.raises(kind):
            await node.call("eth_call", [{}])
    assert nodes.pool.pick().name == B
    assert nodes.count("b") == 1


# --- the same answer from both ------------------------------------------------------------------


async def test_unknown_error__both_say_the_same__raised_both_healthy_and_asked_once_a_minute() -> (
    None
):
    nodes = HttpNodes(*[only("eth_x", error(-32099, "njet"))] * 2)
    for second in range(180):
        with pytest.raises(JsonRpcError, match="njet"):
            await nodes.pool.call("eth_x", [])
        assert await nodes.pool.call("eth_blockNumber", []) == "0x01"
        nodes.clock.tick(1.0)
        assert nodes.count("b") == 1 + second // 60
    assert [h.state for h in nodes.pool.health()] == [NodeState.HEALTHY] * 2
    assert nodes.readyz() == "None / None"


async def test_unknown_error__another_method_or_code__a_second_opinion_of_its_own() -> None:
    nodes = HttpNodes(error(-32099, "njet"), error(-32099, "njet"))
    for method in ("eth_x", "eth_x", "eth_y"):
        with pytest.raises(JsonRpcError):
            await nodes.pool.on(A).call(method, [])
    assert [method for name, method in nodes.asked if name == "b"] == ["eth_x", "eth_y"]


async def test_unknown_error__the_second_cannot_say_the_third_can__the_first_is_left() -> None:
    nodes = HttpNodes(error(-32099, "njet"), page(502), result("0x01"))
    assert await nodes.pool.call("eth_x", []) == "0x01"
    assert nodes.health("a").state is NodeState.COOLING


async def test_unknown_error__the_other_was_away__asked_again_as_soon_as_it_is_back() -> None:
    nodes = HttpNodes(error(-32099, "njet"), away)
    with pytest.raises(JsonRpcError):
        await nodes.pool.call("eth_x", [])
    nodes.answers["b"] = result("0x01")
    nodes.clock.tick(1.0)
    assert await nodes.pool.call("eth_x", []) == "0x01"


async def test_unknown_error__it_returns_within_the_minute__its_fault_without_asking_again() -> (
    None
):
    nodes = HttpNodes(error(-32099, "njet"), result("0x01"))
    with pytest.raises(RefusedByNode):
        await nodes.pool.on(A).call("eth_x", [])
    nodes.clock.tick(10.0)
    with pytest.raises(RefusedByNode):
        await nodes.pool.on(A).call("eth_x", [])
    assert nodes.count("b") == 1


@pytest.mark.parametrize(
    "words",
    [
        "insufficient funds for gas * price + value",
        "gas required exceeds allowance (30000000)",
        "out of gas",
        "invalid opcode: INVALID",
        "stack underflow (0 <=> 1)",
    ],
)
async def test_known_words_of_the_request__no_second_opinion_and_no_fault(words: str) -> None:
    nodes = HttpNodes(error(-32000, words), result("0x01"))
    for _ in range(5):
        with pytest.raises(JsonRpcError):
            await nodes.pool.call("eth_estimateGas", [{}])
    assert nodes.count("b") == 0
    assert nodes.health().state is NodeState.HEALTHY


async def test_sending__an_unknown_refusal__never_second_guessed() -> None:
    nodes = HttpNodes(error(-32099, "njet"), result("0x01"))
    for _ in range(5):
        with pytest.raises(JsonRpcError, match="njet"):
            await nodes.pool.call("eth_sendRawTransaction", ["0x00"])
    assert nodes.count("b") == 0


@pytest.mark.parametrize("refusal", ["401", "402", "must be authenticated", "app is inactive"])
async def test_sending__our_access_is_refused__sent_through_the_next(refusal: str) -> None:
    nodes = HttpNodes(REFUSALS[refusal], result("0x01"))
    assert await nodes.pool.call("eth_sendRawTransaction", ["0x00"]) == "0x01"


@pytest.mark.parametrize(
    "words",
    [
        "sender account not authorized to send transactions",
        "transaction type not supported by this account",
        "unauthorized transaction",
    ],
)
def test_sending__a_rule_about_transactions__not_our_access(words: str) -> None:
    said = classify_error("eth_sendRawTransaction", {"code": -32007, "message": words})
    assert type(said) is JsonRpcError


async def test_tag_of_finality__unknown_to_one__left_to_the_check_of_finality() -> None:
    nodes = HttpNodes(error(-32602, "hex string without 0x prefix"), result({}))
    for _ in range(5):
        with pytest.raises(JsonRpcError):
            await nodes.pool.pick().call("eth_getBlockByNumber", ["finalized", False])
    assert nodes.count("b") == 0


# --- a lone node --------------------------------------------------------------------------------


async def test_lone_node__refuses_every_call__shown_retried_with_pauses_and_back_at_once() -> None:
    nodes = HttpNodes(error(-32051, "njet"))
    for n in range(3):
        with pytest.raises(JsonRpcError, match="njet"):
            await nodes.pool.call("eth_chainId", [])
        assert (hindrance(nodes.pool.health()) is not None) == (n == 2)
    with pytest.raises(NoEndpoint, match="njet"):
        await nodes.pool.call("eth_chainId", [])
    for _ in range(100):
        nodes.clock.tick(1.0)
        with pytest.raises(JsonRpcError):
            await nodes.pool.call("eth_chainId", [])
        assert f"{A}: it refuses all requests (eth_chainId: njet" in nodes.readyz()
    assert nodes.count("a") <= 104
    nodes.answers["a"] = result("0x01")
    nodes.clock.tick(1.0)
    assert await nodes.pool.call("eth_chainId", []) == "0x01"
    assert nodes.readyz() == "None / None"


@pytest.mark.parametrize("refusal", ["401", "app is inactive"])
async def test_lone_node__our_access_is_refused__shown_at_once(refusal: str) -> None:
    nodes = HttpNodes(REFUSALS[refusal])
    with pytest.raises((HttpStatusError, RefusedByNode)):
        await nodes.pool.call("eth_chainId", [])
    assert f"{A}: it refuses our requests" in nodes.readyz()
    assert "RPC_URLS" in nodes.readyz()


async def test_lone_node__refuses_one_method_of_many__stays_in_use() -> None:
    nodes = HttpNodes(only("eth_x", error(-32099, "njet")))
    for _ in range(10):
        with pytest.raises(JsonRpcError, match="njet"):
            await nodes.pool.call("eth_x", [])
        assert await nodes.pool.call("eth_blockNumber", []) == "0x01"
    assert nodes.readyz() == "None / None"


async def test_two_nodes__both_refuse_everything_alike__both_are_shown() -> None:
    nodes = HttpNodes(error(-32099, "njet"), error(-32099, "njet"))
    for _ in range(4):
        for method in ("eth_chainId", "eth_blockNumber"):
            with pytest.raises(RpcError):
                await nodes.pool.call(method, [])
    assert A in nodes.readyz()
    assert B in nodes.readyz()


# --- empty answers ------------------------------------------------------------------------------

VIEW = [{"to": "0x" + "ab" * 20, "data": "0x12345678" + "00" * 32}, "latest"]


@pytest.mark.parametrize(
    ("method", "params"), [("eth_call", VIEW), ("eth_getCode", ["0x" + "ab" * 20, "latest"])]
)
async def test_empty_answer__another_node_has_one__left_at_once(
    method: str, params: list[Any]
) -> None:
    nodes = HttpNodes(result("0x"), result("0x07"))
    assert await nodes.pool.call(method, params) == "0x07"
    assert nodes.pool.pick().name == B
    assert f"{A} gets no requests: its answers cannot be used" in nodes.readyz()


async def test_empty_answer__in_a_batch_of_a_bound_node__its_fault() -> None:
    nodes = HttpNodes(only("eth_call", result("0x")), result("0x07"))
    with pytest.raises(MalformedAnswer):
        await nodes.pool.pick().batch([("eth_blockNumber", []), ("eth_call", VIEW)])
    assert nodes.pool.pick().name == B


async def test_empty_answer__both_have_none__that_is_the_answer_and_asked_once_a_minute() -> None:
    nodes = HttpNodes(result("0x"), result("0x"))
    for _ in range(30):
        assert await nodes.pool.call("eth_getCode", ["0x" + "ab" * 20, "latest"]) == "0x"
        nodes.clock.tick(1.0)
    assert nodes.count("b") == 1
    assert nodes.readyz() == "None / None"


async def test_empty_answer__lone_node__that_is_the_answer() -> None:
    nodes = HttpNodes(result("0x"))
    assert await nodes.pool.call("eth_call", VIEW) == "0x"


async def test_head__one_node_stands_at_block_zero__frozen_at_once() -> None:
    nodes = HttpNodes(result("0x01"), result("0x01"))
    nodes.pool.observe_head(A, 0, 0)
    nodes.pool.observe_head(B, 1000, 1_700_000_000)
    assert nodes.pool.pick().name == B


# --- pruned history -----------------------------------------------------------------------------

PRUNED = [
    (4444, "pruned history unavailable"),
    (-32000, "missing trie node 12ab (path ) state 0x12 is not available"),
    (-32000, "required historical state unavailable (reexec=128)"),
    (-32000, "historical state 12ab is not available"),
    (-32000, "state at block #123 is pruned"),
    (-32000, "Archive requests require an archive node, upgrade your plan"),
    (-32002, "No state available for block 0x12"),
]


@pytest.mark.parametrize(("code", "words"), PRUNED)
async def test_pruned__another_node_keeps_it__asked_there_and_the_first_steps_aside(
    code: int, words: str
) -> None:
    nodes = HttpNodes(only("eth_call", error(code, words)), result("0x07"))
    with pytest.raises(UnknownBlock):
        await nodes.pool.pick().call("eth_call", VIEW)
    assert nodes.health().state is NodeState.HEALTHY, "it is well otherwise"
    assert nodes.pool.pick().name == B
    assert f"{A} keeps too little history" in nodes.readyz()
    nodes.answers["b"] = away
    for _ in range(3):
        assert await nodes.pool.call("eth_blockNumber", []) == "0x01", "it is a node like before"
    nodes.clock.tick(3600.0)
    assert not nodes.health().aside


async def test_pruned__pool_is_asked__answered_by_the_next() -> None:
    nodes = HttpNodes(error(4444, "pruned history unavailable"), result("0x07"))
    assert await nodes.pool.call("eth_call", VIEW) == "0x07"


async def test_pruned__both_have_pruned_it__raised_and_both_as_before() -> None:
    nodes = HttpNodes(*[error(-32000, "missing trie node 12ab")] * 2)
    for _ in range(5):
        with pytest.raises(UnknownBlock):
            await nodes.pool.pick().call("eth_call", VIEW)
    assert nodes.pool.pick().name == A
    assert nodes.count("b") == 1
    assert nodes.readyz() == "None / None"


async def test_unknown_block__once__a_reorg_or_a_lag_and_no_reason_to_leave() -> None:
    nodes = HttpNodes(only("eth_call", error(-32000, "header not found")), result("0x07"))
    for _ in range(2):
        with pytest.raises(UnknownBlock):
            await nodes.pool.pick().call("eth_call", VIEW)
    assert nodes.count("b") == 0
    with pytest.raises(UnknownBlock):
        await nodes.pool.pick().call("eth_call", VIEW)
    assert nodes.pool.pick().name == B


# --- the blocking client ------------------------------------------------------------------------


@pytest.mark.parametrize("refusal", REFUSALS)
def test_scenario_19__blocking_client__the_second_answers(refusal: str) -> None:
    answers = {"a.example": REFUSALS[refusal], "b.example": result("0x01")}

    def handle(request: httpx.Request) -> httpx.Response:
        told = answers[request.url.host](orjson.loads(request.content))
        return told if isinstance(told, httpx.Response) else httpx.Response(200, json=told)

    node = BlockingNode(
        [f"{A}/v3/{KEY}", B], ManualClock(), random.Random(1),
        transport=httpx.MockTransport(handle),
    )  # fmt: skip

    async def question(rpc: Rpc) -> Any:
        return await rpc.call("eth_chainId", [])

    assert node.ask(question) == "0x01"
    node.close()
