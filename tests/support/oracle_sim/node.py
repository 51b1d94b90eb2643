"""A node of the simulated chain as an oracle reaches it, and how rooms are read there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chain.enums import EndReason, Mode, Status
from chain.hexes import ZERO_ADDRESS
from chain.rpc.client import Call, Rpc
from chain.rpc.errors import UnknownBlock
from chain.views import RoomView
from common.settings import Finality
from oracle.chain_snapshot import ChainSnapshot, SnapshotReader, ViewsByDepth
from tests.support.oracle_sim import contract as c
from tests.support.oracle_sim.chain import FINALITY, Block, RoomsChain
from tests.support.rulebook.state import NO_UID
from tests.support.rulebook.views import room_view


class SimSnapshot(ChainSnapshot):
    """Rooms at three depths, read from the model; a reorg in between is an error."""

    async def rooms(self, ids: Sequence[int]) -> dict[int, ViewsByDepth]:
        chain: SimNode = self.node  # type: ignore[assignment]
        await chain.touch("rooms")
        found: list[Block] = []
        for head in filter(None, (self.latest, self.acting, self.final)):
            block = chain.chain.canonical(head.hash)
            if block is None:
                raise UnknownBlock(-32000, "unknown block", method="eth_call")
            found.append(block)
        return {n: ViewsByDepth(*(room_view(b.state, n, b.timestamp) for b in found)) for n in ids}

    async def block_hashes(self, numbers: Sequence[int]) -> dict[int, str]:
        chain: SimNode = self.node  # type: ignore[assignment]
        await chain.touch("block_hashes")
        return {n: chain.chain.at(n).hash for n in numbers if n <= chain.chain.number}


class SimNode:
    """A node as an oracle reaches it: `touch` is where faults strike."""

    def __init__(self, chain: RoomsChain, touch: Any, sent: Any) -> None:
        self.chain = chain
        self.touch = touch
        self._sent = sent

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        if method == "eth_sendRawTransaction":
            return await self.touch(method, lambda: self._send(params))
        await self.touch(method)
        return await self.chain.call(method, params)

    async def batch(self, batch: Sequence[Call]) -> list[Any]:
        await self.touch("batch")
        return await self.chain.batch(batch)

    def _send(self, params: Sequence[Any]) -> str:
        self._sent(bytes.fromhex(params[0][2:]))
        return self.chain._eth_sendRawTransaction(*params)


async def never() -> None:
    """A depth needs no tag."""
    raise AssertionError


class SimSnapshotReader(SnapshotReader):
    """Looks at the model."""

    def __init__(self, node: SimNode, confirmations: int) -> None:
        finality = Finality("depth", FINALITY)
        super().__init__(lambda: node, c.CONTRACT, 0, confirmations, finality, never)
        self._node, self._depth = node, confirmations

    async def read(self, node: Rpc | None = None) -> ChainSnapshot:
        await self._node.touch("look")
        chain = self._node.chain
        top = chain.top
        return SimSnapshot(
            self._node, c.CONTRACT, 0, top.head, chain.at(top.number - self._depth).head,
            chain.final.head,
        )  # fmt: skip


UNKNOWN = RoomView(
    0, ZERO_ADDRESS, ZERO_ADDRESS, 0, 0, 0, 0, 0, Mode.WEBRTC, False, Status.NONE, EndReason.NONE,
    Status.NONE, EndReason.NONE, False, NO_UID, bytes(12), 0, 0,
)  # fmt: skip


async def newest_views(node: SimNode, ids: Sequence[int]) -> list[RoomView]:
    """Rooms at the newest block, as `read_rooms` gives them."""
    await node.touch("rooms")
    top = node.chain.top
    return [room_view(top.state, n, top.timestamp) or UNKNOWN for n in ids]
