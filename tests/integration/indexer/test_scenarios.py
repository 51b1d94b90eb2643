"""What must never go wrong, by number, on a real chain behind a proxy that misbehaves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from localnet.mongo import MongoServer
from localnet.rooms_on_anvil import RoomsOnAnvil
from localnet.waiting import wait_until, wait_until_async
from tests.integration.indexer.conftest import MakeIndexer
from tests.support.indexer.expected_index import dump
from tests.support.nodes.rpc_proxy import Answer, Request, RpcProxy


async def test_scenario_01_logs_of_a_backend_that_lags__no_event_is_lost(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    chain.create()
    async with RpcProxy(chain.node.url) as proxy:
        indexer = make_indexer(chain, urls=proxy.url)
        indexer.start()
        await indexer.reach_head(chain)
        seen = chain.node.block_number()

        def blind(request: Request, answer: Answer) -> Answer:
            """The head is told by one backend, the logs by another that stands at `seen`."""
            if request["method"] != "eth_getLogs":
                return answer
            kept = [log for log in answer["result"] if int(log["blockNumber"], 16) <= seen]
            return {**answer, "result": kept}

        proxy.after = blind
        for title in (b"one", b"two", b"three"):
            chain.create(title)
        asked = proxy.counts["eth_getLogs"]
        await wait_until_async(
            lambda: proxy.counts["eth_getLogs"] > asked + 3, 20, "the indexer asks for the logs"
        )
        point = indexer.checkpoint(chain)
        assert point is not None and point["block"] == seen, "the checkpoint passed a block unseen"
        proxy.after = None
        await indexer.reach_head(chain, 90)
        indexer.assert_equals(chain)


async def test_scenario_01_a_node_twenty_blocks_behind__the_checkpoint_stays_below_its_head(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    for _ in range(6):
        chain.create()
        chain.node.mine(6)
    async with RpcProxy(chain.node.url) as proxy:
        proxy.lag = 20
        indexer = make_indexer(chain, urls=proxy.url)
        indexer.start()
        limit = chain.node.block_number() - 20

        def block() -> int:
            point = indexer.checkpoint(chain)
            return -1 if point is None else int(point["block"])

        await wait_until_async(lambda: block() == limit, 20, "the index reaches the node's head")
        chain.node.mine(3)
        await wait_until_async(lambda: block() == limit + 3, 20, "and follows it")
        proxy.lag = 0
        await indexer.reach_head(chain)
    indexer.assert_equals(chain)


async def test_scenario_02_reorg_between_header_and_logs__the_range_is_fetched_again(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    chain.create(b"stays")
    async with RpcProxy(chain.node.url) as proxy:
        indexer = make_indexer(chain, urls=proxy.url)
        indexer.start()
        await indexer.reach_head(chain)
        reorged = 0

        async def reorg(request: Request) -> None:
            nonlocal reorged
            if request["method"] == "eth_getLogs" and reorged < 2:
                reorged += 1
                await asyncio.to_thread(chain.node.reorg, 1)

        proxy.before = reorg
        chain.create(b"goes away")
        await wait_until_async(lambda: reorged == 2, 20, "two reorgs in the middle of a fetch")
        chain.create(b"takes its place")
        await indexer.reach_head(chain)
    indexer.assert_equals(chain)
    titles = {doc["title"] for doc in indexer.db["livestreams"].find()}
    assert titles == {"stays", "takes its place"}


def test_scenario_03_reorg_past_finality__stops_says_what_to_do_and_rewind_recovers(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    chain.create(b"old")
    chain.node.mine(4)
    before = chain.node.block_number()
    chain.create(b"will vanish")
    chain.node.mine(20)
    indexer = make_indexer(chain, FINALITY="depth:5")
    indexer.start()
    indexer.wait_head(chain)
    wait_until(lambda: indexer.readiness()[0] == 200, 10, "ready")
    chain.node.reorg(chain.node.block_number() - before)
    chain.create(b"instead")

    def stopped() -> bool:
        status, text = indexer.readiness()
        return status == 503 and "rewind" in text

    wait_until(stopped, 20, "/readyz is 503 and names the remedy")

    def stored() -> str:
        point = indexer.checkpoint(chain)
        assert point is not None
        return str(point["stop_reason"]) if point["state"] == "stopped" else ""

    assert "rewind" in wait_until(stored, 20, "the index's readers see it, too")
    code, said = indexer.command("rewind")
    assert code == 0, said
    indexer.wait_head(chain)
    indexer.assert_equals(chain)
    wait_until(lambda: indexer.readiness()[0] == 200, 20, "ready again, without a restart")


def test_scenario_04_the_same_transaction_mined_again__one_room_at_its_new_position(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    indexer = make_indexer(chain)
    indexer.start()
    indexer.wait_head(chain)
    raw = chain.signed_creation(b"twice mined")
    first = chain.node.rpc("eth_sendRawTransaction", raw)
    chain.node.mine(2)
    indexer.wait_head(chain)
    was = indexer.db["livestreams"].find_one({"_id": 1})
    chain.node.reorg(3, [(raw, 2)])
    indexer.wait_head(chain)
    now = indexer.db["livestreams"].find_one({"_id": 1})
    assert was is not None and now is not None
    assert now["created"]["tx"] == was["created"]["tx"] == first
    assert now["created"]["block"] == was["created"]["block"] + 2
    assert now["created"]["block_hash"] != was["created"]["block_hash"]
    assert indexer.db["livestreams"].count_documents({}) == 1
    indexer.assert_equals(chain)


def test_scenario_10_blocks_one_at_a_time_and_kill_9__no_gap_no_duplicate(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    indexer = make_indexer(chain)
    for round_ in range(4):
        indexer.start()
        for n in range(6):
            chain.create(f"{round_}.{n}".encode())
            chain.rename(6 * round_ + n + 1, b"renamed")
        if round_ < 3:
            reached = chain.history().count - (1, 5, 9)[round_]

            def under_way(least: int = reached) -> bool:
                point = indexer.checkpoint(chain)
                return point is not None and point["seq"] >= least

            wait_until(under_way, 20, "some events are indexed")
            indexer.kill()
    indexer.wait_head(chain)
    indexer.assert_equals(chain)
    pages = indexer.db["livestream_events"].find().sort("page", 1)
    seqs = [doc["seq"] for page in pages for doc in page["events"]]
    assert seqs == list(range(1, chain.history().count + 1))


def test_scenario_14_database_down_restarted_and_dropped__the_same_documents_again(
    chain: RoomsOnAnvil,
    make_indexer: MakeIndexer,
    mongo_factory: Callable[..., MongoServer],
    free_port: Callable[[], int],
    tmp_path: Path,
) -> None:
    storage, port = tmp_path / "data", free_port()
    server = mongo_factory(storage=storage, sync=True, port=port)
    indexer = make_indexer(chain, mongo_uri=server.uri)
    process = indexer.start()
    for _ in range(3):
        chain.create()
    chain.fulfill(1, 2)
    indexer.wait_head(chain)

    server.kill()
    chain.create()
    chain.end(1)
    wait_until(lambda: "MongoDB" in indexer.readiness()[1] or "database" in indexer.readiness()[1],
               20, "/readyz names the database")  # fmt: skip
    mongo_factory(storage=storage, sync=True, port=port)
    indexer.wait_head(chain, 40)
    indexer.assert_equals(chain)

    whole = dump(indexer.db, chain.address)
    indexer.client.drop_database(indexer.db.name)
    chain.node.mine()
    indexer.wait_head(chain, 40)
    assert dump(indexer.db, chain.address) == whole
    assert process.returncode is None, "it went on without a restart"
