"""Whether a wallet holds the token that a room asks for: `gate.balanceOf(wallet)`.

Promises: asked `CONFIRMATIONS` below the head, with 150,000 gas. YES: one word above zero. NO: a
word of zero, a revert, no gas left, or an answer that is not exactly 32 bytes; a NO of one node is
held against another, where there is another that answers, and a YES of that one counts. AWAY: no
node answers in time, none has the block, or the newest block is too old for the chain
(HEAD_AGE_BLOCKS). What the contract does, it does within a call that changes nothing.
Assumes: the nodes are the operator's; who lies about a balance can let in or keep out.
On restart: nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from chain.head_age import age, limit_seconds
from chain.header import Head, parse_head
from chain.hexes import hex_data, keccak, to_bytes, to_hex
from chain.rpc.ask import ask
from chain.rpc.errors import RpcError
from chain.rpc.pool import NodePool, NodeRpc
from common.clock import Clock
from playback.node_answers import call_stranger

T = TypeVar("T")
GAS = 150_000
HEAD_SECONDS = 1.0
"""How long a node's head is taken for its newest."""
_BALANCE_OF = keccak(b"balanceOf(address)")[:4]


class GateAnswer(StrEnum):
    YES = "yes"
    NO = "no"
    AWAY = "away"


class AskedNodes(Protocol):
    """`chain.rpc.blocking.BlockingNode`."""

    def check_all(self, check: Callable[[NodePool], Coroutine[Any, Any, T]]) -> T: ...


class TokenGate(Protocol):
    def holds(self, gate: str, wallet: str) -> GateAnswer: ...


class Gate:
    """`block_seconds`: the chain's block time as the index measured it, None: unknown."""

    def __init__(
        self,
        node: AskedNodes,
        clock: Clock,
        *,
        confirmations: int,
        head_age_blocks: int,
        block_seconds: Callable[[], float | None],
    ) -> None:
        self._node = node
        self._clock = clock
        self._confirmations = confirmations
        self._head_age_blocks = head_age_blocks
        self._block_seconds = block_seconds
        self._heads: dict[str, tuple[float, Head]] = {}

    def holds(self, gate: str, wallet: str) -> GateAnswer:
        """`gate`, `wallet`: addresses, 0x."""
        return self._node.check_all(lambda pool: self._asked(pool, gate, wallet))

    async def _asked(self, pool: NodePool, gate: str, wallet: str) -> GateAnswer:
        said: list[str] = []

        async def one(node: NodeRpc) -> GateAnswer:
            answer = await self._one(node, gate, wallet)
            said.append(node.name)
            return answer

        try:
            answer = await pool.ask(one)
        except RpcError:
            return GateAnswer.AWAY
        if answer is GateAnswer.NO and (other := pool.other_than(said[-1])) is not None:
            try:
                second = await self._one(other, gate, wallet)
            except RpcError:
                return answer
            return second if second is GateAnswer.YES else answer
        return answer

    async def _one(self, node: NodeRpc, gate: str, wallet: str) -> GateAnswer:
        head = await self._head(node)
        limit = limit_seconds(self._block_seconds(), self._head_age_blocks)
        if limit is not None and age(self._clock.now(), head.timestamp) > limit:
            return GateAnswer.AWAY
        block = to_hex(max(0, head.number - self._confirmations))
        data = _BALANCE_OF + to_bytes(wallet).rjust(32, b"\0")
        tx = {"to": gate, "data": hex_data(data), "gas": to_hex(GAS)}
        answer = await call_stranger(node, tx, block)
        held = answer is not None and len(answer) == 32 and any(answer)
        return GateAnswer.YES if held else GateAnswer.NO

    async def _head(self, node: NodeRpc) -> Head:
        now = self._clock.monotonic()
        known = self._heads.get(node.name)
        if known is not None and now - known[0] < HEAD_SECONDS:
            return known[1]
        head = await ask(node, "eth_getBlockByNumber", ["latest", False], parse_head)
        self._heads[node.name] = (now, head)
        return head
