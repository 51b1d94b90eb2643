"""The chain at three depths, seen through one node at one moment.

Promises: `read` finds the newest block, the block at the acting depth and the last final block, if
anything is final yet (`chain.finality`), all from one node; `rooms` reads rooms at each of them,
pinned to their hashes, so that a reorg in between is an error (`UnknownBlock`) and never a mixture.
Below the contract's first block there are no rooms, and where nothing is final no room is.
Assumes: the caller starts over with a new snapshot after any `RpcError`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from chain.enums import Status
from chain.finality import NOTHING_FINAL, RETRY_SECONDS, FinalityUnknown, final_number
from chain.header import Head, parse_head
from chain.hexes import ZERO_ADDRESS, to_hex
from chain.rpc.answers import or_none
from chain.rpc.ask import Question, ask, ask_all
from chain.rpc.client import Rpc
from chain.rpc.errors import NoEndpoint
from chain.views import (
    CreationView,
    OperatorView,
    RoomView,
    read_creation,
    read_operator,
    read_room_count,
    read_rooms,
)
from common.settings import Finality

T = TypeVar("T")


class ViewsByDepth(NamedTuple):
    """One room at three depths; None where its number is not given out."""

    latest: RoomView | None
    acting: RoomView | None
    final: RoomView | None


@dataclass(frozen=True)
class ChainSnapshot:
    """See the module. `final`: None if nothing is final yet."""

    node: Rpc
    contract: str
    start_block: int
    latest: Head
    acting: Head
    final: Head | None

    @property
    def final_number(self) -> int:
        """The last final block; `NOTHING_FINAL`, below every block, if there is none."""
        return NOTHING_FINAL if self.final is None else self.final.number

    async def rooms(self, ids: Sequence[int]) -> dict[int, ViewsByDepth]:
        """The rooms at the three depths. Raises `RpcError`."""
        depths = [head for head in (self.latest, self.acting, self.final) if head is not None]
        heads = {head.hash: head for head in depths}
        views = await asyncio.gather(*(self._at(head, ids) for head in heads.values()))
        found = dict(zip(heads, views, strict=True))
        triples = zip(
            ids,
            found[self.latest.hash],
            found[self.acting.hash],
            found[self.final.hash] if self.final is not None else [None] * len(ids),
            strict=True,
        )
        return {room_id: ViewsByDepth(*three) for room_id, *three in triples}

    async def block_hashes(self, numbers: Sequence[int]) -> dict[int, str]:
        """The node's block of each number, where it has one."""
        asked = [
            Question("eth_getBlockByNumber", [to_hex(number), False], or_none(parse_head))
            for number in numbers
        ]
        blocks: list[Head | None] = await ask_all(self.node, asked)
        return {
            number: block.hash
            for number, block in zip(numbers, blocks, strict=True)
            if block is not None
        }

    async def operator(self, operator_id: int) -> OperatorView:
        """The operator at the acting depth. Raises ExecutionReverted if there is none."""
        return await read_operator(self.node, self.contract, operator_id, self.acting.hash)

    async def creation(self, operator_id: int) -> CreationView:
        """What a new room would meet at the acting depth; the host is nobody."""
        return await read_creation(
            self.node, self.contract, operator_id, ZERO_ADDRESS, self.acting.hash
        )

    async def room_count(self) -> int:
        """How many rooms were created up to the acting depth."""
        return await read_room_count(self.node, self.contract, self.acting.hash)

    async def _at(self, head: Head, ids: Sequence[int]) -> list[RoomView | None]:
        if head.number < self.start_block:
            return [None] * len(ids)
        views = await read_rooms(self.node, self.contract, ids, head.hash)
        return [None if view.status is Status.NONE else view for view in views]


class SnapshotReader:
    """Takes snapshots of the chain.

    `pick` gives an `Rpc` bound to one node; `confirmations`: blocks on top of the acting depth.
    `recheck` leaves out nodes that do not know the tag of FINALITY, or raises `FinalityUnknown`.
    """

    def __init__(
        self,
        pick: Callable[[], Rpc],
        contract: str,
        start_block: int,
        confirmations: int,
        finality: Finality,
        recheck: Callable[[], Awaitable[None]],
    ) -> None:
        self._pick = pick
        self._contract = contract
        self._start_block = start_block
        self._confirmations = confirmations
        self._finality = finality
        self._recheck = recheck

    async def read(self, node: Rpc | None = None) -> ChainSnapshot:
        """The chain now, through `node` or the current one. Raises `RpcError`, and
        `FinalityUnknown` if no node knows the tag."""
        return await self._rechecked(self._read, node)

    async def _read(self, node: Rpc) -> ChainSnapshot:
        latest = await block_at(node, "latest")
        acting = latest
        if self._confirmations:
            acting = await block_at(node, to_hex(max(0, latest.number - self._confirmations)))
        number = await final_number(node, latest.number, self._finality)
        final: Head | None = None
        if number != NOTHING_FINAL:
            deep = number < acting.number
            final = await block_at(node, to_hex(number)) if deep else acting
        return ChainSnapshot(node, self._contract, self._start_block, latest, acting, final)

    async def newest(self) -> Head:
        """The newest block alone, for who needs no depths. Raises `RpcError`."""
        return await block_at(self._pick(), "latest")

    async def final_number(self, head: Head) -> int:
        """The number of the last final block below `head`; for the sender."""

        async def ask(node: Rpc) -> int:
            return await final_number(node, head.number, self._finality)

        return await self._rechecked(ask, None)

    async def _rechecked(self, ask: Callable[[Rpc], Awaitable[T]], node: Rpc | None) -> T:
        """A node that does not know the tag is left out, and the next one asked."""
        try:
            return await ask(node or self._pick())
        except FinalityUnknown:
            await self._recheck()
            if node is not None:
                raise NoEndpoint("the node is excluded", RETRY_SECONDS) from None
        try:
            return await ask(self._pick())
        except FinalityUnknown as error:
            raise NoEndpoint(str(error), RETRY_SECONDS) from None


async def block_at(node: Rpc, block: str) -> Head:
    """The header of a tag or of a number (hex) up to the node's head. Raises `RpcError`."""
    return await ask(node, "eth_getBlockByNumber", [block, False], parse_head)
