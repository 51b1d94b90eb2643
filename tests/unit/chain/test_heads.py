"""New heads: pushed where there is a WebSocket, polled elsewhere, never lost for long."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from chain.header import parse_head
from chain.rpc.errors import RateLimited, TransportError
from chain.rpc.heads import ConnectionEnded, HeadWatcher
from chain.rpc.node_health import NodeState, PoolPolicy, hindrance, left_out
from chain.rpc.pool import NodePool, PooledNode
from tests.support.manual_clock import ManualClock
from tests.support.nodes.scripted_rpc import ScriptedRpc, block


class Line:
    """A WebSocket that a test writes into; None ends the connection."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self.opened: list[str] = []

    async def connect(self, url: str) -> AsyncGenerator[dict[str, Any], None]:
        self.opened.append(url)
        while (header := await self.queue.get()) is not None:
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
            digests = {"hash": f"0x{number:064x}", "parentHash": f"0x{number - 1:064x}"}
            watched.line.queue.put_nowait(block(number) | digests)
            assert await watched.woken_within(0.0)
            told = watched.wakeups.take_announced(asked)
            assert (told is not None and told.number == number) == known
            assert watched.wakeups.take_announced(asked) is None


async def test_announced__a_malformed_header__is_not_told() -> None:
    async with watching(ws=True) as watched:
        watched.line.queue.put_nowait(block(2))
        assert await watched.woken_within(0.0)
        assert watched.wakeups.take_announced("a") is None


async def test_watch__websocket_breaks__polls_and_reconnects_within_bounds() -> None:
    async with watching(ws=True) as watched:
        watched.line.queue.put_nowait(block(2))
        assert await watched.woken_within(0.0)
        watched.line.queue.put_nowait(None)
        watched.node.answers["eth_getBlockByNumber"] = block(3)
        assert await watched.woken_within(20.0)
        assert not watched.watcher.pushed or len(watched.line.opened) == 2
        for _ in range(20):
            watched.line.queue.put_nowait(None)
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


async def test_watch__malformed_header__ignored() -> None:
    async with watching(ws=True) as watched:
        watched.line.queue.put_nowait({"number": "0x9", "timestamp": "0x1"})
        assert not await watched.woken_within(0.0)
        watched.line.queue.put_nowait(block(2))
        assert await watched.woken_within(0.0)
