"""`rewind`: back to the newest block that is still in the chain (docs/index.md, "Commands"), and
where a contract's story begins."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from chain.events import CONTRACT_VERSION
from chain.identity import WrongChain
from chain.rpc.errors import JsonRpcError
from common.settings import ContractRef, Finality
from indexer.cli.rewind import rewind
from indexer.documents import CHECKPOINT
from indexer.origin import read_origin
from indexer.service import check_settings
from tests.support.indexer.fold_tables import ALICE, CONTRACT
from tests.support.indexer.memory_store import MemoryStore, StoreCrash
from tests.support.indexer.written_index import FOUNDATION, START, WrittenIndex, created, renamed

SEQ = len(FOUNDATION)
VERSION = CONTRACT_VERSION.encode()


class ForkedNode:
    """Has the blocks up to `parts` of the index's story, and others from there on."""

    name = "a"

    def __init__(self, parts: int, head: int = 100) -> None:
        self.parts, self.head = parts, head
        self.asked: list[int] = []

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        assert method == "eth_getBlockByNumber"
        number = self.head if params[0] == "latest" else int(params[0], 16)
        self.asked.append(number)
        if number > self.head:
            return None
        fork = int(number > self.parts)
        digest = WrittenIndex.hash(number, fork) if number >= START else "0x" + f"{number:02x}" * 32
        return {"number": hex(number), "hash": digest, "parentHash": "0x" + "00" * 32,
                "timestamp": "0x1"}  # fmt: skip


BLOCKS = [(created(4, ALICE),), (), (renamed(4, ALICE, b"x"),), (renamed(1, ALICE, b"y"),)]


def run(story: Callable[[WrittenIndex, list[Any]], Awaitable[None]], final: int = -1) -> None:
    async def told() -> None:
        index = await WrittenIndex.begun()
        stood = [index.documents()]
        for block in BLOCKS:
            await index.grow(block, final=final)
            stood.append(index.documents())
        index.writer.checkpoint["state"] = "stopped"
        index.writer.checkpoint["stop_reason"] = "run rewind"
        await index.writer.save()
        await story(index, stood)

    asyncio.run(told())


@pytest.mark.parametrize("parts", [0, 1, 2, 3, 4])
def test_rewind__the_chain_parts_among_recent_blocks__to_the_last_common_one(parts: int) -> None:
    async def story(index: WrittenIndex, stood: list[Any]) -> None:
        said = await rewind(index.store, ForkedNode(START + parts), CONTRACT)  # type: ignore[arg-type]
        assert index.documents() == stood[parts]
        point = index.store.kinds[CHECKPOINT][CONTRACT]
        assert (point["state"], point["stop_reason"]) == ("syncing", None)
        assert point["finalized"] == {
            "block": START + parts, "block_hash": WrittenIndex.hash(START + parts),
        }  # fmt: skip
        assert said.startswith(f"from block {START + 4} back to block {START + parts}, event ")

    run(story)


@pytest.mark.parametrize(("to_block", "parts"), [(START + 2, 2), (START, 0), (START + 99, 4)])
def test_rewind__to_a_block__at_least_so_far(to_block: int, parts: int) -> None:
    async def story(index: WrittenIndex, stood: list[Any]) -> None:
        node: Any = ForkedNode(START + 9)
        await rewind(index.store, node, CONTRACT, to_block)
        assert index.documents() == stood[parts]

    run(story)


@pytest.mark.parametrize(
    ("parts", "block", "seq"), [(0, START, SEQ), (1, START + 1, SEQ + 1), (2, START + 1, SEQ + 1)]
)
def test_rewind__below_all_recent_blocks__to_the_last_common_event(
    parts: int, block: int, seq: int
) -> None:
    """Finality had made the index forget them; the stored events name their blocks."""

    async def story(index: WrittenIndex, stood: list[Any]) -> None:
        node: Any = ForkedNode(START + parts)
        assert [place.number for place in index.writer.window] == [START + 3, START + 4]
        await rewind(index.store, node, CONTRACT)
        point = index.store.kinds[CHECKPOINT][CONTRACT]
        assert (point["block"], point["seq"], point["pending"]) == (block, seq, None)
        assert point["block_hash"] == WrittenIndex.hash(block)
        same = ("history", "rooms", "ended_rooms", "contract_seqs")
        wanted = stood[block - START]
        assert {f: point[f] for f in same} == {f: wanted[CHECKPOINT][f] for f in same}
        now = index.documents()
        del now[CHECKPOINT], wanted[CHECKPOINT]
        assert now == wanted

    run(story, final=START + 3)


