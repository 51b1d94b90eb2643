"""What the indexer says of settings and chains that are not as they should be; who is accused."""

from __future__ import annotations

import time
from collections.abc import Callable

from localnet.anvil import Anvil
from localnet.rooms_on_anvil import RoomsOnAnvil
from localnet.waiting import wait_until, wait_until_async
from tests.integration.indexer.conftest import MakeIndexer
from tests.support.nodes.rpc_proxy import Answer, Request, RpcProxy


def test_scenario_24__start_block_too_late_or_before_the_deployment__named_and_nobody_accused(
    anvil_factory: Callable[..., Anvil], make_indexer: MakeIndexer
) -> None:
    node = anvil_factory("--slots-in-an-epoch", "4")
    node.mine(6)
    chain = RoomsOnAnvil.deploy(node)
    chain.create(b"one")
    late = make_indexer(chain, CONTRACTS=f"{chain.address}@{chain.start_block + 2}")
    code, said = late.command("run")
    assert code == 3
    assert f"correct it in CONTRACTS to {chain.address}@{chain.start_block}" in said
    assert "quarantined" not in said

    early = make_indexer(chain, CONTRACTS=f"{chain.address}@1")
    process = early.start()
    early.wait_head(chain)
    early.assert_equals(chain)
    assert set(early.metric("rpc_endpoint_quarantined").values()) == {0.0}
    assert set(early.metric("rpc_endpoint_errors_total").values()) == {0.0}
    assert "contradiction" not in process.output()

    early.kill()
    early.settings = {**early.settings, "CONTRACTS": chain.ref}
    early.start()
    wait_until(lambda: early.readiness()[0] == 200, 20, "it goes on")
    told = early.readiness()[1]
    assert f"CONTRACTS names start block {chain.start_block}, the index began at 1" in told
    assert "python -m indexer rebuild" in told


async def test_chain_stands_still_and_a_url_is_of_another_chain__both_are_noted_and_it_is_ready(
    anvil_factory: Callable[..., Anvil], make_indexer: MakeIndexer
) -> None:
    def elsewhere(request: Request, answer: Answer) -> Answer:
        return {**answer, "result": "0x5"} if request["method"] == "eth_chainId" else answer

    began = str(int(time.time()) - 4000)
    chain = RoomsOnAnvil.deploy(anvil_factory("--slots-in-an-epoch", "4", "--timestamp", began))
    async with RpcProxy(chain.node.url) as other:
        other.after = elsewhere
        urls = f"{other.url},{other.ws_url},{chain.node.url}"
        indexer = make_indexer(chain, urls=urls, HEAD_AGE_BLOCKS="5")
        indexer.start()
        await indexer.reach_head(chain)
        await wait_until_async(
            lambda: "the newest block is" in indexer.readiness()[1], 20, "the chain's age is noted"
        )
        status, told = indexer.readiness()
        assert status == 200, told
        assert f"the node at {other.url} is on chain 5, the settings say 31337" in told
        assert set(other.counts) == {"eth_chainId"}, "asked nothing else"
        (age,) = indexer.metric("indexer_head_age_seconds").values()
        assert 3900 < age < 4100
    indexer.assert_equals(chain)
