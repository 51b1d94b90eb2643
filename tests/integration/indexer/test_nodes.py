"""Several nodes: one that refuses, freezes or lies must not stop or spoil the index."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from localnet.anvil import Anvil
from localnet.rooms_on_anvil import RoomsOnAnvil
from localnet.waiting import wait_until_async
from tests.integration.indexer.conftest import Indexer, MakeIndexer
from tests.support.nodes.rpc_proxy import (
    Answer,
    Request,
    RpcProxy,
    announcing_nothing,
    nulls,
    odd_block,
    odd_logs,
)


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


ODD_ANSWERS = {
    "newest block without a number": odd_block(number="missing"),
    "log with a JSON number": odd_logs(blockNumber=7),
    "null for a view": nulls("eth_call"),
    "log of a transaction with a JSON number": odd_logs(transactionIndex=0),
}


async def test_scenario_21__odd_answers_of_many_kinds__named_the_next_is_used_and_nothing_ends(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    async with RpcProxy(chain.node.url) as one, RpcProxy(chain.node.url) as two:
        indexer = make_indexer(chain, urls=f"{one.url},{two.url},{one.ws_url},{two.ws_url}")
        # from the start: not even its chain id can be read, nor that there is a contract
        one.after = nulls("eth_chainId", "eth_getCode")
        one.pushed = two.pushed = announcing_nothing
        process = indexer.start()
        await indexer.reach_head(chain)
        odd, well = two, one
        for what, after in ODD_ANSWERS.items():
            odd.after, well.after = after, None
            counted = _marks_of(indexer, odd)
            chain.create(what.encode())
            await indexer.reach_head(chain)
            assert _marks_of(indexer, odd) > counted, what
            odd, well = well, odd
        assert process.returncode is None
        assert set(indexer.metric("indexer_task_restarts_total").values()) == {0.0}
        indexer.kill()  # before its nodes go: it would connect to them while they close
    indexer.assert_equals(chain)


def _marks_of(indexer: Indexer, node: RpcProxy) -> float:
    """What the metrics hold against a node."""
    told = [indexer.metric(f"rpc_endpoint_{name}") for name in ("errors_total", "quarantined")]
    return sum(value for one in told for label, value in one.items() if node.url in label)


@pytest.mark.parametrize("refused", ["402", "words nobody knows"])
async def test_scenario_19__first_node_refuses_from_the_start__the_next_is_used_within_seconds(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer, refused: str
) -> None:
    async with RpcProxy(chain.node.url) as refusing, RpcProxy(chain.node.url) as other:
        if refused.isdigit():
            refusing.fault = refused
        else:
            refusing.refusal = (-32051, refused)
        indexer = make_indexer(chain, urls=f"{refusing.url},{other.url}")
        process = indexer.start()
        await indexer.reach_head(chain)
        chain.create()
        await indexer.reach_head(chain, 10)
        await wait_until_async(lambda: indexer.readiness()[0] == 200, 20, "it is ready")
        assert f"{refusing.url} gets no requests: it refuses our requests" in indexer.readiness()[1]
        assert refusing.url in process.output()
        assert process.returncode is None
    indexer.assert_equals(chain)


async def test_scenario_19__first_node_refuses_on_the_way__the_next_is_used_within_seconds(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    async with RpcProxy(chain.node.url) as refusing, RpcProxy(chain.node.url) as other:
        indexer = make_indexer(chain, urls=f"{refusing.url},{other.url}")
        indexer.start()
        await indexer.reach_head(chain)
        refusing.refusal = (35, "njet")
        chain.create()
        await indexer.reach_head(chain, 10)
        await wait_until_async(lambda: refusing.url in indexer.readiness()[1], 20, "it is named")
    indexer.assert_equals(chain)


async def test_scenario_22__a_provider_takes_three_calls_a_batch__the_index_follows(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    async with RpcProxy(chain.node.url) as provider:
        provider.most_calls = 10
        indexer = make_indexer(chain, urls=provider.url)
        process = indexer.start()
        for _ in range(12):
            chain.create()
        await indexer.reach_head(chain)
        # the limit changes while the index is behind
        indexer.kill()
        for _ in range(30):
            chain.create()
        provider.most_calls = 3
        process = indexer.start()
        await indexer.reach_head(chain)
        provider.batches.clear()
        for _ in range(5):
            chain.create()
            await indexer.reach_head(chain)
        assert max(provider.batches) <= 3
        await wait_until_async(lambda: indexer.readiness()[0] == 200, 20, "it is ready")
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


def deny(request: Request, answer: Answer) -> Answer:
    """For `after`: blocks seem to hold nothing, by their blooms."""
    result = answer.get("result")
    if request["method"] == "eth_getBlockByNumber" and result:
        bloom = "0x" + "00" * 255 + "01"
        return {**answer, "result": {**result, "logsBloom": bloom}}
    return answer


async def test_blooms_that_deny_every_event__are_not_believed_and_nobody_is_accused(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    async with RpcProxy(chain.node.url) as node:
        node.after = deny
        indexer = make_indexer(chain, urls=node.url, VERIFY_SECONDS="1")
        process = indexer.start()
        for title in (b"one", b"two"):
            chain.create(title)
            await indexer.reach_head(chain)
        assert set(indexer.metric("rpc_endpoint_quarantined").values()) == {0.0}
        assert "gave wrong answers" not in process.output()
        assert "blooms are wrong, asking for all logs" in process.output()
    indexer.assert_equals(chain)


async def test_a_silent_lie_about_a_block__is_found_by_the_comparison_on_schedule(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    def hide(request: Request, answer: Answer) -> Answer:
        """Blocks seem to hold nothing: no logs, and a bloom that denies them."""
        if request["method"] == "eth_getLogs":
            return {**answer, "result": []}
        return deny(request, answer)

    async with RpcProxy(chain.node.url) as liar, RpcProxy(chain.node.url) as honest:
        indexer = make_indexer(chain, urls=f"{liar.url},{honest.url}", VERIFY_SECONDS="1")
        indexer.start()
        await indexer.reach_head(chain)
        liar.after = hide
        chain.create()
        await indexer.reach_head(chain, 60)
        told = indexer.metric("rpc_endpoint_quarantined")
        assert [value for label, value in told.items() if liar.url in label] == [1.0]
        assert [value for label, value in told.items() if honest.url in label] == [0.0]
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
