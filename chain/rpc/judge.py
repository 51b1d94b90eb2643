"""What each answer and each failure does to the health of the node that gave it.

Promises: `answered` and `failed` are told of every call, and keep the node's `HealthRecord`.
1. A transient failure counts; enough in a row cool the node down, a rate limit does at once.
2. A refusal of our access and an answer that cannot be used cool it down at once, and its fault is
   told in words: other calls may be answered well in between.
3. What is doubted is held against another node (`chain.rpc.second_opinion`). If that one answers,
   the error to raise is a `RefusedByNode` or `MalformedAnswer`, transient, by 2.; a node that only
   keeps less history steps aside. If it says the same, both are healthy.
4. A node that refuses all that it is asked, in unknown words that no other node could refute, cools
   down as well; its errors stay what they are.
Assumes: the pool decides who is asked, and who may be a witness.
On restart: nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from chain.rpc.chain_guard import OtherChain
from chain.rpc.client import Call, Rpc
from chain.rpc.errors import (
    JsonRpcError,
    MalformedAnswer,
    NodeBusy,
    RateLimited,
    RefusedByNode,
    RpcError,
    UnknownBlock,
)
from chain.rpc.node_health import HealthRecord, NodeState
from chain.rpc.second_opinion import (
    Blame,
    Kind,
    SecondOpinions,
    doubted_answer,
    doubted_error,
    failed_call,
    fault_words,
)
from common.clock import Clock, Rng, jittered

log = structlog.get_logger(__name__)


class Judge:
    """Of the nodes of one pool. `witnesses`: who may be asked about a node, best first;
    `quarantine`: leaves one alone for long, for a reason."""

    def __init__(
        self,
        health: Mapping[str, HealthRecord],
        rpcs: Mapping[str, Rpc],
        witnesses: Callable[[str], Sequence[str]],
        quarantine: Callable[[str, str], None],
        clock: Clock,
        rng: Rng,
    ) -> None:
        self._health = health
        self._rpcs = rpcs
        self._quarantine = quarantine
        self._clock = clock
        self._rng = rng
        self._opinions = SecondOpinions(clock, witnesses, self._witness)

    async def answered(
        self, name: str, calls: Sequence[Call], answers: Sequence[Any], began: float
    ) -> None:
        """`name` answered. Raises `MalformedAnswer` for an emptiness that another node refutes."""
        now = self._clock.monotonic()
        doubt = doubted_answer(calls, answers)
        if doubt and await self._opinions.about(name, doubt) is Blame.NODE:
            text = "an odd answer: nothing, but another node has it: this one may still sync"
            empty = MalformedAnswer(text, endpoint=name, method=doubt.call[0])
            self.note_failure(name, empty, began)
            raise empty
        self._health[name].succeeded(now, now - began, [method for method, _ in calls])

    async def failed(
        self, name: str, calls: Sequence[Call], error: RpcError, began: float
    ) -> RpcError:
        """What to raise for the `error` of `name`."""
        health, method = self._health[name], failed_call(calls, error)[0]
        counts = isinstance(error, NodeBusy | UnknownBlock)
        doubt = doubted_error(calls, error, health.missed(method) if counts else 1)
        found = Blame.REQUEST if doubt is None else await self._opinions.about(name, doubt)
        if doubt is not None and found is Blame.NODE:
            if doubt.kind is Kind.REFUSAL and isinstance(error, JsonRpcError):
                refused = RefusedByNode(
                    error.code, error.message, error.data, endpoint=error.endpoint, method=method
                )
                self.note_failure(name, refused, began, of=method)
                return refused
            log.info("endpoint keeps too little history", endpoint=name, error=str(error))
            health.step_aside(self._clock.monotonic())
        if doubt is not None and doubt.kind is Kind.REFUSAL and not error.transient:
            self._refused(name, method, error, found)
        else:
            self.note_failure(name, error, began)
        return error

    def note_failure(
        self, name: str, error: RpcError, began: float | None = None, *, of: str = ""
    ) -> None:
        """`began`: when the call did; `of`: the one method that a refusal is about, if it is not
        about us."""
        health = self._health[name]
        now = self._clock.monotonic()
        began = now if began is None else began
        if not error.transient:
            # The node answered, and rightly said no.
            health.succeeded(now, now - began)
            return
        was = health.state(now)
        # Calls that were under way when the node began to cool down tell of the same fault.
        again = began < health.cooled_at
        health.failed(now, str(error), again=again)
        if isinstance(error, OtherChain):
            self._quarantine(name, error.text)
        elif isinstance(error, RateLimited):
            health.limit(now, jittered(error.retry_after or 0.0, self._rng, 0.05), again=again)
        elif error.refusal:
            health.leave(now, again=again)
            self._tell_fault(name, fault_words(error), of)
        if health.state(now) is NodeState.COOLING and was is not NodeState.COOLING:
            log.warning(
                "endpoint in cooldown",
                endpoint=name,
                seconds=round(health.free_in(now), 1),
                error=str(error),
            )

    async def _witness(self, name: str, call: Call) -> Any:
        """The answer of `name`, or its error; no second opinion about that."""
        began = self._clock.monotonic()
        try:
            answer = await self._rpcs[name].call(*call)
        except RpcError as error:
            self.note_failure(name, error, began)
            return error
        now = self._clock.monotonic()
        self._health[name].succeeded(now, now - began, [call[0]])
        return answer

    def _refused(self, name: str, method: str, error: RpcError, found: Blame) -> None:
        """It says no in unknown words, and no other node can say better: the request's fault,
        unless it says so to everything."""
        health, now = self._health[name], self._clock.monotonic()
        if found is Blame.ASKED or not health.refuses_all(method, agreed=found is Blame.REQUEST):
            health.calls += 1
            return
        health.failed(now, str(error))
        health.leave(now)
        self._tell_fault(name, f"it refuses all requests ({method}: {error.text}); check RPC_URLS")

    def _tell_fault(self, name: str, text: str, method: str = "") -> None:
        health = self._health[name]
        if health.fault != text:
            log.warning("endpoint left", endpoint=name, reason=text)
        health.faulty(self._clock.monotonic(), text, method)
