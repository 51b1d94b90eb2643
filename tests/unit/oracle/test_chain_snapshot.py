"""The chain at three depths: what is final, and what is not yet."""

from __future__ import annotations

import random
from functools import partial
from typing import Any

import pytest

from chain.finality import FinalityUnknown, check_finality
from chain.header import Head
from chain.rpc.errors import JsonRpcError, NoEndpoint, UnknownBlock
from chain.rpc.pool import NodePool, PooledNode
from common.settings import Finality
from oracle.chain_snapshot import ChainSnapshot, SnapshotReader, ViewsByDepth
from tests.support.manual_clock import ManualClock
from tests.support.nodes.scripted_rpc import ScriptedRpc

CONTRACT = "0x" + "c0" * 20
HEAD = 60
TAG = Finality("finalized")
UNKNOWN_TAG = JsonRpcError(-32602, "invalid argument 0: hex string without 0x prefix")


def block(number: int) -> dict[str, Any]:
    digests = {"hash": f"0x{number:064x}", "parentHash": f"0x{number + 1:064x}"}
    return {"number": hex(number), "timestamp": "0x1", "baseFeePerGas": "0x7", **digests}


class Scene:
    """Nodes a, b, ...: each has blocks up to `HEAD`, and answers so for the tag."""

    def __init__(self, *tagged: Any, setting: Finality = TAG, confirmations: int = 2) -> None:
        endpoints = [
            PooledNode(name, self.node(answer)) for name, answer in zip("abc", tagged, strict=False)
        ]
        self.pool = NodePool(endpoints, ManualClock(), random.Random(1))
        self.snapshot_reader = SnapshotReader(
            self.pool.pick, CONTRACT, 5, confirmations, setting,
            partial(check_finality, self.pool, setting),
        )  # fmt: skip

    @staticmethod
    def node(tagged: Any) -> ScriptedRpc:
        def answer(name: str, _: bool) -> Any:
            if name in ("finalized", "safe"):
                if isinstance(tagged, Exception):
                    raise tagged
                return tagged
            number = HEAD if name == "latest" else int(name, 16)
            return block(number) if number <= HEAD else None

        return ScriptedRpc(eth_getBlockByNumber=answer)

    async def depths(self) -> tuple[int, int, int]:
        snapshot = await self.snapshot_reader.read()
        return snapshot.latest.number, snapshot.acting.number, snapshot.final_number


HEAD_NOW = Head(HEAD, "0x", "0x", 1, 1)


async def test_look__a_tag__three_depths() -> None:
    scene = Scene(block(40))
    assert await scene.depths() == (60, 58, 40)
    assert await scene.snapshot_reader.final_number(HEAD_NOW) == 40


@pytest.mark.parametrize("nothing", [None, UnknownBlock(-39001, "Unknown block")])
async def test_look__nothing_is_final__no_block_is(nothing: Any) -> None:
    scene = Scene(nothing)
    assert await scene.depths() == (60, 58, -1)
    assert (await scene.snapshot_reader.read()).final is None
    assert await scene.snapshot_reader.final_number(HEAD_NOW) == -1


async def test_look__a_depth_deeper_than_the_chain__nothing_is_final() -> None:
    scene = Scene(None, setting=Finality("depth", 61))
    assert await scene.depths() == (60, 58, -1)
    assert await scene.snapshot_reader.final_number(HEAD_NOW) == -1


async def test_look__finality_is_above_the_acting_depth__that_depth_counts() -> None:
    assert await Scene(block(59)).depths() == (60, 58, 58)


async def test_final_number__the_tag_is_above_the_head__the_head() -> None:
    assert await Scene(block(99)).snapshot_reader.final_number(HEAD_NOW) == HEAD


async def test_rooms__nothing_is_final__no_room_is() -> None:
    below = block(2)
    head = Head(2, below["hash"], below["parentHash"], 1, 7)
    early = ChainSnapshot(Scene.node(None), CONTRACT, 5, head, head, None)
    assert await early.rooms([1, 2]) == {
        1: ViewsByDepth(None, None, None),
        2: ViewsByDepth(None, None, None),
    }


async def test_look__the_first_node_does_not_know_the_tag__the_next_is_asked() -> None:
    scene = Scene(UNKNOWN_TAG, block(40))
    assert await scene.depths() == (60, 58, 40)
    assert scene.pool.current == "b"


async def test_look__no_node_knows_the_tag__says_so() -> None:
    scene = Scene(UNKNOWN_TAG, UNKNOWN_TAG)
    with pytest.raises(FinalityUnknown, match="FINALITY=depth:N"):
        await scene.snapshot_reader.read()
    with pytest.raises(FinalityUnknown, match="FINALITY=depth:N"):
        await scene.snapshot_reader.final_number(HEAD_NOW)


async def test_look__a_named_node_that_does_not_know_it__is_an_error_of_that_node() -> None:
    scene = Scene(block(40), UNKNOWN_TAG)
    with pytest.raises(NoEndpoint):
        await scene.snapshot_reader.read(scene.pool.on("b"))
