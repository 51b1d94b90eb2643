"""Several nodes: one that refuses, freezes or lies must not stop or spoil the index."""

from __future__ import annotations

from collections.abc import Callable

from localnet.anvil import Anvil
from localnet.rooms_on_anvil import RoomsOnAnvil
from localnet.waiting import wait_until_async
from tests.integration.indexer.conftest import MakeIndexer
from tests.support.nodes.rpc_proxy import Answer, Request, RpcProxy


async def test_scenario_08_rate_limited_then_frozen__goes_on_elsewhere_and_stays_there(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    async with RpcProxy(chain.node.url) as first, RpcProxy(chain.node.url) as second:
        indexer = make_indexer(chain, urls=f"{first.url},{second.url}")
        process = indexer.start()
        await indexer.reach_head(chain)
        # both refuse, for long: no storm of requests, no end of the process
        first.fault = second.fault = "429"
        chain.create()
        refused = first.counts.total() + second.counts.total()
        await wait_until_async(
            lambda: first.counts.total() + second.counts.total() > refused + 4, 60, "it tries on"
        )
        assert process.returncode is None
        # the first comes back, but its head stands still
        await first.freeze()
        first.fault = None
        second.fault = None
        chain.create()

        stands = chain.node.block_number()

        def passes() -> bool:
            chain.node.mine()
            point = indexer.checkpoint(chain)
            return point is not None and int(point["block"]) > stands + 3

        # a node that refused often is left alone for up to a minute
        await wait_until_async(passes, 120, "the index follows the node that goes on")
        await indexer.reach_head(chain)
        used = second.counts["eth_getLogs"]
        first.thaw()
        for _ in range(5):
            chain.create()
            await indexer.reach_head(chain)
        assert second.counts["eth_getLogs"] >= used + 5, "it went back: that is flapping"
        assert process.returncode is None
    indexer.assert_equals(chain)


async def test_scenario_20__frozen_and_the_only_socket_is_anothers__left_and_told(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    async with RpcProxy(chain.node.url) as frozen, RpcProxy(chain.node.url) as other:
        indexer = make_indexer(chain, urls=f"{frozen.url},{other.url},{other.ws_url}")
        process = indexer.start()
        await indexer.reach_head(chain)
        assert other.counts["eth_getLogs"] == 0, "the first is asked while it is well"
        await frozen.freeze()
        stands = chain.node.block_number()

        def passes() -> bool:
            chain.node.mine()
            point = indexer.checkpoint(chain)
            return point is not None and int(point["block"]) > stands + 3

        await wait_until_async(passes, 60, "the index follows the node that goes on")
        chain.create()
        await indexer.reach_head(chain)
        await wait_until_async(lambda: indexer.readiness()[0] == 200, 20, "it is ready")
        told = indexer.readiness()[1]
        assert f"{frozen.url} gets no requests while its head stands still" in told
        assert process.returncode is None
    indexer.assert_equals(chain)


async def test_a_lying_endpoint__is_found_reported_and_left_out(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    def lie(request: Request, answer: Answer) -> Answer:
        """One log is missing from every answer that has any."""
        if request["method"] == "eth_getLogs" and answer.get("result"):
            return {**answer, "result": answer["result"][:-1]}
        return answer

    async with RpcProxy(chain.node.url) as liar, RpcProxy(chain.node.url) as honest:
        indexer = make_indexer(chain, urls=f"{liar.url},{honest.url}")
        process = indexer.start()
        await indexer.reach_head(chain)
        liar.after = lie
        chain.create()
        chain.rename(1, b"another")
        await indexer.reach_head(chain, 40)
        told = indexer.metric("rpc_endpoint_quarantined")
        assert [value for label, value in told.items() if liar.url in label] == [1.0]
        assert [value for label, value in told.items() if honest.url in label] == [0.0]
        assert "gave wrong answers" in process.output()
    indexer.assert_equals(chain)


async def test_a_silent_lie_about_a_block__is_found_by_the_comparison_on_schedule(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    def hide(request: Request, answer: Answer) -> Answer:
        """Blocks seem to hold nothing: no logs, and a bloom that denies them."""
        result = answer.get("result")
        if request["method"] == "eth_getBlockByNumber" and result:
            bloom = "0x" + "00" * 255 + "01"
            return {**answer, "result": {**result, "logsBloom": bloom}}
        return answer

    async with RpcProxy(chain.node.url) as liar, RpcProxy(chain.node.url) as honest:
        indexer = make_indexer(chain, urls=f"{liar.url},{honest.url}", VERIFY_SECONDS="1")
        indexer.start()
        await indexer.reach_head(chain)
        liar.after = hide
        chain.create()
        await indexer.reach_head(chain, 60)
        told = indexer.metric("rpc_endpoint_quarantined")
        assert [value for label, value in told.items() if liar.url in label] == [1.0]
    indexer.assert_equals(chain)


async def test_several_contracts__side_by_side_each_from_its_start(
    anvil_factory: Callable[..., Anvil], make_indexer: MakeIndexer
) -> None:
    anvil = anvil_factory("--slots-in-an-epoch", "4")
    old = RoomsOnAnvil.deploy(anvil)
    old.create(b"in the old one")
    old.create(b"too")
    new = RoomsOnAnvil.deploy(anvil, first_room=3)
    new.create(b"in the new one")
    indexer = make_indexer(old, new)
    indexer.start()
    await indexer.reach_head(old)
    await indexer.reach_head(new)
    for contract in (old, new):
        indexer.assert_equals(contract)
    assert sorted(doc["_id"] for doc in indexer.db["livestreams"].find()) == [1, 2, 3]


async def test_a_reorg_of_forty_blocks__is_corrected_within_one_new_block(
    anvil_factory: Callable[..., Anvil], make_indexer: MakeIndexer
) -> None:
    chain = RoomsOnAnvil.deploy(anvil_factory("--slots-in-an-epoch", "32"))
    indexer = make_indexer(chain)
    indexer.start()
    for n in range(20):
        chain.create(f"{n}".encode())
        chain.rename(n + 1, b"later")
    await indexer.reach_head(chain)
    chain.node.reorg(40)
    chain.create(b"after the reorg")  # the one new block
    await indexer.reach_head(chain)
    indexer.assert_equals(chain)
    assert [doc["title"] for doc in indexer.db["livestreams"].find()] == ["after the reorg"]
