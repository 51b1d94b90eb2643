"""A node for unit tests of the API: answers by a table, through the same coroutines."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any, TypeVar

from chain.calldata import Terms
from chain.contract import CODEC
from chain.enums import EndReason, Mode, Status
from chain.hexes import ZERO_ADDRESS, hex_data, to_bytes
from chain.rpc.blocking import NodeUnavailable, run
from chain.rpc.client import Call, Rpc
from chain.views import CreationView, RoomView, view_call

T = TypeVar("T")
Answer = Callable[[Sequence[Any]], Any]

BLOCK = {
    "number": "0x20", "hash": "0x" + "bb" * 32, "parentHash": "0x" + "ba" * 32,
    "timestamp": "0x6553f100", "baseFeePerGas": "0x3b9aca00",
}  # fmt: skip


CREATION = CreationView(
    terms_id=1, terms=Terms(10**16, 10**15, 86_400, 3600, 5, 200, 60), paused=False,
    successor=ZERO_ADDRESS, retired=False, accepting=True, credit=0, open_rooms=0,
)  # fmt: skip
ROOM = RoomView(
    room_id=1, host=ZERO_ADDRESS, pending_host=ZERO_ADDRESS, created_at=1, expires_at=1,
    rekeyed_at=0, operator_id=1, terms_id=1, mode=Mode.WEBRTC, gated=False, status=Status.ACTIVE,
    end_reason=EndReason.NONE, effective_status=Status.ACTIVE, effective_reason=EndReason.NONE,
    released=False, uid=bytes(16), tag=bytes(12), key_version=1, events=2,
)  # fmt: skip
_CREATION, _ROOMS = view_call("creation", 1, ZERO_ADDRESS)[:4], view_call("rooms", [])[:4]
_TERMS_TYPE = "(uint256,uint256,uint32,uint32,uint16,uint16,uint16)"
_CREATION_TYPE = f"(uint16,{_TERMS_TYPE},bool,address,bool,bool,uint256,uint256)"
_ROOM_TYPE = (
    "(uint256,address,address,uint64,uint64,uint64,uint16,uint16,uint8,bool,uint8,uint8,uint8,"
    "uint8,bool,bytes16,bytes12,uint16,uint16)"
)


class ScriptedNode:
    """`chain.rpc.blocking.SyncNode`. `answers`: by method; an exception is raised, an iterator
    answers one call after the other. `creation`, `room`: the contract's views; every other call is
    answered by `eth_call`. `closed`: operators that take no rooms, whatever `creation` says.
    `down`: nobody answers."""

    def __init__(self, **answers: Any) -> None:
        self.creation = CREATION
        self.closed: set[int] = set()
        self.room = ROOM
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
        if method == "eth_call" and (told := self._view(to_bytes(params[0]["data"]))) is not None:
            return hex_data(told)
        answer = self.answers[method]
        if isinstance(answer, Iterator):
            answer = next(answer)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _view(self, data: bytes) -> bytes | None:
        """The answer to one of the contract's views."""
        if data[:4] == _CREATION:
            taken = self.creation.accepting and int.from_bytes(data[4:36]) not in self.closed
            answer = self.creation._replace(accepting=taken)
            return bytes(CODEC.encode([_CREATION_TYPE], [answer]))
        if data[:4] == _ROOMS:
            return bytes(CODEC.encode([f"{_ROOM_TYPE}[]"], [[self.room]]))
        return None

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        return [await self.call(method, params) for method, params in calls]

    def close(self) -> None:
        pass
