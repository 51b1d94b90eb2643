"""Scenario 8 on real nodes behind the proxy: 429 for long, then a frozen head; no flapping."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from chain.rpc.client import http_client
from chain.rpc.errors import RpcError
from chain.rpc.heads import HeadWatcher
from chain.rpc.node_health import NodeState, PoolPolicy
from chain.rpc.pool import NodePool
from chain.rpc.urls import node_configs
from common.clock import SystemClock
from localnet.anvil import Anvil
from localnet.waiting import wait_until_async
from tests.support.rpc_proxy import RpcProxy

# the rules of production at a fiftieth of its times
POLICY = PoolPolicy(
    cool_seconds=0.05, max_cool_seconds=1.0, forgive_seconds=1.0, frozen_seconds=1.0,
    max_lag_blocks=3,
)  # fmt: skip


@asynccontextmanager
async def watched(*proxies: RpcProxy) -> AsyncIterator[tuple[NodePool, HeadWatcher]]:
    async with http_client() as client:
        clock, rng = SystemClock(), random.Random(1)
        urls = [url for proxy in proxies for url in (proxy.url, proxy.ws_url)]
        configs = node_configs(urls)
        pool = NodePool.build(configs, client, clock, rng, policy=POLICY, timeout=1.0)
        watcher = HeadWatcher(
            pool, clock, rng, poll_seconds=0.05, safety_poll_seconds=0.3, probe_seconds=0.1,
            max_reconnect_seconds=0.3,
        )  # fmt: skip
        task = asyncio.create_task(watcher.run())
        try:
            await wait_until_async(lambda: watcher.latest is not None)
            yield pool, watcher
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def test_scenario_8__429_for_long__resumes_without_a_restart(
    anvil_factory: Callable[..., Anvil],
) -> None:
    chain = anvil_factory()
    async with RpcProxy(chain.url) as proxy, watched(proxy) as (pool, watcher):
        proxy.fault = "429"
        await proxy.drop_sockets()
        await wait_until_async(lambda: pool.health()[0].state is NodeState.COOLING)
        asked = proxy.counts.total()
        await asyncio.to_thread(chain.mine, 5)
        with pytest.raises(RpcError):
            await pool.call("eth_blockNumber", [])
        proxy.fault = None
        await wait_until_async(lambda: watcher.latest is not None and watcher.latest.number == 5)
        assert proxy.counts.total() - asked < 40
        assert pool.health()[0].state is NodeState.HEALTHY


@pytest.mark.parametrize("fault", ["429", "500", "html", "truncated", "hang", "reset"])
async def test_scenario_8__one_node_in_trouble__other_node_answers(
    anvil_factory: Callable[..., Anvil], fault: str
) -> None:
    chain = anvil_factory()
    async with (
        RpcProxy(chain.url) as bad,
        RpcProxy(chain.url) as good,
        watched(bad, good) as (pool, _),
    ):
        bad.fault = fault
        for _ in range(6):
            assert await pool.call("eth_chainId", []) == "0x7a69"
        await wait_until_async(lambda: pool.current != pool.names[0])


async def test_scenario_8__head_frozen_while_the_other_goes_on__switches_once(
    anvil_factory: Callable[..., Anvil],
) -> None:
    chain = anvil_factory()
    async with (
        RpcProxy(chain.url) as first,
        RpcProxy(chain.url) as second,
        watched(first, second) as (pool, watcher),
    ):
        switches = 0
        last = pool.current
        await first.freeze()

        async def caught_up() -> bool:
            nonlocal switches, last
            await asyncio.to_thread(chain.mine)
            switches += pool.current != last
            last = pool.current
            head = watcher.latest.number if watcher.latest else 0
            return pool.current == pool.names[1] and head > 10

        await wait_until_async(caught_up, timeout=20.0)
        assert pool.health()[0].state is NodeState.FROZEN
        first.thaw()
        for _ in range(10):
            await caught_up()
            await pool.probe()
        assert pool.health()[0].state is NodeState.HEALTHY
        assert switches == 1
        assert pool.current == pool.names[1]
