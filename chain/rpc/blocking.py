"""The chain's node, asked without asyncio.

Promises: `ask` runs a coroutine of `chain` (views, simulation) to its end on this thread, over
blocking HTTP; a node that does not answer is skipped for the next one. Every failure is an
`RpcError`, or `NodeUnavailable` when no node answers; neither shows a URL's secret parts.
Assumes: the coroutine waits for nothing but this Rpc, so it never really suspends. That keeps one
kind of waiting (gevent's) in a worker, and the chain's code shared with the other services.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

import httpx
import orjson

from chain.rpc.client import Call, Rpc
from chain.rpc.errors import BadResponse, HttpStatusError, RpcError, TransportError, classify_error
from chain.rpc.urls import node_urls
from chain.rpc.web3_provider import web3_on
from common.redact import redact_url, silence_urls

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
    """`urls`: http(s) endpoints, best first. `timeout`: seconds for one call."""

    def __init__(
        self,
        urls: Sequence[str],
        *,
        timeout: float = 5.0,
        on_call: Callable[[str, str], None] = lambda method, result: None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        silence_urls()
        self._client = httpx.Client(
            timeout=timeout, follow_redirects=False, transport=transport,
            limits=httpx.Limits(max_connections=20, max_keepalive_connections=5),
        )  # fmt: skip
        self.on_call = on_call
        self._nodes = [_BlockingRpc(url, self._client, self._told) for url in node_urls(urls)]
        for rpc in self._nodes:
            web3_on(rpc)  # made at the start, not by the first request

    def ask(self, question: Callable[[Rpc], Coroutine[Any, Any, T]]) -> T:
        said = []
        for rpc in self._nodes:
            try:
                return run(question(rpc))
            except RpcError as error:
                if not error.transient:
                    raise
                said.append(str(error))
        raise NodeUnavailable("; ".join(said) or "no http(s) node is set")

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


class _BlockingRpc:
    """`chain.rpc.client.Rpc` whose coroutines are done at the first step."""

    def __init__(self, url: str, client: httpx.Client, on_call: Callable[[str, str], None]) -> None:
        self._url = url
        self._client = client
        self._on_call = on_call
        self.endpoint = redact_url(url)

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        return (await self.batch([(method, params)]))[0]

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        requests = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}
            for number, (method, params) in enumerate(calls)
        ]
        method = calls[0][0] if len(calls) == 1 else "batch"
        try:
            answers = self._post(requests[0] if len(calls) == 1 else requests, method)
            results = [
                self._result(answers.get(number), name) for number, (name, _) in enumerate(calls)
            ]
        except RpcError as error:
            self._on_call(method, type(error).__name__)
            raise
        self._on_call(method, "ok")
        return results

    def _post(self, body: Any, method: str) -> dict[int, dict[str, Any]]:
        # `from None`: httpx's exceptions carry the request, and with it the whole URL.
        where = {"endpoint": self.endpoint, "method": method}
        try:
            response = self._client.post(
                self._url, content=orjson.dumps(body), headers={"content-type": "application/json"}
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise TransportError(f"no answer ({type(error).__name__})", **where) from None
        try:
            answer = orjson.loads(response.content[:MOST_BYTES])
        except orjson.JSONDecodeError:
            answer = None
        if isinstance(answer, dict):
            answer = [answer]
        if not isinstance(answer, list) or not all(isinstance(entry, dict) for entry in answer):
            if response.status_code >= 400:
                raise HttpStatusError(response.status_code, **where)
            raise BadResponse("the answer is not JSON-RPC", **where)
        return {entry.get("id", 0): entry for entry in answer}

    def _result(self, entry: dict[str, Any] | None, method: str) -> Any:
        if entry is None or ("result" not in entry and entry.get("error") is None):
            raise BadResponse("an answer is missing", endpoint=self.endpoint, method=method)
        if entry.get("error") is not None:
            raise classify_error(method, entry["error"], self.endpoint)
        return entry["result"]
