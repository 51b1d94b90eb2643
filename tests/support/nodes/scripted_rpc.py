"""Nodes for tests: an `Rpc` that answers what a test tells it to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chain.rpc.client import Call
from chain.rpc.errors import RpcError


class ScriptedRpc:
    """Answers by method; `fail` (an error to raise) comes before all answers."""

    def __init__(self, **answers: Any) -> None:
        self.answers: dict[str, Any] = answers
        self.fail: RpcError | None = None
        self.calls: list[str] = []

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        self.calls.append(method)
        if self.fail is not None:
            raise self.fail
        answer = self.answers[method]
        if isinstance(answer, RpcError):
            raise answer
        return answer(*params) if isinstance(answer, Callable) else answer  # type: ignore[arg-type]

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        return [await self.call(method, params) for method, params in calls]


def block(number: int, timestamp: int = 1_700_000_000, salt: str = "") -> dict[str, Any]:
    """A block object whose hash says its number (and `salt`)."""
    return {
        "number": hex(number),
        "hash": f"0x{salt:0>2}{number:062x}",
        "parentHash": f"0x{number - 1:064x}",
        "timestamp": hex(timestamp),
        "baseFeePerGas": "0x7",
    }
