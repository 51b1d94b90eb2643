"""When a node's answer is held against another node's, and what is concluded.

Promises: decisions are pure; `SecondOpinions` asks. Doubted are, of reads only
1. an error that we do not recognise (`REFUSAL`), and the third failure of a method in a row that
   the node calls its own while it answers others;
2. the empty answer of an eth_call or eth_getCode (`EMPTY`): there is no contract, or the node has
   not come so far;
3. a block or state that the node says it no longer has, or for the third time does not know
   (`PRUNED`).
Never doubted are a revert, a transaction that is refused (repeating it elsewhere is the sender's
matter), the blocks of FINALITY's tags (`chain.finality` asks every node), and what any node would
say of the request. An answer of the other node makes it the node's fault; the same error, or the
same emptiness, the request's. A verdict holds `HOLDS_SECONDS` for its node, method and code, so
that no second node is asked more often than that.
On restart: nothing is kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from chain.rpc.client import Call
from chain.rpc.errors import (
    ExecutionReverted,
    JsonRpcError,
    LogRangeTooLarge,
    MalformedAnswer,
    NodeBusy,
    RpcError,
    UnknownBlock,
    unrecognised,
)
from common.clock import Clock

HOLDS_SECONDS = 60.0
IN_A_ROW = 3
_EMPTY = "0x"


class Kind(StrEnum):
    """What is doubted; see the module."""

    REFUSAL = "refusal"
    EMPTY = "empty"
    PRUNED = "pruned"


class Blame(StrEnum):
    """Whose fault it is. OPEN: no other node could say; ASKED: one is just being asked."""

    NODE = "node"
    REQUEST = "request"
    OPEN = "open"
    ASKED = "asked"


class Doubt(NamedTuple):
    """`call`: what to ask another node; `about`: what the verdict holds for."""

    kind: Kind
    call: Call
    about: tuple[str, ...]
    error: RpcError | None = None


def doubted_error(calls: Sequence[Call], error: RpcError, in_a_row: int) -> Doubt | None:
    """Whether another node should be asked about `error`, which answered `calls`. `in_a_row`: so
    often that method failed since it was answered last, this time included."""
    call = failed_call(calls, error)
    if not isinstance(error, JsonRpcError) or call[0].startswith("eth_send") or _asks_tag(call):
        return None
    if isinstance(error, UnknownBlock):
        if error.pruned or in_a_row >= IN_A_ROW:
            return Doubt(Kind.PRUNED, call, (call[0], Kind.PRUNED), error)
        return None
    if unrecognised(error) or (isinstance(error, NodeBusy) and in_a_row >= IN_A_ROW):
        return Doubt(Kind.REFUSAL, call, (call[0], str(error.code)), error)
    return None


def doubted_answer(calls: Sequence[Call], answers: Sequence[Any]) -> Doubt | None:
    """Whether another node should be asked about an answer."""
    for call, answer in zip(calls, answers, strict=False):
        if _empty(call, answer):
            method, params = call
            tx: Any = params[0] if params else None
            what = (tx.get("to"), str(tx.get("data"))[:10]) if isinstance(tx, Mapping) else (tx,)
            return Doubt(Kind.EMPTY, call, (method, *map(str, what)))
    return None


def verdict(doubt: Doubt, other: Any) -> Blame:
    """What another node's answer, or its `RpcError`, says about it."""
    if not isinstance(other, RpcError):
        if doubt.kind is Kind.EMPTY:
            return Blame.REQUEST if _empty(doubt.call, other) else Blame.NODE
        if doubt.kind is Kind.PRUNED and other is None:
            return Blame.REQUEST
        return Blame.NODE
    if doubt.kind is Kind.PRUNED and isinstance(other, UnknownBlock):
        return Blame.REQUEST
    if doubt.kind is Kind.REFUSAL and _same(doubt.error, other):
        return Blame.REQUEST
    return Blame.OPEN


def failed_call(calls: Sequence[Call], error: RpcError) -> Call:
    """The one of `calls` that `error` answers."""
    if error.position is not None and error.position < len(calls):
        return calls[error.position]
    return next((call for call in calls if call[0] == error.method), calls[0])


class SecondOpinions:
    """Asks other nodes, and holds what was concluded. `witnesses`: whom to ask about a node;
    `ask`: the answer of one of them, or its `RpcError`."""

    def __init__(
        self,
        clock: Clock,
        witnesses: Callable[[str], Sequence[str]],
        ask: Callable[[str, Call], Awaitable[Any]],
    ) -> None:
        self._clock = clock
        self._witnesses = witnesses
        self._ask = ask
        self._held: dict[tuple[str, ...], tuple[float, Blame]] = {}

    async def about(self, name: str, doubt: Doubt) -> Blame:
        """Whose fault it is that `name` answered so."""
        now = self._clock.monotonic()
        self._held = {key: it for key, it in self._held.items() if now - it[0] < HOLDS_SECONDS}
        key = (name, *doubt.about)
        if key in self._held:
            return self._held[key][1]
        # Who doubts the same meanwhile asks nobody.
        self._held[key] = (now, Blame.ASKED)
        found, heard = Blame.OPEN, False
        try:
            for other in self._witnesses(name):
                answer = await self._ask(other, doubt.call)
                heard = heard or not (isinstance(answer, RpcError) and answer.transient)
                found = verdict(doubt, answer)
                if found is not Blame.OPEN:
                    break
        finally:
            # Where nobody could say, the next one who doubts may ask again.
            self._held.pop(key, None)
            if heard:
                self._held[key] = (self._clock.monotonic(), found)
        return found


def fault_words(error: RpcError) -> str:
    """Why a node is left at once, for an operator."""
    said = f"{error.method}: {error.text}" if error.method else error.text
    if isinstance(error, MalformedAnswer):
        return f"its answers cannot be used ({said})"
    return f"it refuses our requests ({said}); check its key, plan and account (RPC_URLS)"


def _same(one: RpcError | None, other: RpcError) -> bool:
    if isinstance(other, ExecutionReverted | LogRangeTooLarge):
        return True  # in words of its own
    if not isinstance(one, JsonRpcError) or not isinstance(other, JsonRpcError):
        return False
    return not other.refusal and (one.code == other.code or one.message == other.message)


def _empty(call: Call, answer: Any) -> bool:
    return call[0] in ("eth_call", "eth_getCode") and answer == _EMPTY


def _asks_tag(call: Call) -> bool:
    method, params = call
    return method == "eth_getBlockByNumber" and bool(params) and params[0] in ("finalized", "safe")
