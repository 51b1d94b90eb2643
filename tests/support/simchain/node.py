"""A node that shows a tree of blocks of the contract, with faults.

It answers the JSON-RPC methods the follower uses. Faults are set on the node; each is drawn from
the world's seed, so a history can be replayed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from chain.header import make_bloom
from chain.rpc.client import Call
from chain.rpc.errors import (
    BadResponse,
    LogRangeTooLarge,
    NodeBusy,
    RateLimited,
    RpcTimeout,
    UnknownBlock,
)
from tests.support.rulebook.state import ContractState
from tests.support.simchain.chain import CHAIN_ID
from tests.support.simchain.provider import Provider
from tests.support.simchain.tree import NO_BLOOM, Tree, header_of


@dataclass(frozen=True)
class NodeTraits:
    """What a node is like for good, though it does nothing wrong: an index must live with it.

    `blooms`: "true", "zero" or "absent" (it computes none), "wrong" (they deny what is there).
    `freezes_at`: its head stands there for ever, once it got there.
    """

    blooms: str = "true"
    freezes_at: int | None = None

    def header(self, header: dict[str, Any]) -> dict[str, Any]:
        """A header as this node tells it."""
        if self.blooms == "absent":
            return {name: value for name, value in header.items() if name != "logsBloom"}
        bloom = {"zero": NO_BLOOM, "wrong": DENYING_BLOOM}.get(self.blooms)
        return header if bloom is None else header | {"logsBloom": bloom}


DENYING_BLOOM = make_bloom(["0x" + "ee" * 20])


@dataclass
class NodeFaults:
    """What is wrong with a node for a while. Chances are per call."""

    lag: int = 0  # its head, in blocks behind
    blind: int = 0  # its log index, in blocks behind its head: answers [] there
    error: float = 0.0  # any transient error
    keeps: int = 10_000  # blocks for which it has state
    most_blocks: int = 10_000  # of a log range
    lie: str | None = None  # see `FaultyNode._twist`
    lies: int = 0  # how many more
    frozen_at: int | None = None  # its head stands here


class FaultyNode:
    """One node's view of the chain, as an `Rpc`."""

    def __init__(self, chain: Tree[ContractState], name: str, rng: Random) -> None:
        self.chain = chain
        self.name = name
        self.faults = NodeFaults()
        self.traits = NodeTraits()
        self.calls = 0
        self.lied = 0
        self.before_call: Callable[[], None] = lambda: None
        self._rng = rng
        self.untrue = False
        self.provider = Provider(self._answer, rng, self._stumble)

    def note_untruth(self) -> None:
        """As it is now, it may deny a log, a block or the contract: it has from now on."""
        denies = self.provider.manners.denies or self.provider.mood.denies
        self.untrue |= denies or self.faults.lie is not None or self.faults.blind > 0

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        self._stumble(method)
        return self._answer(method, params)

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        self._stumble(calls[0][0] if calls else "")
        return [self._answer(method, params) for method, params in calls]

    def _stumble(self, method: str) -> None:
        self.calls += 1
        self.before_call()
        if self._rng.random() >= self.faults.error:
            return
        where = {"endpoint": self.name, "method": method}
        kinds: tuple[Exception, ...] = (
            RpcTimeout("no answer", **where),
            RateLimited(1.0, **where),
            BadResponse("truncated", **where),
            NodeBusy(-32603, "internal error", **where),
        )
        raise self._rng.choice(kinds)

    @property
    def _head(self) -> int:
        head = max(0, self.chain.top.number - self.faults.lag)
        stands = (self.faults.frozen_at, self.traits.freezes_at)
        return min([head, *(number for number in stands if number is not None)])

    def _answer(self, method: str, params: Sequence[Any]) -> Any:
        if method == "eth_getBlockByNumber":
            return self._header(params[0])
        if method == "eth_getLogs":
            return self._logs(params[0])
        if method == "eth_call":
            return self._history(params[1])
        if method == "eth_getCode":
            return "0x6001" if self._state_at(params[1]).count else "0x"
        if method == "eth_chainId":
            return hex(CHAIN_ID)
        raise AssertionError(f"the simulated node does not know {method}")

    def _header(self, name: str) -> dict[str, Any] | None:
        if name == "finalized":
            number = self._head - 40
            if number < 0:
                return None
        else:
            number = self._head if name == "latest" else int(name, 16)
        if number > self._head:
            return None
        return self.traits.header(header_of(self.chain.blocks[number]))

    def _logs(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        sees = self._head - self.faults.blind
        if "blockHash" in query:
            block = self.chain.by_hash.get(query["blockHash"])
            if block is None or block.number > self._head:
                raise UnknownBlock(-32000, "unknown block", endpoint=self.name)
            blocks = [block] if block.number <= sees else []
        else:
            first, last = int(query["fromBlock"], 16), int(query["toBlock"], 16)
            if last - first + 1 > self.faults.most_blocks:
                text = f"limited to {self.faults.most_blocks} blocks"
                limit = self.faults.most_blocks
                raise LogRangeTooLarge(-32005, text, max_blocks=limit, endpoint=self.name)
            blocks = [b for b in self.chain.blocks[first : last + 1] if b.number <= sees]
        logs = [dict(log) for block in blocks for log in block.logs]
        if self.faults.lies > 0 and logs:
            logs = self._twist(logs)
        return logs

    def _twist(self, logs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """A lie about logs."""
        lie = self.faults.lie
        if lie in ("history", None):
            return logs
        self.faults.lies -= 1
        self.lied += 1
        at = self._rng.randrange(len(logs))
        if lie == "drop":
            del logs[at]
        elif lie == "empty":
            return []
        elif lie == "twice":
            logs.insert(at, logs[at])
        elif lie == "swap" and len(logs) > 1:
            logs[0], logs[-1] = logs[-1], logs[0]
        elif lie == "data":
            data = logs[at]["data"]
            logs[at]["data"] = data[:100] + ("1" if data[100] != "1" else "2") + data[101:]
        elif lie == "actor":
            logs[at]["topics"] = [*logs[at]["topics"]]
            logs[at]["topics"][1] = "0x" + "00" * 12 + "bb" * 20
        elif lie == "hash":
            logs[at]["blockHash"] = "0x" + "dd" * 32
        elif lie == "contract":
            logs[at]["address"] = "0x" + "dd" * 20
        return logs

    def _history(self, where: Any) -> str:
        state = self._state_at(where)
        count, digest = state.count, state.digest
        if self.faults.lie == "history" and self.faults.lies > 0:
            self.faults.lies -= 1
            self.lied += 1
            digest = bytes(23)
        if not count:
            return "0x"  # the contract is not there yet
        return "0x" + count.to_bytes(32).hex() + digest.hex() + "00" * 9

    def _state_at(self, where: Any) -> ContractState:
        if where == "latest":
            where = hex(self._head)
        if isinstance(where, dict):
            block = self.chain.by_hash.get(where["blockHash"])
            known = block is not None and block.number <= self._head
            if known and where.get("requireCanonical"):
                known = self.chain.canonical(where["blockHash"]) is not None
        else:
            number = int(where, 16)
            block = self.chain.blocks[number] if number <= self._head else None
            known = block is not None
        if not known or block is None or self._head - block.number > self.faults.keeps:
            raise UnknownBlock(-32000, "header not found", endpoint=self.name)
        return block.state