@pytest.mark.parametrize("to_block", [START + 1, START + 2])
def test_rewind__to_a_block_below_all_recent_ones__to_the_last_event_up_to_it(
    to_block: int,
) -> None:
    async def story(index: WrittenIndex, _: list[Any]) -> None:
        node: Any = ForkedNode(START + 9)
        await rewind(index.store, node, CONTRACT, to_block)
        point = index.store.kinds[CHECKPOINT][CONTRACT]
        assert (point["block"], point["seq"]) == (START + 1, SEQ + 1)

    run(story, final=START + 3)


def test_rewind__nothing_in_common__made_anew() -> None:
    async def story(index: WrittenIndex, _: list[Any]) -> None:
        node: Any = ForkedNode(START - 1)
        said = await rewind(index.store, node, CONTRACT)
        assert "rebuilt from the start block" in said
        assert not any(index.store.kinds.values())

    run(story, final=START + 3)


def test_rewind__a_node_that_is_behind__no_further_than_it_goes() -> None:
    async def story(index: WrittenIndex, stood: list[Any]) -> None:
        node: Any = ForkedNode(START + 9, head=START + 1)
        await rewind(index.store, node, CONTRACT)
        assert index.documents() == stood[1]

    run(story)


def test_rewind__a_write_left_open__mended_first() -> None:
    async def story(index: WrittenIndex, stood: list[Any]) -> None:
        index.store.crash_at = index.store.writes + 2
        with pytest.raises(StoreCrash):
            await index.grow((created(5, ALICE),))
        index.store.crash_at = None
        node: Any = ForkedNode(START + 4)
        await rewind(index.store, node, CONTRACT)
        assert index.documents() == stood[4]

    run(story)


def test_rewind__nothing_indexed__says_so() -> None:
    node: Any = ForkedNode(9)
    assert asyncio.run(rewind(MemoryStore(), node, CONTRACT)) == "nothing is indexed yet"


# --- where a story begins, and on which chain ---------------------------------------------------


class OneNodePool:
    """One node: blocks up to `head`, and the contract's `firstRoomId` and `VERSION`."""

    current = "http://node"
    names = ("http://node",)

    def __init__(
        self,
        chain_id: int = 31337,
        code: Any = "0x60",
        head: int = 9,
        version: bytes = VERSION,
    ) -> None:
        told = [(32).to_bytes(32), len(version).to_bytes(32), version.ljust(32, b"\0")]
        self.answers = {
            "eth_chainId": hex(chain_id),
            "eth_getCode": code,
            "eth_call": "0x" + b"".join(told).hex(),
        }
        self.node = ForkedNode(99, head)

    def pick(self) -> Any:
        async def call(method: str, params: Sequence[Any]) -> Any:
            if method == "eth_call":
                return "0x" + (100).to_bytes(32).hex()
            if method in self.answers:
                return self.answers[method]
            return await self.node.call(method, params)

        return SimpleNamespace(name="a", call=call)

    def on(self, name: str) -> Any:
        return self

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        if method in self.answers:
            return self.answers[method]
        return await self.node.call(method, params)


@pytest.mark.parametrize(
    ("start", "parent"), [(0, "0x" + "00" * 32), (1, "0x" + "00" * 32), (4, "0x" + "03" * 32)]
)
def test_read_origin__the_block_before_the_start_block(start: int, parent: str) -> None:
    pool: Any = OneNodePool()
    origin = asyncio.run(read_origin(pool, 31337, ContractRef(CONTRACT, start)))
    assert origin == (type(origin))(CONTRACT, 31337, start, parent, 100)


def test_read_origin__a_node_that_has_not_got_there__says_so() -> None:
    pool: Any = OneNodePool(head=2, code="0x")
    said = f"the start block 4 of {CONTRACT} is above the node's newest block, 2: wait"
    with pytest.raises(JsonRpcError, match=said):
        asyncio.run(read_origin(pool, 31337, ContractRef(CONTRACT, 4)))


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"chain_id": 1}, "is on chain 1, the settings say 31337"),
        ({"code": "0x"}, f"there is no contract at {CONTRACT}"),
        ({"version": b"1.0.0"}, f"is of version 1.0.0, this program reads {CONTRACT_VERSION}"),
        ({"version": b"\xff\n'"}, "is of version "),
    ],
)
def test_check_settings__they_do_not_fit_the_node__wrong_chain(answers: Any, said: str) -> None:
    pool: Any = OneNodePool(**answers)
    settings: Any = SimpleNamespace(chain_id=31337, contracts=[ContractRef(CONTRACT, 1)])
    with pytest.raises(WrongChain, match=said):
        asyncio.run(check_settings(pool, settings))


def test_check_settings__they_fit__nothing_happens() -> None:
    pool: Any = OneNodePool()
    settings: Any = SimpleNamespace(
        chain_id=31337, contracts=[ContractRef(CONTRACT, 1)], finality=Finality("depth", 5)
    )
    asyncio.run(check_settings(pool, settings))
