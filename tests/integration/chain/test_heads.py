"""New heads of a real node, by WebSocket and by polling."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress

import pytest

from chain.rpc.client import http_client
from chain.rpc.heads import ConnectionEnded, HeadWatcher, Wakeups, websocket_heads
from chain.rpc.pool import NodeConfig, NodePool
from common.clock import SystemClock
from localnet.anvil import Anvil
from localnet.waiting import wait_until_async

LONG = 30.0  # seconds


@asynccontextmanager
async def watching(chain: Anvil, *, ws: bool) -> AsyncIterator[tuple[HeadWatcher, Wakeups]]:
    async with http_client() as client:
        clock, rng = SystemClock(), random.Random(1)
        config = NodeConfig(chain.url, chain.ws_url if ws else None)
        pool = NodePool.build([config], client, clock, rng)
        watcher = HeadWatcher(pool, clock, rng, poll_seconds=0.2, safety_poll_seconds=60.0)
        wakeups = watcher.subscribe()
        task = asyncio.create_task(watcher.run())
        try:
            await wait_until_async(lambda: watcher.latest is not None)
            yield watcher, wakeups
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def test_watch__websocket__woken_by_each_head(
    anvil_factory: Callable[..., Anvil],
) -> None:
    chain = anvil_factory()
    async with watching(chain, ws=True) as (watcher, wakeups):

        async def subscribed() -> bool:
            await asyncio.to_thread(chain.mine)
            await wakeups.wait(0.2)
            return watcher.pushed

        await wait_until_async(subscribed)
        for _ in range(10):
            before = watcher.latest
            await asyncio.to_thread(chain.mine)
            while watcher.latest == before:  # woken late by the head before
                assert await wakeups.wait(LONG)
            assert watcher.pushed


async def test_watch__polling__woken(anvil_factory: Callable[..., Anvil]) -> None:
    chain = anvil_factory()
    async with watching(chain, ws=False) as (watcher, wakeups):
        await wakeups.wait(0.01)
        chain.mine()
        assert await wakeups.wait(LONG)
        assert watcher.latest is not None
        assert watcher.latest.number == 1
        assert not watcher.pushed


async def test_watch__node_stops_and_comes_back__resumes_by_itself(
    anvil_factory: Callable[..., Anvil],
) -> None:
    chain = anvil_factory()
    async with watching(chain, ws=True) as (watcher, wakeups):
        port = chain.port
        chain.kill()
        await wakeups.wait(0.5)
        again = anvil_factory(port=port)
        again.mine(3)
        await wait_until_async(
            lambda: watcher.latest is not None and watcher.latest.number == 3, timeout=30.0
        )


async def test_websocket__of_another_chain__is_not_listened_to(anvil: Anvil) -> None:
    with pytest.raises(ConnectionEnded, match="on chain 31337, the settings say 1: correct RPC"):
        async with aclosing(websocket_heads(anvil.ws_url, wanted=1)) as headers:
            async for _ in headers:
                raise AssertionError("its heads say nothing of our chain")
