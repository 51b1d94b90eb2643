"""The sender on a real node and a real database: its words, its pool, its reorgs."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
import rlp
from pymongo import AsyncMongoClient

from chain.header import Head
from chain.hexes import to_bytes
from chain.rpc.client import http_client
from chain.rpc.pool import NodeConfig, NodePool
from chain.send import MongoSenderStore, Sender, SendPolicy, SendRequest, SendState
from chain.send.signer import plain_key_signer
from chain.units import GWEI
from common.clock import SystemClock
from localnet.anvil import Anvil
from localnet.mongo import MongoServer
from tests.support.nodes.rpc_proxy import RpcProxy

KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
POOR_KEY = "0x" + "42" * 32
TO = "0x" + "11" * 20
DEPTH = 4


class Running:
    """A sender on its own chain, stepped by the test."""

    def __init__(
        self,
        chain: Anvil,
        client: httpx.AsyncClient,
        store: MongoSenderStore,
        key: str = KEY,
        *,
        url: str = "",
    ) -> None:
        self.chain = chain
        self.store = store
        clock = SystemClock()
        config = NodeConfig(url or chain.url)
        self.pool = NodePool.build([config], client, clock, random.Random(1))

        async def finalized(head: Head) -> int:
            return head.number - DEPTH

        self.sender = Sender(
            chain_id=31337,
            signer=plain_key_signer(key, 31337),
            pick=self.pool.pick,
            broadcast=self.pool,
            store=store,
            clock=clock,
            finalized=finalized,
            policy=SendPolicy(
                fee_ceiling=100 * GWEI,
                retry_seconds=0.05,
                rebroadcast_seconds=0.6,
                bump_seconds=600.0,
                patience_seconds=0.5,
            ),
        )

    async def tick(self) -> None:
        await self.sender.tick(await self.pool.probe_one(self.pool.current))

    async def submit(self, *keys: str, gas: int = 60_000) -> None:
        for key in keys:
            await self.sender.submit(key, TO, "0x" + key.encode().hex(), gas)

    async def row(self, key: str) -> SendRequest:
        row = await self.sender.status(key)
        assert row is not None
        return row

    async def finish(self, *keys: str) -> list[SendRequest]:
        """Mine and tick until these rows are final."""
        rows: list[SendRequest] = []
        for _ in range(200):
            await self.tick()
            rows = [await self.row(key) for key in keys]
            if all(row.final for row in rows):
                return rows
            self.chain.mine()
        raise AssertionError(f"not final: {rows}; blocked: {self.sender.blocked}")

    def nonce(self) -> int:
        return int(self.chain.rpc("eth_getTransactionCount", self.sender.account, "latest"), 16)


@pytest.fixture
def chain(anvil_factory: Callable[..., Anvil]) -> Anvil:
    return anvil_factory("--no-mining")


@pytest.fixture
async def store(mongo: MongoServer, mongo_database: str) -> AsyncIterator[MongoSenderStore]:
    async with AsyncMongoClient[dict[str, object]](mongo.uri) as client:
        store = MongoSenderStore(client[mongo_database])
        await store.ensure_indexes()
        yield store


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with http_client() as client:
        yield client


@pytest.fixture
def running(chain: Anvil, client: httpx.AsyncClient, store: MongoSenderStore) -> Running:
    return Running(chain, client, store)


async def test_send__several_intents__each_mined_once_and_final(running: Running) -> None:
    await running.sender.start()
    keys = [f"k{n}" for n in range(20)]
    await running.submit(*keys)
    rows = await running.finish(*keys)
    assert [row.state for row in rows] == [SendState.CONFIRMED] * 20
    assert sorted(row.held_nonce for row in rows) == list(range(20))
    assert running.nonce() == 20
    assert all(row.spent for row in rows)


async def test_scenario_6__killed_between_broadcast_and_answer__same_bytes_already_known(
    running: Running, client: httpx.AsyncClient
) -> None:
    await running.submit("a")
    await running.tick()
    row = await running.row("a")
    # as if the process had died before it could note the answer
    unsure = replace(row.last, sent_at=None, tried_at=None)
    await running.store.save(replace(row, state=SendState.SIGNED, attempts=(unsure,)))
    again = Running(running.chain, client, running.store)
    await again.tick()
    assert (await again.row("a")).state is SendState.BROADCAST
    rows = await again.finish("a")
    assert [len(rows[0].attempts), again.nonce()] == [1, 1]


async def test_scenario_7__node_drops_the_transaction__broadcast_again(running: Running) -> None:
    await running.submit("a")
    await running.tick()
    tx_hash = (await running.row("a")).last.hash
    assert running.chain.rpc("anvil_dropTransaction", tx_hash) == tx_hash
    rows = await running.finish("a")
    assert rows[0].tx_hash == tx_hash


async def test_scenario_7__base_fee_jumps_tenfold__bumped_on_the_same_nonce(
    running: Running,
) -> None:
    await running.submit("a", "b")
    await running.tick()
    base = int(running.chain.rpc("eth_getBlockByNumber", "latest", False)["baseFeePerGas"], 16)
    for _ in range(3):
        running.chain.rpc("anvil_setNextBlockBaseFeePerGas", hex(10 * base))
        running.chain.rpc("evm_mine")
        await running.tick()
    rows = await running.finish("a", "b")
    assert [row.nonce for row in rows] == [0, 1]
    assert running.nonce() == 2
    assert max(len(row.attempts) for row in rows) >= 2


def tip_below_25_gwei(call: dict[str, Any]) -> str | None:
    """What bor's pool says of a transaction."""
    if call["method"] != "eth_sendRawTransaction":
        return None
    fields = rlp.decode(to_bytes(call["params"][0])[1:])  # chain id, nonce, tip ...
    tip = int.from_bytes(fields[2])
    if tip >= 25 * GWEI:
        return None
    return f"transaction underpriced: gas tip cap {tip}, minimum needed {25 * GWEI}"


