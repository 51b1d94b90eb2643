"""FINALITY as nodes answer it: a tag they do not know, nothing final yet, too much that is not."""

from __future__ import annotations

import asyncio

from localnet.rooms_on_anvil import RoomsOnAnvil
from localnet.waiting import wait_until_async
from tests.integration.indexer.conftest import Indexer, MakeIndexer
from tests.support.nodes.rpc_proxy import RpcProxy, nothing_final, without_tags

NAMED = "FINALITY=depth:N"


async def command(indexer: Indexer, *arguments: str) -> tuple[int, str]:
    """A command's exit code and output, while the event loop serves a proxy."""
    return await asyncio.to_thread(indexer.command, *arguments)


async def test_tag_unknown_to_the_node__ends_at_once_and_names_the_setting(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    async with RpcProxy(chain.node.url) as node:
        node.after = without_tags
        indexer = make_indexer(chain, urls=node.url)
        process = indexer.start()
        await wait_until_async(lambda: process.returncode is not None, 30, "it ends")
        assert process.returncode == 3
        assert NAMED in process.output()
        assert indexer.checkpoint(chain) is None
        for name in ("rebuild", "verify", "rewind"):
            code, text = await command(indexer, name)
            assert code == 3
            assert f"{node.url} does not support the block tag 'finalized'" in text
            assert NAMED in text


async def test_tag_unknown_to_one_of_two__the_other_goes_on(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    async with RpcProxy(chain.node.url) as stranger, RpcProxy(chain.node.url) as other:
        stranger.after = without_tags
        indexer = make_indexer(chain, urls=f"{stranger.url},{other.url}")
        process = indexer.start()
        await indexer.reach_head(chain)
        await wait_until_async(lambda: indexer.readiness()[0] == 200, 20, "it is ready")
        told = indexer.readiness()[1]
        assert f"{stranger.url} is quarantined and gets no requests" in told
        assert NAMED in told
        assert process.returncode is None


async def test_tag_forgotten_by_a_running_service__ends_and_names_the_setting(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    async with RpcProxy(chain.node.url) as node:
        indexer = make_indexer(chain, urls=node.url)
        process = indexer.start()
        await indexer.reach_head(chain)
        node.after = without_tags
        chain.node.mine()
        await wait_until_async(lambda: process.returncode is not None, 30, "it ends")
        assert process.returncode == 3
        assert NAMED in process.output()


async def test_nothing_is_final__follows_the_head_and_says_so(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    async with RpcProxy(chain.node.url) as node:
        node.after = nothing_final
        indexer = make_indexer(chain, urls=node.url)
        indexer.start()
        chain.create()
        await indexer.reach_head(chain)

        def told() -> bool:
            status, text = indexer.readiness()
            return status == 200 and "nothing is final yet" in text

        await wait_until_async(told, 20, "it is ready and says so")
        point = indexer.checkpoint(chain)
        assert point is not None
        assert point["finalized"]["block"] == -1
        node.after = None
        await wait_until_async(
            lambda: "nothing is final" not in indexer.readiness()[1], 20, "final"
        )
    indexer.assert_equals(chain)


async def test_too_much_is_not_final__nothing_of_it_is_fetched_until_it_is(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    chain.create()
    for _ in range(21):
        chain.node.mine(100)
    async with RpcProxy(chain.node.url) as node:
        node.after = nothing_final
        indexer = make_indexer(chain, urls=node.url)
        process = indexer.start()
        await wait_until_async(lambda: NAMED in indexer.readiness()[1], 30, "it says why it waits")
        assert indexer.readiness()[0] == 503
        assert node.counts["eth_getLogs"] == 0
        for name, exit_code in (("rebuild", 4), ("rewind", 0), ("verify", 1)):
            code, text = await command(indexer, name)
            assert code == exit_code, text
            assert NAMED in text, name
        assert node.counts["eth_getLogs"] == 0
        assert process.returncode is None
        node.after = None
        await indexer.reach_head(chain)
        await wait_until_async(lambda: indexer.readiness()[0] == 200, 20, "ready by itself")
    indexer.assert_equals(chain)
