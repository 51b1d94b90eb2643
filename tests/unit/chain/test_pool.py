"""The endpoint pool: sticky, no flapping, honest about its state (scenario 8)."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from chain.rpc.client import Rpc, http_client
from chain.rpc.errors import (
    ExecutionReverted,
    JsonRpcError,
    MalformedAnswer,
    NoEndpoint,
    RateLimited,
    RpcError,
    TransportError,
)
from chain.rpc.node_health import NodeState, PoolPolicy
from chain.rpc.pool import NodeConfig, NodePool, PooledNode
from common.clock import within
from tests.support.manual_clock import ManualClock
from tests.support.nodes.scripted_rpc import ScriptedRpc, block

POLICY = PoolPolicy(frozen_seconds=30.0, cool_seconds=2.0, max_cool_seconds=60.0)


class ScriptedNodes:
    """A pool of scripted nodes a, b, c."""

    def __init__(self, count: int = 2) -> None:
        self.clock = ManualClock()
        self.nodes = {name: ScriptedRpc(m=name) for name in "abc"[:count]}
        endpoints = [PooledNode(name, rpc) for name, rpc in self.nodes.items()]
        self.pool = NodePool(endpoints, self.clock, random.Random(1), policy=POLICY)

    def state(self, name: str) -> NodeState:
        return next(h.state for h in self.pool.health() if h.name == name)

    async def ask(self, times: int = 1) -> str:
        answer = ""
        for _ in range(times):
            try:
                answer = await self.pool.call("m", [])
            finally:
                self.clock.tick(1.0)
        return answer

    def heads(self, **numbers: int) -> None:
        for name, number in numbers.items():
            self.pool.observe_head(name, number, int(self.clock.now()))


async def test_call__healthy__first_configured_answers() -> None:
    nodes = ScriptedNodes()
    assert await nodes.ask(5) == "a"
    assert nodes.nodes["b"].calls == []


async def test_call__one_transient_failure__answered_elsewhere_but_stays() -> None:
    nodes = ScriptedNodes()
    nodes.nodes["a"].fail = TransportError("reset")
    assert await nodes.ask() == "b"
    nodes.nodes["a"].fail = None
    assert await nodes.ask() == "a"
    assert nodes.pool.current == "a"


async def test_ask__the_second_call_of_a_question_fails__all_of_it_elsewhere() -> None:
    nodes = ScriptedNodes()
    nodes.nodes["a"].answers["n"] = TransportError("reset")
    nodes.nodes["b"].answers["n"] = "b"

    async def question(node: Rpc) -> list[str]:
        return [await node.call("m", []), await node.call("n", [])]

    assert await nodes.pool.ask(question) == ["b", "b"]
    assert nodes.pool.current == "a"


async def test_call__many_under_way_are_refused_together__one_fault_and_a_short_pause() -> None:
    nodes = ScriptedNodes(1)
    answered = asyncio.Event()

    async def refuse(*_: object) -> object:
        await answered.wait()
        raise RateLimited(None)

    nodes.nodes["a"].call = refuse  # type: ignore[method-assign,assignment]
    calls = [asyncio.ensure_future(nodes.pool.call("m", [])) for _ in range(20)]
    await nodes.clock.advance(0.1)
    answered.set()
    errors = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(error) for error in errors} == {RateLimited}
    assert nodes.state("a") is NodeState.COOLING
    nodes.clock.tick(POLICY.cool_seconds)
    assert nodes.state("a") is NodeState.HEALTHY


async def test_call__errors_in_a_row__switches_and_never_moves_back() -> None:
    nodes = ScriptedNodes()
    nodes.nodes["a"].fail = TransportError("refused")
    assert await nodes.ask(3) == "b"
    assert nodes.pool.current == "b"
    nodes.nodes["a"].fail = None
    nodes.clock.tick(3600.0)
    assert await nodes.ask(50) == "b"


async def test_call__permanent_error__raised_at_once_and_no_fault_of_the_node() -> None:
    nodes = ScriptedNodes()
    nodes.nodes["a"].fail = ExecutionReverted(3, "execution reverted")
    for _ in range(10):
        with pytest.raises(ExecutionReverted):
            await nodes.ask()
    assert nodes.nodes["b"].calls == []
    assert nodes.state("a") is NodeState.HEALTHY


async def test_call__every_endpoint_fails__last_error_then_rest() -> None:
    nodes = ScriptedNodes()
    for node in nodes.nodes.values():
        node.fail = TransportError("refused")
    for _ in range(3):
        with pytest.raises(TransportError):
            await nodes.pool.call("m", [])
    asked = sum(len(node.calls) for node in nodes.nodes.values())
    with pytest.raises(NoEndpoint) as caught:
        await nodes.pool.call("m", [])
    assert 0 < caught.value.retry_after <= 2.0
    assert sum(len(node.calls) for node in nodes.nodes.values()) == asked


async def test_scenario_8__ten_minutes_of_429__few_requests_and_resumes_by_itself() -> None:
    nodes = ScriptedNodes(1)
    node = nodes.nodes["a"]
    node.fail = RateLimited(None)
    for _ in range(600):
        with pytest.raises(RpcError):
            await nodes.ask()
    assert len(node.calls) < 25, "a rate-limited node was hammered"
    node.fail = None
    answers = 0
    for _ in range(61):
        try:
            answers += await nodes.ask() == "a"
        except NoEndpoint:
            nodes.clock.tick(1.0)
    assert answers, "it did not resume within the longest cool-down"


async def test_call__lone_node_away_for_an_hour__tried_every_second_and_back_at_once() -> None:
    nodes = ScriptedNodes(1)
    node = nodes.nodes["a"]
    node.fail = TransportError("refused")
    for _ in range(3600):
        with pytest.raises(RpcError):
            await nodes.ask()
    assert 1700 < len(node.calls) <= 3600
    node.fail = None
    nodes.clock.tick(1.0)
    assert await nodes.ask(20) == "a"
    assert nodes.state("a") is NodeState.HEALTHY


async def test_call__many_callers_and_no_node__one_try_a_second() -> None:
    nodes = ScriptedNodes(1)
    node = nodes.nodes["a"]
    node.fail = TransportError("refused")
    for _ in range(3):
        with pytest.raises(TransportError):
            await nodes.ask()
    asked = len(node.calls)
    for _ in range(100):
        with pytest.raises(RpcError):
            await nodes.pool.call("m", [])
        nodes.clock.tick(0.1)
    assert 8 <= len(node.calls) - asked <= 11


async def test_call__both_nodes_away__either_is_noticed_at_once_without_flapping() -> None:
    nodes = ScriptedNodes()
    for node in nodes.nodes.values():
        node.fail = TransportError("refused")
    switches, last = 0, nodes.pool.current
    for _ in range(600):
        with pytest.raises(RpcError):
            await nodes.ask()
        switches += nodes.pool.current != last
        last = nodes.pool.current
    assert switches <= 1
    away = "b" if last == "a" else "a"
    nodes.nodes[away].fail = None
    nodes.clock.tick(1.0)
    assert await nodes.ask(5) == away
    assert nodes.pool.current == away


async def test_call__last_resort__not_a_node_that_lied_or_limits_us() -> None:
    nodes = ScriptedNodes()
    nodes.nodes["a"].fail = RateLimited(40.0)
    nodes.pool.quarantine("b", "it answered for another chain")
    with pytest.raises(RateLimited):
        await nodes.ask()
    for _ in range(35):
        with pytest.raises(NoEndpoint):
            await nodes.ask()
    assert (len(nodes.nodes["a"].calls), len(nodes.nodes["b"].calls)) == (1, 0)


async def test_scenario_8__429_with_retry_after__not_asked_before() -> None:
    nodes = ScriptedNodes(1)
    nodes.nodes["a"].fail = RateLimited(40.0)
    with pytest.raises(RateLimited):
        await nodes.ask()
    nodes.nodes["a"].fail = None
    nodes.clock.tick(35.0)
    with pytest.raises(NoEndpoint):
        await nodes.ask()
    nodes.clock.tick(8.0)
    assert await nodes.ask() == "a"


async def test_scenario_8__node_that_fails_every_other_minute__no_flapping() -> None:
    nodes = ScriptedNodes()
    switches = 0
    last = nodes.pool.current
    for second in range(3600):
        bad = second // 60 % 2 == 0
        nodes.nodes["a"].fail = RateLimited(None) if bad else None
        await nodes.ask()
        switches += nodes.pool.current != last
        last = nodes.pool.current
    assert switches == 1


async def test_scenario_8__frozen_head__switched_within_the_limit_and_only_once() -> None:
    nodes = ScriptedNodes()
    switched_after = None
    for second in range(0, 300, 2):
        nodes.heads(a=100, b=100 + second // 2)
        if switched_after is None and nodes.pool.current == "b":
            switched_after = second
        nodes.clock.tick(2.0)
    assert switched_after is not None
    lag_noticed = 2 * (POLICY.max_lag_blocks + 1)
    assert switched_after <= lag_noticed + POLICY.frozen_seconds + 2
    assert nodes.state("a") is NodeState.FROZEN
    nodes.heads(a=300)
    assert nodes.state("a") is NodeState.HEALTHY
    assert nodes.pool.current == "b"


async def test_observe_head__both_heads_stand_still__chain_stalled_no_switch() -> None:
    nodes = ScriptedNodes()
    nodes.heads(a=100, b=100)
    nodes.clock.tick(1000.0)
    nodes.heads(a=100, b=100)
    assert nodes.pool.current == "a"
    assert nodes.pool.stalled
    nodes.heads(a=101)
    assert not nodes.pool.stalled


async def test_quarantine__endpoint_that_lied__asked_nothing_and_reason_shown() -> None:
    nodes = ScriptedNodes()
    nodes.pool.quarantine("a", "logs do not match the header", 100.0)
    assert await nodes.ask(3) == "b"
    assert nodes.nodes["a"].calls == []
    shown = next(h for h in nodes.pool.health() if h.name == "a")
    assert shown.state is NodeState.QUARANTINED
    assert shown.quarantine_reason == "logs do not match the header"
    nodes.clock.tick(101.0)
    assert nodes.state("a") is NodeState.HEALTHY


async def test_quarantine__only_endpoint__rests_for_the_longest_cool_down_only() -> None:
    nodes = ScriptedNodes(1)
    nodes.pool.quarantine("a", "it lied")
    with pytest.raises(NoEndpoint, match="it lied"):
        await nodes.ask()
    nodes.clock.tick(POLICY.max_cool_seconds)
    assert await nodes.ask() == "a"


async def test_quarantine__liar_with_the_highest_head__is_no_measure() -> None:
    nodes = ScriptedNodes(3)
    nodes.heads(a=100, b=100, c=9999)
    nodes.pool.quarantine("c", "a head from the future")
    nodes.clock.tick(60.0)
    nodes.heads(a=101, b=101)
    assert nodes.pool.current == "a"
    assert nodes.state("a") is NodeState.HEALTHY


async def test_call__caller_gives_up_on_a_hanging_node__node_cools_down() -> None:
    nodes = ScriptedNodes()

    async def hang(_calls: object) -> list[object]:
        await asyncio.Event().wait()
        raise AssertionError

    nodes.nodes["a"].batch = hang  # type: ignore[method-assign,assignment]
    for _ in range(3):
        with pytest.raises(TimeoutError):
            call = asyncio.ensure_future(within(nodes.clock, 5.0, nodes.pool.batch([("m", [])])))
            await nodes.clock.advance(5.1)
            await call
    assert await nodes.pool.batch([("m", [])]) == ["b"]


async def test_pick__node_fails__error_and_no_silent_failover() -> None:
    nodes = ScriptedNodes()
    node = nodes.pool.pick()
    nodes.nodes["a"].fail = TransportError("reset")
    with pytest.raises(TransportError):
        await node.batch([("m", [])])
    assert nodes.nodes["b"].calls == []


async def test_distrust__answers_that_cannot_be_used_among_good_ones__left_at_once() -> None:
    nodes = ScriptedNodes()
    assert await nodes.pool.pick().call("m", []) == "a"
    nodes.pool.distrust("a", "the newest block has no number")
    assert await nodes.pool.pick().call("m", []) == "b"
    shown = nodes.pool.health()[0]
    assert (shown.state, shown.errors) == (NodeState.COOLING, 1)
    assert shown.last_error is not None
    assert "no number" in shown.last_error


async def test_distrust__lone_node_again_and_again__pauses_and_is_asked_each_second() -> None:
    nodes = ScriptedNodes(1)
    for _ in range(100):
        nodes.clock.tick(1.0)
        assert await nodes.pool.pick().call("m", []) == "a"
        nodes.pool.distrust("a", "odd")
        with pytest.raises(NoEndpoint, match="odd"):
            await nodes.pool.call("m", [])


async def test_call__malformed_answers_among_good_ones__left_at_the_first() -> None:
    nodes = ScriptedNodes()
    nodes.nodes["a"].answers["n"] = MalformedAnswer("a block without a number")
    with pytest.raises(MalformedAnswer):
        await nodes.pool.pick().call("n", [])
    assert await nodes.pool.pick().call("m", []) == "b"


async def test_other_than__second_opinion__healthy_other_or_none() -> None:
    nodes = ScriptedNodes()
    other = nodes.pool.other_than("a")
    assert other is not None
    assert await other.call("m", []) == "b"
    nodes.pool.quarantine("b", "it lied")
    assert nodes.pool.other_than("a") is None


async def test_probe__node_unreachable__others_observed() -> None:
    nodes = ScriptedNodes()
    nodes.nodes["a"].fail = TransportError("refused")
    nodes.nodes["b"].answers["eth_getBlockByNumber"] = block(7)
    await nodes.pool.probe()
    assert [h.head for h in nodes.pool.health()] == [None, 7]


@pytest.mark.parametrize(
    "odd", [None, [], {}, block(3) | {"number": None}, block(3) | {"number": 3}]
)
async def test_probe_one__no_block__counts_and_the_node_is_left(odd: Any) -> None:
    nodes = ScriptedNodes()
    nodes.nodes["a"].answers["eth_getBlockByNumber"] = odd
    with pytest.raises(MalformedAnswer, match="eth_getBlockByNumber at a"):
        await nodes.pool.probe_one("a")
    assert nodes.pool.current == "b"
    assert nodes.pool.health()[0].errors == 1


def test_pool__no_endpoint_configured__clear_error() -> None:
    with pytest.raises(ValueError, match="set at least one"):
        NodePool([], ManualClock(), random.Random(1))


async def test_build__urls_with_keys__names_unique_and_without_secrets() -> None:
    async with http_client() as client:
        configs = [NodeConfig("https://h/v3/KEYA", "wss://h/KEYA")] * 2
        pool = NodePool.build(configs, client, ManualClock(), random.Random(1))
        assert pool.names == ["https://h", "https://h#2"]
        shown = f"{configs} {pool.health()} {pool.pick()!r} {pool.names}"
        assert "KEYA" not in shown
        assert pool.ws_url("https://h") == "wss://h/KEYA"


async def test_call__failure_without_words__json_rpc_error_is_not_transient() -> None:
    assert not JsonRpcError(-32601, "no such method").transient
