"""Several nodes behind one `Rpc`.

Promises:
1. The pool stays with one node until that one is bad (errors in a row, rate limit, frozen head,
   quarantine; at once: a refusal of our access, an answer that cannot be used), then moves to a
   healthy one and stays there: it never moves back for being better.
2. A call, or a question of several, that fails with a transient error, or for a block that the node
   does not have, is tried once at each other usable node; all of a question is asked at one node.
   An error of a read that nobody recognises, and an empty answer, are held against another node's
   (`chain.rpc.second_opinion`), also for who asks one node (`pick`, `on`): what the other answers
   is the first one's fault, and it is left at once; its error is transient then. A node that
   refuses everything, while no other can say better, cools down, too. A node that does not keep the
   history which another has is not bad: it comes after the others for a while.
3. A node that cools down or is quarantined is asked nothing while another may be asked. When
   none is left, calls fail at once with `NoEndpoint` and the time until the next try, so waiting
   costs no requests; those that merely failed are tried again every `last_resort_seconds`, so that
   a lone node's return is noticed at once.
4. A head that stands still while others advance is left `frozen_seconds` after it fell
   `max_lag_blocks` behind. A node's head is what it answers when asked; what its WebSocket
   announces is only something that the answers must keep up with.
5. URLs stay out of every repr; a node's name shows scheme and host only, and is unique.
6. Of a pool that was built for a chain, a node of another one is asked nothing else and is
   quarantined (`chain.rpc.chain_guard`).

Assumes: callers that need several answers from one node use `pick()`, and start over if it fails.
Repeating eth_sendRawTransaction elsewhere is safe: it is idempotent by hash.
On restart: every node starts healthy, and the first configured one is current.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import httpx
import structlog

from chain.header import Head, parse_head
from chain.rpc.answers import understood
from chain.rpc.chain_guard import ChainGuard
from chain.rpc.client import Call, HttpRpc, Rpc
from chain.rpc.errors import MalformedAnswer, NoEndpoint, RpcError, UnknownBlock
from chain.rpc.judge import Judge
from chain.rpc.node_health import HealthRecord, NodeHealth, NodeState, PoolPolicy
from common.clock import Clock, Rng
from common.redact import redact_url

log = structlog.get_logger(__name__)
T = TypeVar("T")


class Node(Rpc, Protocol):
    """An `Rpc` bound to one node."""

    name: str


class Nodes(Protocol):
    """What the follower needs of several nodes: one at a time, by name. `NodePool` is the real one,
    a simulation brings its own."""

    def pick(self) -> Node:
        """The one to ask now."""
        ...

    def other_than(self, name: str) -> Node | None:
        """A healthy one that is not `name`, for a second opinion."""
        ...

    def quarantine(self, name: str, reason: str, seconds: float | None = None) -> None:
        """Ask `name` nothing for a while: it lied."""
        ...

    def observe_head(self, name: str, number: int, timestamp: int) -> None:
        """`name` has a head of this height and (unix) block time."""
        ...


@dataclass(frozen=True)
class NodeConfig:
    """One node of the settings. The URLs are secret; `name` defaults to scheme://host."""

    url: str = field(repr=False)
    ws_url: str | None = field(default=None, repr=False)
    name: str = ""


@dataclass(frozen=True)
class PooledNode:
    """A named node. `ws_url` (secret) is where it offers newHeads, if it does."""

    name: str
    rpc: Rpc
    ws_url: str | None = field(default=None, repr=False)


class NodeRpc:
    """An `Rpc` bound to one node: errors are raised, health is kept."""

    def __init__(self, pool: NodePool, endpoint: PooledNode) -> None:
        self._pool = pool
        self._endpoint = endpoint
        self.name = endpoint.name

    def __repr__(self) -> str:
        return f"NodeRpc({self.name})"

    def gave_malformed(self, reason: str) -> None:
        """An answer of this node's could not be used: `NodePool.distrust`."""
        self._pool.distrust(self.name, reason)

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        return (await self._pool._ask(self._endpoint, [(method, params)], single=True))[0]

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        return await self._pool._ask(self._endpoint, calls, single=False)


