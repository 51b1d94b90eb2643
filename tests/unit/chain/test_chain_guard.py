"""Every URL must lead to the chain that the settings mean, from its first use on."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from chain.identity import WrongChain, check_chain_ids
from chain.rpc.errors import JsonRpcError, NoEndpoint, RpcError, RpcTimeout, TransportError
from chain.rpc.node_health import NodeState, left_out
from chain.rpc.pool import NodeConfig, NodePool, named_nodes
from tests.support.manual_clock import ManualClock
from tests.support.nodes.scripted_rpc import ScriptedRpc

OURS, OTHER = 31337, 5
AWAY = TransportError("refused")
SAID = f"it is on chain {OTHER}, the settings say {OURS}: correct RPC_URLS or CHAIN_ID"


class GuardedPool:
    """Nodes a, b ... of these chain ids, in a pool of chain `OURS`."""

    def __init__(self, *chain_ids: Any) -> None:
        names = "abc"[: len(chain_ids)]
        self.rpcs = {
            f"https://{name}.example": ScriptedRpc(eth_chainId=told, eth_blockNumber=f"0x{name}")
            for name, told in zip(names, chain_ids, strict=True)
        }
        self.clock = ManualClock()
        configs = [NodeConfig(f"{url}/v3/SECRET") for url in self.rpcs]
        nodes = named_nodes(configs, lambda url: self.rpcs[url[:-10]], chain_id=OURS)
        self.pool = NodePool(nodes, self.clock, Random(1))

    def asked(self, name: str) -> list[str]:
        return self.rpcs[f"https://{name}.example"].calls

    async def ask(self) -> Any:
        return await self.pool.call("eth_blockNumber", [])


async def test_second_url__of_another_chain__asked_nothing_else_and_named() -> None:
    guarded = GuardedPool(hex(OURS), hex(OTHER))
    assert await guarded.ask() == "0xa"
    assert guarded.asked("b") == [], "checked when first used"
    guarded.rpcs["https://a.example"].fail = AWAY
    with pytest.raises(RpcError):
        await guarded.ask()
    assert guarded.asked("b") == ["eth_chainId"]
    health = guarded.pool.health()
    assert health[1].state is NodeState.QUARANTINED
    assert SAID in (left_out(health) or "")
    guarded.rpcs["https://a.example"].fail = None
    guarded.clock.tick(5)
    assert await guarded.ask() == "0xa"
    assert "SECRET" not in str(health)


@pytest.mark.parametrize(
    "told",
    [hex(OTHER), None, "", "0x", 7.5, [], JsonRpcError(-32601, "method not found")],
    ids=str,
)
async def test_first_url__of_another_chain_or_tells_none__the_next_answers(told: Any) -> None:
    guarded = GuardedPool(told, OURS)
    assert await guarded.ask() == "0xb"
    assert guarded.asked("a") == ["eth_chainId"]
    assert await guarded.pool.batch([("eth_blockNumber", [])] * 2) == ["0xb", "0xb"]


async def test_batch__to_a_node_of_another_chain__is_not_sent() -> None:
    guarded = GuardedPool(hex(OTHER))
    with pytest.raises(RpcError, match=SAID):
        await guarded.pool.batch([("eth_blockNumber", [])])
    assert guarded.asked("a") == ["eth_chainId"]


async def test_lone_url__of_another_chain__said_with_both_ids_and_asked_again_later() -> None:
    guarded = GuardedPool(hex(OTHER))
    with pytest.raises(RpcError, match=SAID):
        await guarded.ask()
    with pytest.raises(NoEndpoint, match=f"it is on chain {OTHER}"):
        await guarded.ask()
    guarded.rpcs["https://a.example"].answers["eth_chainId"] = hex(OURS)
    guarded.clock.tick(61)
    assert await guarded.ask() == "0xa"


async def test_chain_id__right__asked_for_once_and_again_after_the_node_was_away() -> None:
    guarded = GuardedPool(hex(OURS))
    for _ in range(3):
        await guarded.ask()
    assert guarded.asked("a").count("eth_chainId") == 1
    guarded.rpcs["https://a.example"].fail = AWAY
    with pytest.raises(TransportError):
        await guarded.ask()
    guarded.rpcs["https://a.example"].fail = None
    guarded.rpcs["https://a.example"].answers["eth_chainId"] = hex(OTHER)
    with pytest.raises(RpcError, match=SAID):
        await guarded.ask()


# --- at the start ---------------------------------------------------------------------------------


async def test_start__one_is_right__the_others_are_left_out() -> None:
    guarded = GuardedPool(hex(OTHER), hex(OURS), RpcTimeout("no answer"))
    await check_chain_ids(guarded.pool, OURS)
    states = [node.state for node in guarded.pool.health()]
    assert states == [NodeState.QUARANTINED, NodeState.HEALTHY, NodeState.HEALTHY]
    assert await guarded.ask() == "0xb"


async def test_start__all_are_of_other_chains__wrong_chain_names_each() -> None:
    with pytest.raises(WrongChain) as wrong:
        await check_chain_ids(GuardedPool(hex(OTHER), "0x1").pool, OURS)
    assert wrong.value.found == (
        f"the node at https://a.example is on chain {OTHER}, the settings say {OURS}; "
        f"the node at https://b.example is on chain 1, the settings say {OURS}"
    )
    assert wrong.value.fix == "correct RPC_URLS or CHAIN_ID"


async def test_start__wrong_ones_and_a_silent_one__waits_and_says_so() -> None:
    guarded = GuardedPool(hex(OTHER), RpcTimeout("no answer"))
    with pytest.raises(NoEndpoint, match=f"on chain {OTHER}.*no other node answers"):
        await check_chain_ids(guarded.pool, OURS)


async def test_start__all_are_silent__that_is_the_error() -> None:
    with pytest.raises(RpcTimeout):
        await check_chain_ids(GuardedPool(RpcTimeout("no answer")).pool, OURS)
