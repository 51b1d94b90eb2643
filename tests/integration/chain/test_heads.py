"""New heads of a real node, by WebSocket and by polling."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from chain.rpc.client import http_client
from chain.rpc.heads import HeadWatcher, Wakeups
from chain.rpc.pool import NodeConfig, NodePool
from common.clock import SystemClock
from localnet.anvil import Anvil
from localnet.waiting import wait_until_async


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


async def test_watch__websocket__woken_within_milliseconds(
    anvil_factory: Callable[..., Anvil],
) -> None:
    chain = anvil_factory()
    async with watching(chain, ws=True) as (watcher, wakeups):

        async def subscribed() -> bool:
            await asyncio.to_thread(chain.mine)
            await wakeups.wait(0.2)
            return watcher.pushed

        await wait_until_async(subscribed)
        delays = []
        for _ in range(10):
            before = watcher.latest
            await wakeups.wait(0.01)
            began = time.monotonic()
            await asyncio.to_thread(chain.mine)
            assert await wakeups.wait(5.0)
            delays.append(time.monotonic() - began)
            assert watcher.latest != before
        assert sorted(delays)[5] < 0.1, delays


async def test_watch__polling__woken(anvil_factory: Callable[..., Anvil]) -> None:
    chain = anvil_factory()
    async with watching(chain, ws=False) as (watcher, wakeups):
        await wakeups.wait(0.01)
        chain.mine()
        assert await wakeups.wait(5.0)
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
