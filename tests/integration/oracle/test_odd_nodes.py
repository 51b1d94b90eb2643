"""Nodes whose answers are not what their methods answer."""

from __future__ import annotations

from chain.enums import Status
from localnet.waiting import wait_until
from tests.support.nodes.rpc_proxy import announcing_nothing, nulls, odd_block
from tests.support.oracle.oracle_stack import OracleStack
from tests.support.oracle.threaded_proxy import ThreadedProxy


def test_scenario_21__odd_answers_of_many_kinds__named_the_next_is_used_and_nothing_ends(
    world: OracleStack,
) -> None:
    with ThreadedProxy(world.anvil.url) as one, ThreadedProxy(world.anvil.url) as two:
        # from the start: not even its chain id can be read, nor that there is a contract
        one.faults.after = nulls("eth_chainId", "eth_getCode")
        one.faults.pushed = two.faults.pushed = announcing_nothing
        urls = (one.url, two.url, one.ws_url, two.ws_url)
        oracle = world.start_oracle(RPC_URLS=",".join(urls))
        odd, well = two, one
        for host, after in enumerate((odd_block(number="missing"), nulls("eth_call"))):
            odd.faults.after, well.faults.after = after, None
            world.wait_status(world.rooms.create(host=host), Status.ACTIVE, 40)
            odd, well = well, odd
        named = [line for line in oracle.output().splitlines() if "an odd answer" in line]
        assert all(any(node.url in line for line in named) for node in (one, two)), named
        assert oracle.returncode is None
        restarts = oracle.metrics("oracle_task_restarts_total")
        assert restarts
        assert set(restarts.values()) == {0.0}
        wait_until(oracle.ready, 20, "and it is ready")
