"""New heads: pushed where there is a WebSocket, polled elsewhere, never lost for long."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from structlog.testing import capture_logs

from chain.header import parse_head
from chain.rpc.errors import RateLimited, TransportError
from chain.rpc.heads import ConnectionEnded, HeadWatcher
from chain.rpc.node_health import NodeState, PoolPolicy, hindrance, left_out
from chain.rpc.pool import NodePool, PooledNode
from tests.support.manual_clock import ManualClock
from tests.support.nodes.scripted_rpc import ScriptedRpc, block

END = object()


class Line:
    """A WebSocket that a test writes into; `END` ends the connection."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Any] = asyncio.Queue()
        self.opened: list[str] = []

    async def connect(self, url: str) -> AsyncGenerator[Any, None]:
        self.opened.append(url)
        while (header := await self.queue.get()) is not END:
            yield header
        raise ConnectionEnded("gone")


class WatchedHeads:
    def __init__(self, *, ws: bool, second: bool = False, frozen_seconds: float = 60.0) -> None:
        self.clock = ManualClock()
        self.line = Line()
        self.node = ScriptedRpc(eth_getBlockByNumber=block(1))
        self.other = ScriptedRpc(eth_getBlockByNumber=block(1))
        endpoints = [PooledNode("a", self.node, "ws://a" if ws else None)]
        if second:
            endpoints.append(PooledNode("b", self.other))
        rng = random.Random(1)
        policy = PoolPolicy(frozen_seconds=frozen_seconds)
        self.pool = NodePool(endpoints, self.clock, rng, policy=policy)
        self.watcher = HeadWatcher(self.pool, self.clock, rng, connect=self.line.connect)
        self.wakeups = self.watcher.subscribe()

    async def woken_within(self, seconds: float) -> bool:
        waiting = asyncio.ensure_future(self.wakeups.wait(seconds + 1000.0))
        await self.clock.advance(seconds)
        if not waiting.done():
            waiting.cancel()
            with suppress(asyncio.CancelledError):
                await waiting
            return False
        return waiting.result()


@asynccontextmanager
async def watching(
    *, ws: bool = False, second: bool = False, frozen_seconds: float = 60.0
) -> AsyncIterator[WatchedHeads]:
    watched = WatchedHeads(ws=ws, second=second, frozen_seconds=frozen_seconds)
    task = asyncio.create_task(watched.watcher.run())
    try:
        assert await watched.woken_within(0.1), "the first head was not noticed"
        yield watched
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_watch__polling__new_head_wakes_within_a_poll() -> None:
    async with watching() as watched:
        assert not await watched.woken_within(5.0)
        watched.node.answers["eth_getBlockByNumber"] = block(2)
        assert await watched.woken_within(1.2)
        assert watched.watcher.latest == parse_head(block(2))


async def test_watch__same_height_other_hash__wakes() -> None:
    async with watching() as watched:
        watched.node.answers["eth_getBlockByNumber"] = block(1, salt="f")
        assert await watched.woken_within(1.2)


async def test_watch__websocket__wakes_at_once_and_hardly_polls() -> None:
    async with watching(ws=True) as watched:
        watched.line.queue.put_nowait(block(2))
        assert await watched.woken_within(0.0)
        await watched.clock.advance(2.0)
        polls = len(watched.node.calls)
        watched.node.answers["eth_getBlockByNumber"] = block(2)
        await watched.clock.advance(60.0)
        assert len(watched.node.calls) - polls <= 6
        assert watched.watcher.pushed


async def test_announced__by_the_endpoint_that_is_asked__once() -> None:
    async with watching(ws=True) as watched:
        for number, asked, known in ((2, "a", True), (3, "b", False)):
            watched.line.queue.put_nowait(block(number))
            assert await watched.woken_within(0.0)
            told = watched.wakeups.take_announced(asked)
            assert (told is not None and told.number == number) == known
            assert watched.wakeups.take_announced(asked) is None


ODD_HEADS: list[Any] = [
    None, 7, "0x2", [], {},
    block(2) | {"number": None},
    block(2) | {"number": 2},
    block(2) | {"number": "2"},
    block(2) | {"number": "0x" + "f" * 64},
    block(2) | {"timestamp": None},
    block(2) | {"hash": "0x2"},
    block(2) | {"hash": None},
    block(2) | {"parentHash": []},
    block(2) | {"baseFeePerGas": 7},
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD_HEADS, ids=str)
async def test_scenario_21__an_odd_head_is_announced__counted_and_the_watch_goes_on(
    odd: Any,
) -> None:
    async with watching(ws=True, second=True) as watched:
        with capture_logs() as captured:
            for _ in range(3):
                watched.line.queue.put_nowait(odd)
            assert not await watched.woken_within(0.0)
        assert [entry["endpoint"] for entry in captured if "malformed" in entry["event"]] == ["a"]
        shown = watched.pool.health()[0]
        assert (shown.errors, shown.state) == (3, NodeState.HEALTHY), "its answers are well"
        assert "WebSocket" in str(shown.last_error)
        watched.node.answers["eth_getBlockByNumber"] = block(2)
        assert await watched.woken_within(1.2), "polled as if the WebSocket were silent"
        watched.line.queue.put_nowait(block(3))
        assert await watched.woken_within(0.0)