async def test_scenario_23__the_pool_demands_25_gwei_base_50__second_attempt_is_mined(
    chain: Anvil, client: httpx.AsyncClient, store: MongoSenderStore
) -> None:
    chain.rpc("anvil_setNextBlockBaseFeePerGas", hex(50 * GWEI))
    chain.rpc("evm_mine")
    async with RpcProxy(chain.url) as proxy:
        proxy.refuse = tip_below_25_gwei
        running = Running(chain, client, store, url=proxy.url)
        await running.submit("a", "b")
        first, second = await running.finish("a", "b")
    assert [row.state for row in (first, second)] == [SendState.CONFIRMED] * 2
    assert [len(row.attempts) for row in (first, second)] == [2, 1]
    assert first.last.priority_fee == 25 * GWEI
    assert first.last.max_fee <= 100 * GWEI
    assert running.nonce() == 2


async def test_reorg__receipt_gone__mined_again_once(running: Running) -> None:
    running.chain.mine(3)
    await running.submit("a")
    await running.tick()
    running.chain.mine(2)
    await running.tick()
    assert (await running.row("a")).state is SendState.MINED
    running.chain.rpc("anvil_reorg", 3, [])
    await running.tick()
    row = await running.row("a")
    assert (row.state, row.block_number) == (SendState.BROADCAST, None)
    rows = await running.finish("a")
    assert (rows[0].state, running.nonce()) == (SendState.CONFIRMED, 1)


async def test_fatal_refusal__too_little_gas__nonce_used_up_and_the_next_goes_through(
    running: Running,
) -> None:
    await running.submit("a", gas=20_000)
    await running.submit("b")
    bad, good = await running.finish("a", "b")
    assert bad.state is SendState.FAILED
    assert "intrinsic gas" in (bad.reason or "")
    assert (good.state, running.nonce()) == (SendState.CONFIRMED, 2)


async def test_withdraw__in_flight__replaced_in_the_nodes_pool(running: Running) -> None:
    await running.submit("a")
    await running.tick()
    await running.sender.withdraw("a", "the room is gone")
    (row,) = await running.finish("a")
    assert (row.state, row.reason) == (SendState.FAILED, "the room is gone")
    mined = running.chain.rpc("eth_getTransactionByHash", row.tx_hash)
    assert mined["to"] == running.sender.account.lower()


async def test_no_funds__blocked_then_topped_up(
    chain: Anvil, client: httpx.AsyncClient, store: MongoSenderStore
) -> None:
    poor = Running(chain, client, store, POOR_KEY)
    await poor.submit("a")
    await poor.tick()
    assert "top it up" in (poor.sender.blocked or "")
    chain.rpc("anvil_setBalance", poor.sender.account, hex(10**19))
    (row,) = await poor.finish("a")
    assert row.state is SendState.CONFIRMED


async def test_store_dropped__transactions_pending__delay_only(
    running: Running, client: httpx.AsyncClient, mongo: MongoServer, mongo_database: str
) -> None:
    await running.submit("a", "b")
    await running.tick()
    row_a, row_b = await running.row("a"), await running.row("b")
    async with AsyncMongoClient[dict[str, object]](mongo.uri) as database:
        await database.drop_database(mongo_database)
    again = Running(running.chain, client, running.store)
    await again.store.ensure_indexes()
    await again.submit("c")
    await again.tick()
    assert "unknown transactions" in (again.sender.blocked or "")
    (row,) = await again.finish("c")
    assert (row.nonce, again.nonce()) == (2, 3)
    for lost in (row_a, row_b):
        assert running.chain.rpc("eth_getTransactionReceipt", lost.last.hash)["status"] == "0x1"
