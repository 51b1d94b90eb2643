"""A node for unit tests of the API: answers by a table, through the same coroutines."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from chain.rpc.blocking import NodeUnavailable, run
from chain.rpc.client import Call, Rpc

T = TypeVar("T")
Answer = Callable[[Sequence[Any]], Any]

BLOCK = {"number": "0x20", "hash": "0x" + "bb" * 32, "baseFeePerGas": "0x3b9aca00"}


class ScriptedNode:
    """`chain.rpc.blocking.SyncNode`. `answers`: by method; an exception is raised. `down`: nobody
    answers."""

    def __init__(self, **answers: Any) -> None:
        self.answers: dict[str, Any] = {
            "eth_getBlockByNumber": BLOCK,
            "eth_maxPriorityFeePerGas": "0x77359400",
            "eth_getTransactionCount": "0x5",
            "eth_call": "0x",
            "eth_estimateGas": "0x186a0",
            **answers,
        }
        self.calls: list[Call] = []
        self.down = False

    def ask(self, question: Callable[[Rpc], Coroutine[Any, Any, T]]) -> T:
        if self.down:
            raise NodeUnavailable("no answer (Test)")
        return run(question(self))

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        self.calls.append((method, params))
        answer = self.answers[method]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        return [await self.call(method, params) for method, params in calls]

    def close(self) -> None:
        pass