@pytest.mark.parametrize("odd", ODD_HEADS, ids=str)
async def test_scenario_21__an_odd_newest_block__the_next_node_is_asked_and_the_watch_goes_on(
    odd: Any,
) -> None:
    async with watching(second=True) as watched:
        watched.node.answers["eth_getBlockByNumber"] = odd
        watched.other.answers["eth_getBlockByNumber"] = block(2)
        assert await watched.woken_within(4.0)
        assert watched.pool.current == "b"
        shown = watched.pool.health()[0]
        assert shown.errors >= 1
        assert "eth_getBlockByNumber" in str(shown.last_error)
        watched.other.answers["eth_getBlockByNumber"] = block(3)
        assert await watched.woken_within(1.2)


async def test_scenario_21__the_only_node_gives_an_odd_newest_block__noticed_when_it_is_well() -> (
    None
):
    async with watching() as watched:
        watched.node.answers["eth_getBlockByNumber"] = block(2) | {"number": None}
        await watched.clock.advance(300.0)
        watched.node.answers["eth_getBlockByNumber"] = block(2)
        assert await watched.woken_within(5.0)


async def test_announced__a_bloom_that_is_none__is_not_told() -> None:
    async with watching(ws=True) as watched:
        watched.line.queue.put_nowait(block(2) | {"logsBloom": 7})
        assert await watched.woken_within(0.0)
        assert watched.wakeups.take_announced("a") is None


async def test_watch__websocket_breaks__polls_and_reconnects_within_bounds() -> None:
    async with watching(ws=True) as watched:
        watched.line.queue.put_nowait(block(2))
        assert await watched.woken_within(0.0)
        watched.line.queue.put_nowait(END)
        watched.node.answers["eth_getBlockByNumber"] = block(3)
        assert await watched.woken_within(20.0)
        assert not watched.watcher.pushed or len(watched.line.opened) == 2
        for _ in range(20):
            watched.line.queue.put_nowait(END)
        opened = len(watched.line.opened)
        await watched.clock.advance(600.0)
        assert 5 <= len(watched.line.opened) - opened <= 25


async def test_watch__websocket_open_but_silent__polls_again() -> None:
    async with watching(ws=True) as watched:
        watched.line.queue.put_nowait(block(2))
        assert await watched.woken_within(0.0)
        for number in range(3, 6):
            watched.node.answers["eth_getBlockByNumber"] = block(number)
            assert await watched.woken_within(20.0)
        assert not watched.watcher.pushed
        watched.node.answers["eth_getBlockByNumber"] = block(9)
        assert await watched.woken_within(1.2)


async def test_watch__lone_node_down__asked_about_once_a_second_and_noticed_soon() -> None:
    async with watching() as watched:
        watched.node.fail = TransportError("refused")
        calls = len(watched.node.calls)
        await watched.clock.advance(600.0)
        assert 200 < len(watched.node.calls) - calls < 600
        watched.node.fail = None
        watched.node.answers["eth_getBlockByNumber"] = block(50)
        assert await watched.woken_within(2.5)


async def test_watch__lone_node_limits_us__left_alone_longer_and_longer() -> None:
    async with watching() as watched:
        watched.node.fail = RateLimited(None)
        calls = len(watched.node.calls)
        await watched.clock.advance(600.0)
        assert len(watched.node.calls) - calls < 60
        watched.node.fail = None
        watched.node.answers["eth_getBlockByNumber"] = block(50)
        assert await watched.woken_within(120.0)


async def test_watch__current_endpoint_frozen__other_one_wakes() -> None:
    async with watching(second=True) as watched:
        for number in range(2, 60):
            watched.other.answers["eth_getBlockByNumber"] = block(number)
            await watched.clock.advance(5.0)
        assert watched.pool.current == "b"
        assert watched.watcher.latest is not None
        assert watched.watcher.latest.number > 40