class NodePool:
    """See the module's promises. Not for use from several threads."""

    def __init__(
        self,
        endpoints: Sequence[PooledNode],
        clock: Clock,
        rng: Rng,
        *,
        policy: PoolPolicy | None = None,
    ) -> None:
        if not endpoints:
            raise ValueError("no RPC endpoint is configured: set at least one RPC URL")
        if len({endpoint.name for endpoint in endpoints}) != len(endpoints):
            raise ValueError("two RPC endpoints have the same name")
        self._endpoints = {endpoint.name: endpoint for endpoint in endpoints}
        self._clock = clock
        self._rng = rng
        self._policy = policy or PoolPolicy()
        self._health = {name: HealthRecord(self._policy) for name in self._endpoints}
        self._bound = {name: NodeRpc(self, endpoint) for name, endpoint in self._endpoints.items()}
        self._current = endpoints[0].name
        rpcs = {name: endpoint.rpc for name, endpoint in self._endpoints.items()}
        self._judge = Judge(self._health, rpcs, self._witnesses, self.quarantine, clock, rng)

    @classmethod
    def build(
        cls,
        configs: Sequence[NodeConfig],
        client: httpx.AsyncClient,
        clock: Clock,
        rng: Rng,
        *,
        policy: PoolPolicy | None = None,
        timeout: float = 10.0,
        max_batch: int = 100,
        chain_id: int | None = None,
    ) -> NodePool:
        """A pool over HTTP. `chain_id`: each node must be of that chain to be asked anything."""
        endpoints = named_nodes(
            configs,
            lambda url: HttpRpc(url, client, timeout=timeout, max_batch=max_batch),
            chain_id=chain_id,
        )
        return cls(endpoints, clock, rng, policy=policy)

    # --- asking ---------------------------------------------------------------------------------

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        return await self.ask(lambda node: node.call(method, params))

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        return await self.ask(lambda node: node.batch(calls))

    async def ask(self, question: Callable[[NodeRpc], Awaitable[T]]) -> T:
        """The answer to `question`, by promise 2. Raises the last `RpcError`, or `NoEndpoint`."""
        self._settle()
        last: RpcError | None = None
        for name in self._ranked():
            try:
                return await question(self.on(name))
            except RpcError as error:
                if not error.transient and not isinstance(error, UnknownBlock):
                    raise
                last = error
        self._settle()
        if last is not None:
            raise last
        now = self._clock.monotonic()
        wait = min(self._free_in(name, now) for name in self._endpoints)
        raise NoEndpoint(f"no RPC endpoint gets requests for {wait:.1f} s: {self._why()}", wait)

    @property
    def current(self) -> str:
        """The name of the node that is asked first."""
        self._settle()
        return self._current

    @property
    def frozen_seconds(self) -> float:
        """After so long a head that stands still counts as frozen."""
        return self._policy.frozen_seconds

    @property
    def names(self) -> list[str]:
        return list(self._endpoints)

    def pick(self) -> NodeRpc:
        """The current node, bound: everything asked through it comes from one node."""
        return self.on(self.current)

    def on(self, name: str) -> NodeRpc:
        """A named node, the same object each time. Raises KeyError for an unknown name."""
        return self._bound[name]

    def other_than(self, name: str) -> NodeRpc | None:
        """The best usable node that is not `name`, to ask for a second opinion."""
        for candidate in self._ranked():
            if candidate != name:
                return self.on(candidate)
        return None

    def ws_url(self, name: str) -> str | None:
        return self._endpoints[name].ws_url

    # --- judging --------------------------------------------------------------------------------

    def quarantine(self, name: str, reason: str, seconds: float | None = None) -> None:
        """Ask `name` nothing more for a while: it gave answers that cannot be true.

        The only node there is merely cools down, for the longest cool-down.
        """
        wait = self._policy.quarantine_seconds if seconds is None else seconds
        if len(self._endpoints) == 1:
            wait = min(wait, self._policy.max_cool_seconds)
        self._health[name].quarantine(self._clock.monotonic(), reason, wait)
        log.error("endpoint quarantined", endpoint=name, reason=reason, seconds=wait)
        self._settle()

    def distrust(self, name: str, reason: str) -> None:
        """An answer of `name` cannot be used, which was found after the call: counted as the call's
        failure, and the node left at once, for a cool-down that grows while it goes on.

        For who checks what a bound node answered (`pick`, `on`), before raising the error. A
        `MalformedAnswer` raised by the node's `Rpc` itself counts the same without it.
        """
        self._judge.note_failure(name, MalformedAnswer(reason, endpoint=name))
        self._settle()

    def complain(self, name: str, reason: str) -> None:
        """What `name` announces cannot be used. Counted; it is asked on, as its answers may be well
        and are all that counts."""
        self._health[name].complained(reason)

    def observe_head(self, name: str, number: int, timestamp: int) -> None:
        """`name` has a head of this height and (unix) block time."""
        now = self._clock.monotonic()
        self._health[name].saw_head(now, number, timestamp)
        self._compare(now)

    def announced_head(self, name: str, number: int | None) -> None:
        """The WebSocket of `name` announced this height; None: it is closed."""
        self._health[name].announced = number
        self._compare(self._clock.monotonic())

    def _compare(self, now: float) -> None:
        best = self._best_head(now)
        for health in self._health.values():
            health.compare(now, best)
        self._settle()

    async def probe(self) -> None:
        """Ask every node that may be asked for its head. Errors only touch its health."""
        for name in self._endpoints:
            if self._free_in(name, self._clock.monotonic()) > 0:
                continue
            try:
                await self.probe_one(name)
            except RpcError as error:
                log.debug("probe failed", endpoint=name, error=str(error))

    async def probe_one(self, name: str) -> Head:
        """The latest block of `name`, its head observed. Raises `RpcError`."""
        node, method = self.on(name), "eth_getBlockByNumber"
        head = understood(node, method, await node.call(method, ["latest", False]), parse_head)
        self.observe_head(name, head.number, head.timestamp)
        return head

    def health(self) -> list[NodeHealth]:
        """A snapshot of every node, in the order of the settings."""
        now = self._clock.monotonic()
        current = self.current
        unix = self._clock.now()
        return [
            health.snapshot(name, now, unix, current=name == current)
            for name, health in self._health.items()
        ]

    @property
    def stalled(self) -> bool:
        """No node's head advanced for `frozen_seconds`: the chain halts, or all nodes do."""
        now = self._clock.monotonic()
        seen = [h.head_advanced for h in self._health.values() if h.head_advanced is not None]
        return bool(seen) and now - max(seen) >= self._policy.frozen_seconds

    # --- inside ---------------------------------------------------------------------------------

    async def _ask(self, endpoint: PooledNode, calls: Sequence[Call], *, single: bool) -> list[Any]:
        health = self._health[endpoint.name]
        began = self._clock.monotonic()
        if self._free_in(endpoint.name, began) > 0:
            wait = min(self._free_in(name, began) for name in self._endpoints)
            why = health.fault or health.quarantine_reason or health.last_error
            raise NoEndpoint(f"{endpoint.name} is {health.state(began)}: {why}", wait)
        last_resort = health.free_in(began) > 0
        if last_resort:
            health.tried_at = began
        try:
            results = await _put(endpoint.rpc, calls, single=single)
        except RpcError as error:
            judged = await self._judge.failed(endpoint.name, calls, error, began)
            self._settle()
            if judged is error:
                raise
            raise judged from None
        except asyncio.CancelledError:
            # The caller's patience ended first: a node that always is too slow must cool down, too.
            if self._clock.monotonic() - began >= 1.0:
                health.failed(self._clock.monotonic(), "too slow: the caller timed out")
            raise
        await self._judge.answered(endpoint.name, calls, results, began)
        if last_resort:
            health.recovered(self._clock.monotonic())
        return results

    def _witnesses(self, name: str) -> list[str]:
        now = self._clock.monotonic()
        return [
            other
            for other in self._ranked()
            if other != name and self._health[other].state(now) is NodeState.HEALTHY
        ]

    def _ranked(self) -> list[str]:
        """Usable nodes: the current one first, frozen ones last, else as configured."""
        now = self._clock.monotonic()
        usable = [name for name in self._endpoints if self._free_in(name, now) <= 0]
        return sorted(usable, key=lambda n: (self._worse(n, now), n != self._current))

    def _worse(self, name: str, now: float) -> tuple[bool, bool]:
        health = self._health[name]
        return health.frozen(now), health.aside_until > now

    def _free_in(self, name: str, now: float) -> float:
        """Seconds until `name` may be asked, by promise 3."""
        if any(health.free_in(now) <= 0 for health in self._health.values()):
            return self._health[name].free_in(now)
        return self._health[name].resort_in(now, self._policy.last_resort_seconds)

    def _settle(self) -> None:
        """Leave the current node if it is bad and a better one is there."""
        now = self._clock.monotonic()
        health = self._health[self._current]
        state = health.state(now)
        if state is NodeState.HEALTHY and health.aside_until <= now:
            return
        # Not to one that cools down as well: it is asked where it stands, as a last resort.
        ranked = [
            name
            for name in self._ranked()
            if name != self._current and self._health[name].free_in(now) <= 0
        ]
        if not ranked:
            return
        best = ranked[0]
        usable = state in (NodeState.HEALTHY, NodeState.FROZEN)
        if usable and self._worse(best, now) >= self._worse(self._current, now):
            return
        log.warning("endpoint switched", was=self._current, now=best, because=str(state))
        self._current = best

    def _best_head(self, now: float) -> int | None:
        # A quarantined node's head is no measure for the others.
        heads = [
            head
            for health in self._health.values()
            for head in (health.head, health.announced)
            if head is not None and health.quarantined_until <= now
        ]
        return max(heads, default=None)

    def _why(self) -> str:
        return "; ".join(
            f"{name}: {health.quarantine_reason or health.last_error or 'in cooldown'}"
            for name, health in self._health.items()
        )


async def _put(rpc: Rpc, calls: Sequence[Call], *, single: bool) -> list[Any]:
    return [await rpc.call(*calls[0])] if single else await rpc.batch(calls)


def named_nodes(
    configs: Sequence[NodeConfig], connect: Callable[[str], Rpc], *, chain_id: int | None = None
) -> list[PooledNode]:
    """Nodes whose URLs `connect` opens. Two URLs of one host get names of their own (...#2).

    `chain_id`: the chain that each must be of, if that matters.
    """
    endpoints: list[PooledNode] = []
    taken: set[str] = set()
    for config in configs:
        base = name = config.name or redact_url(config.url)
        number = 1
        while name in taken:
            number += 1
            name = f"{base}#{number}"
        taken.add(name)
        rpc = connect(config.url)
        if chain_id is not None:
            rpc = ChainGuard(rpc, chain_id, name)
        endpoints.append(PooledNode(name, rpc, config.ws_url))
    return endpoints
