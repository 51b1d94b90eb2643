"""The chain's nodes, asked without asyncio.

Promises: `ask` runs a coroutine of `chain` (views, simulation) to its end on this thread, over
blocking HTTP, all of it at one node. What is sent and what an answer means is
`chain.rpc.client.JsonRpcClient`'s; which node is asked, and how long a bad one is left,
`chain.rpc.pool.NodePool`'s, as in the other services. Every failure is an `RpcError`, or
`NodeUnavailable` when no node answers; neither shows a URL's secret parts.
Assumes: the coroutine waits for nothing but this Rpc, so it never really suspends. That keeps one
kind of waiting (gevent's) in a worker, and the chain's code shared with the other services. Several
greenlets may ask at once, several threads may not. A call's timeout holds for each wait at the
node, and for the whole from piece to piece of the answer.
On restart: every node starts healthy.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

import httpx

from chain.rpc.client import HEADERS, Call, CappedBody, JsonRpcClient, RawAnswer, Rpc
from chain.rpc.errors import RpcError
from chain.rpc.pool import NodeConfig, NodePool, named_nodes
from chain.rpc.urls import node_urls
from chain.rpc.web3_provider import web3_on
from common.clock import Clock, Rng
from common.http_proxies import direct_mounts

T = TypeVar("T")
MOST_BYTES = 8 * 1024 * 1024


class NodeUnavailable(Exception):
    """No node answers; the text says what each of them said."""


class SyncNode(Protocol):
    """Whoever can run a coroutine against the chain."""

    def ask(self, question: Callable[[Rpc], Coroutine[Any, Any, T]]) -> T:
        """Run `question`. Raises `RpcError` or `NodeUnavailable`."""
        ...

    def close(self) -> None: ...


class BlockingNode:
    """`urls`: http(s) endpoints, best first; ws(s) ones are passed over. `timeout`: seconds for one
    call. `chain_id`: the chain that each node must be of. `on_call` is told each call's method
    ("batch" for several) and "ok" or the error's type.
    """

    def __init__(
        self,
        urls: Sequence[str],
        clock: Clock,
        rng: Rng,
        *,
        timeout: float = 5.0,
        chain_id: int | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._client = client = httpx.Client(
            follow_redirects=False, transport=transport, mounts=direct_mounts(),
            limits=httpx.Limits(max_connections=20, max_keepalive_connections=5),
        )  # fmt: skip
        self.on_call: Callable[[str, str], None] = lambda method, result: None

        def connect(url: str) -> Rpc:
            return _ToldRpc(BlockingRpc(url, client, clock, timeout), self)

        configs = [NodeConfig(url) for url in node_urls(urls)]
        nodes = named_nodes(configs, connect, chain_id=chain_id)
        self._pool = NodePool(nodes, clock, rng)
        for name in self._pool.names:
            web3_on(self._pool.on(name))  # made at the start, not by the first request

    def ask(self, question: Callable[[Rpc], Coroutine[Any, Any, T]]) -> T:
        said: list[str] = []

        async def asked(node: Rpc) -> T:
            try:
                return await question(node)
            except RpcError as error:
                said.append(str(error))
                raise

        try:
            return run(self._pool.ask(asked))
        except RpcError as error:
            if not error.transient:
                raise
            raise NodeUnavailable("; ".join(said) or str(error)) from None

    def check_all(self, check: Callable[[NodePool], Coroutine[Any, Any, T]]) -> T:
        """Run `check`, which asks the nodes one after the other and judges them."""
        return run(check(self._pool))

    def close(self) -> None:
        self._client.close()

    def _told(self, method: str, result: str) -> None:
        self.on_call(method, result)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never suspends."""
    try:
        coroutine.send(None)
    except StopIteration as finished:
        result: T = finished.value
        return result
    coroutine.close()
    raise RuntimeError("the coroutine waited for something else than the node")


class BlockingRpc(JsonRpcClient[httpx.Client]):
    """An endpoint whose coroutines are done at the first step."""

    def __init__(self, url: str, client: httpx.Client, clock: Clock, timeout: float) -> None:
        super().__init__(url, client, timeout=timeout, max_response_bytes=MOST_BYTES)
        self._clock = clock

    async def _send(self, content: bytes) -> RawAnswer:
        ends = self._clock.monotonic() + self._timeout
        body = CappedBody(self._max_bytes)
        with self._client.stream(
            "POST", self._url, content=content, headers=HEADERS, timeout=self._timeout
        ) as response:
            for chunk in response.iter_bytes():
                body.add(chunk)
                if self._clock.monotonic() > ends:
                    raise TimeoutError
        return body.answer(response)


class _ToldRpc:
    """An Rpc that tells `on_call` of `node` how each call went."""

    def __init__(self, rpc: Rpc, node: BlockingNode) -> None:
        self._rpc = rpc
        self._node = node

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        return await self._told(method, self._rpc.call(method, params))

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        name = calls[0][0] if len(calls) == 1 else "batch"
        return await self._told(name, self._rpc.batch(calls))

    async def _told(self, method: str, answer: Awaitable[T]) -> T:
        try:
            result = await answer
        except RpcError as error:
            self._node.on_call(method, type(error).__name__)
            raise
        self._node.on_call(method, "ok")
        return result