async def test_scenario_20__the_socket_announces_while_the_answers_stand_still__node_is_left() -> (
    None
):
    async with watching(ws=True, second=True) as watched:
        for number in range(2, 60):
            watched.line.queue.put_nowait(block(number))
            watched.other.answers["eth_getBlockByNumber"] = block(number)
            await watched.clock.advance(5.0)
        assert watched.pool.current == "b"
        frozen = watched.pool.health()[0]
        assert (frozen.state, frozen.head, frozen.stands) == (NodeState.FROZEN, 1, True)
        assert (
            left_out(watched.pool.health())
            == "a gets no requests while its head stands still or lags"
        )
        assert hindrance(watched.pool.health()) is None


async def test_scenario_20__it_is_the_only_node__asked_on_and_said() -> None:
    async with watching(ws=True) as watched:
        for number in range(2, 40):
            watched.line.queue.put_nowait(block(number))
            await watched.clock.advance(5.0)
        assert "the head of a stands still at block 1" in str(hindrance(watched.pool.health()))
        watched.node.answers["eth_getBlockByNumber"] = block(40)
        await watched.clock.advance(20.0)
        assert hindrance(watched.pool.health()) is None


async def test_watch__answers_keep_up_with_the_socket__the_node_stays_healthy() -> None:
    async with watching(ws=True, second=True) as watched:
        for number in range(2, 300):
            watched.line.queue.put_nowait(block(number))
            watched.node.answers["eth_getBlockByNumber"] = block(number)
            watched.other.answers["eth_getBlockByNumber"] = block(number)
            await watched.clock.advance(1.0)
            assert watched.pool.current == "a"
        assert watched.watcher.pushed
        assert left_out(watched.pool.health()) is None


async def test_watch__frozen_counts_early__all_nodes_are_asked_three_times_before() -> None:
    async with watching(ws=True, second=True, frozen_seconds=6.0) as watched:
        watched.line.queue.put_nowait(block(2))
        await watched.clock.advance(2.0)
        polls, probes = len(watched.node.calls), len(watched.other.calls)
        await watched.clock.advance(60.0)
        assert len(watched.node.calls) - polls >= 27
        assert len(watched.other.calls) - probes >= 27


async def test_wait__nothing_new__false_after_the_limit() -> None:
    async with watching() as watched:
        waiting = asyncio.ensure_future(watched.wakeups.wait(10.0))
        await watched.clock.advance(10.5)
        assert waiting.result() is False


async def test_wait__several_heads_before_it__one_wake_up() -> None:
    async with watching() as watched:
        for number in (2, 3, 4):
            watched.node.answers["eth_getBlockByNumber"] = block(number)
            await watched.clock.advance(1.2)
        assert await watched.wakeups.wait(1.0)
        assert not await watched.woken_within(3.0)


async def test_watch__a_bug_ends_its_polls__said_and_they_go_on() -> None:
    async with watching() as watched:
        watched.node.answers["eth_getBlockByNumber"] = lambda *_: 1 // 0
        with capture_logs() as captured:
            await watched.clock.advance(2.0)
        (ended,) = [entry for entry in captured if entry.get("exc_info")]
        assert (ended["task"], ended["cause"]) == ("poll_heads", "ZeroDivisionError")
        watched.node.answers["eth_getBlockByNumber"] = block(2)
        assert await watched.woken_within(5.0)


async def test_age__a_chain_that_stands_still_from_the_start__measured_by_an_older_header() -> None:
    """No second head will ever be seen."""
    watched = WatchedHeads(ws=False)
    began = int(watched.clock.now())

    def header(number: str, _: bool) -> dict[str, Any]:
        height = 100 if number == "latest" else int(number, 16)
        digests = {"hash": f"0x{height:064x}", "parentHash": f"0x{height - 1:064x}"}
        return block(height, began - 12 * (100 - height)) | digests

    watched.node.answers["eth_getBlockByNumber"] = header
    task = asyncio.create_task(watched.watcher.run())
    await watched.clock.advance(170.0)
    assert (watched.watcher.age.block_seconds, watched.watcher.age.note()) == (12, None)
    await watched.clock.advance(12.0)
    assert "the newest block is 182 s old, 15 block times" in (watched.watcher.age.note() or "")
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_age__no_older_header_is_given__unknown_and_the_watch_goes_on() -> None:
    watched = WatchedHeads(ws=False)
    watched.node.answers["eth_getBlockByNumber"] = lambda number, _: (
        block(100) if number == "latest" else None
    )
    task = asyncio.create_task(watched.watcher.run())
    assert await watched.woken_within(60.0)
    assert watched.watcher.age.limit is None
    watched.node.answers["eth_getBlockByNumber"] = block(101)
    assert await watched.woken_within(2.0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
