"""Whether CONTRACTS names a start block that the contract's events begin at or after."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from chain.identity import WrongChain
from chain.rpc.errors import JsonRpcError, LogRangeTooLarge, RpcTimeout
from chain.start_block import check_start_block, find_earlier_events
from tests.support.indexer.random_transactions import CONTRACT
from tests.support.indexer.simulated_chain import IndexChain
from tests.support.simchain.node import FaultyNode

DEPLOYED = 30


class Deployed(FaultyNode):
    """A node of a chain with the contract in block `DEPLOYED`, an event in every fourth block after
    it, and `refuse` for what it does not answer."""

    def __init__(self, blocks: int = 90) -> None:
        chain = IndexChain(Random(5))
        for _ in range(DEPLOYED):
            chain.mine()
        chain.mine(deploy=True)
        while chain.top.number < blocks:
            chain.mine(int(len(chain.blocks) % 4 == 0))
        super().__init__(chain, "n", Random(1))
        self.refused: dict[str, Any] = {}
        self.asked: list[str] = []

    def _answer(self, method: str, params: Any) -> Any:
        self.asked.append(method)
        assert len(self.asked) < 100, "bounded"
        if (fault := self.refused.get(method)) is not None:
            return fault(*params) if callable(fault) else fault
        return super()._answer(method, params)

    def refuse(self, method: str, fault: Exception, *, above: int = 0) -> None:
        """`above`: only ranges of more blocks than that."""

        def refused(*params: Any) -> Any:
            if above:
                query = params[0]
                if int(query["toBlock"], 16) - int(query["fromBlock"], 16) < above:
                    return super(Deployed, self)._answer(method, params)
            raise fault

        self.refused[method] = refused


@pytest.mark.parametrize("start", [0, 1, 7, DEPLOYED])
async def test_start__at_or_before_the_deployment__nothing_to_say(start: int) -> None:
    await check_start_block(Deployed(), CONTRACT, start)


@pytest.mark.parametrize("empty", ["0x", None])
async def test_start__before_the_deployment_and_nothing_is_answered_there__no_fault(
    empty: Any,
) -> None:
    node = Deployed()
    node.refused["eth_call"] = lambda *_: empty
    await check_start_block(node, CONTRACT, 7)


@pytest.mark.parametrize(
    ("start", "how"), [(DEPLOYED + 1, "had [0-9]+ events before it"), (88, "had"), (91, "newest")]
)
async def test_start__too_late__named_with_the_right_one(start: int, how: str) -> None:
    with pytest.raises(WrongChain, match=how) as late:
        await check_start_block(Deployed(), CONTRACT, start)
    assert f"the start block of {CONTRACT} is {start}, which is too late" in str(late.value)
    assert late.value.fix == f"correct it in CONTRACTS to {CONTRACT}@{DEPLOYED}"


async def test_start__too_late_and_wide_ranges_refused__the_right_one_by_the_code() -> None:
    node = Deployed()
    node.refuse("eth_getLogs", LogRangeTooLarge(-32005, "too wide"), above=5)
    with pytest.raises(WrongChain, match=f"{CONTRACT}@{DEPLOYED}"):
        await check_start_block(node, CONTRACT, 80)


@pytest.mark.parametrize(
    "code", ["0x", "0x6001", JsonRpcError(-32000, "missing trie node")], ids=str
)
async def test_start__too_late_and_the_deployment_cannot_be_found__said_where_to_look(
    code: Any,
) -> None:
    """Old state that is not kept may look like no code, or like code everywhere."""
    node = Deployed()
    node.refuse("eth_getLogs", LogRangeTooLarge(-32005, "too wide"), above=5)
    if isinstance(code, Exception):
        node.refuse("eth_getCode", code)
    else:
        node.refused["eth_getCode"] = lambda *_: code
    with pytest.raises(WrongChain, match="correct it in CONTRACTS to the block in which it was"):
        await check_start_block(node, CONTRACT, 80)


async def test_start__above_the_head_and_no_contract_yet__wait_or_correct() -> None:
    node = Deployed()
    node.faults.frozen_at = DEPLOYED - 5
    said = f"the start block {DEPLOYED} of {CONTRACT} is above the node's newest block, 25: wait"
    with pytest.raises(JsonRpcError, match=said):
        await check_start_block(node, CONTRACT, DEPLOYED)


@pytest.mark.parametrize("start", [DEPLOYED, 80])
async def test_start__no_state_that_old__not_known(start: int) -> None:
    node = Deployed()
    node.faults.keeps = 3
    await check_start_block(node, CONTRACT, start)


@pytest.mark.parametrize("above", [200, 50], ids=["all_logs", "some_logs"])
async def test_earlier_events__no_state_that_old__found_by_their_logs(above: int) -> None:
    node = Deployed(160)
    node.faults.keeps = 3
    node.refuse("eth_getLogs", LogRangeTooLarge(-32005, "too wide"), above=above)
    late = await find_earlier_events(node, CONTRACT, 150)
    if above == 50:
        assert late is None, "no range that it takes is asked for"
        node.refuse("eth_getLogs", LogRangeTooLarge(-32005, "too wide"), above=100)
        late = await find_earlier_events(node, CONTRACT, 150)
        assert late is not None and "the block in which it was deployed" in late.fix
    else:
        assert late is not None and late.fix.endswith(f"{CONTRACT}@{DEPLOYED}")
    assert "has an event of the contract" in late.found


@pytest.mark.parametrize("start", [5, DEPLOYED])
async def test_earlier_events__none__says_nothing(start: int) -> None:
    assert await find_earlier_events(Deployed(), CONTRACT, start) is None


async def test_earlier_events__the_node_fails__says_nothing() -> None:
    node = Deployed()
    node.refuse("eth_getBlockByNumber", RpcTimeout("no answer"))
    assert await find_earlier_events(node, CONTRACT, 80) is None
