"""JSON-RPC 2.0 over HTTP.

Promises: a `JsonRpcClient` speaks to one endpoint; every call ends within its timeout; every
failure is a typed `chain.rpc.errors.RpcError` that shows no secret part of the URL; an answer
larger than the cap is refused before it is held in memory. What is sent, and what an answer means,
stands here once; how a body travels is a subclass's: `HttpRpc` through a shared
`httpx.AsyncClient`, `chain.rpc.blocking.BlockingRpc` through one that blocks.
Assumes: the caller decides about retries and other endpoints (`chain.rpc.pool`).
On restart: nothing is kept.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import httpcore
import httpx
import orjson

from chain.rpc.errors import (
    BadResponse,
    HttpStatusError,
    LogRangeTooLarge,
    RateLimited,
    RpcTimeout,
    TransportError,
    classify_error,
)
from common.redact import redact_url, silence_urls

Call = tuple[str, Sequence[Any]]
HttpClient = TypeVar("HttpClient", httpx.AsyncClient, httpx.Client)

_READ_BYTES = 256 * 1024
_LOGS = "eth_getLogs"
HEADERS = {"content-type": "application/json", "accept-encoding": "gzip"}


class Rpc(Protocol):
    """A node, or something that behaves like one."""

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        """The `result` of one call. Raises `RpcError`."""
        ...

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        """The results of `calls` in their order, all from one node.

        Raises the error of the first call (in order) that failed.
        """
        ...


def http_client(*, max_connections: int = 20) -> httpx.AsyncClient:
    """The one shared client of a process; the caller closes it. Redirects are not followed: an
    API key in the URL must not travel to another host."""
    # Logs come by the megabyte: reading them in pieces of 64 kB costs a third more.
    httpcore.AsyncHTTP11Connection.READ_NUM_BYTES = _READ_BYTES
    limits = httpx.Limits(max_connections=max_connections, max_keepalive_connections=10)
    return httpx.AsyncClient(limits=limits, follow_redirects=False)


class RawAnswer(NamedTuple):
    """What came back. `retry_after`: that header's text, "" if there is none."""

    status: int
    retry_after: str
    content: bytes


class AnswerTooLarge(Exception):
    """The answer is larger than the cap."""


class CappedBody:
    """An answer's bytes while they arrive. `add` raises `AnswerTooLarge` above `most_bytes`."""

    def __init__(self, most_bytes: int) -> None:
        self._room = most_bytes
        self._chunks: list[bytes] = []

    def add(self, chunk: bytes) -> None:
        self._room -= len(chunk)
        if self._room < 0:
            raise AnswerTooLarge
        self._chunks.append(chunk)

    def answer(self, response: httpx.Response) -> RawAnswer:
        """All of it, with what else of `response` counts."""
        whole = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        return RawAnswer(response.status_code, response.headers.get("retry-after", ""), whole)


class JsonRpcClient(ABC, Generic[HttpClient]):
    """One endpoint.

    `timeout`: seconds for a whole call, from connecting to the last byte.
    `max_batch`: calls per POST; longer batches are sent one POST after another.
    `max_response_bytes`: an answer above it is refused (`LogRangeTooLarge` for eth_getLogs).
    """

    def __init__(
        self,
        url: str,
        client: HttpClient,
        *,
        timeout: float = 10.0,
        max_batch: int = 100,
        max_response_bytes: int = 128 * 1024 * 1024,
    ) -> None:
        silence_urls()
        self._url = url
        self._client: HttpClient = client
        self._timeout = timeout
        self._max_batch = max_batch
        self._max_bytes = max_response_bytes
        self._next_id = 0
        self.endpoint = redact_url(url)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.endpoint})"

    @abstractmethod
    async def _send(self, content: bytes) -> RawAnswer:
        """POST `content` with `HEADERS`, within the timeout. Raises TimeoutError, httpx's errors,
        `AnswerTooLarge`."""

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        answer = await self._post(self._request(method, params), method)
        if not isinstance(answer, dict):
            raise self._bad("the answer is not a JSON-RPC object", method)
        return self._result(answer, method)

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        results: list[Any] = []
        for start in range(0, len(calls), self._max_batch):
            results += await self._one_batch(calls[start : start + self._max_batch])
        return results

    async def _one_batch(self, calls: Sequence[Call]) -> list[Any]:
        requests = [self._request(method, params) for method, params in calls]
        names = {name for name, _ in calls}
        # Logs are what makes an answer large: a fault of the whole batch is theirs.
        method = calls[0][0] if len(names) == 1 else _LOGS if _LOGS in names else "batch"
        answer = await self._post(requests, method)
        if isinstance(answer, dict) and answer.get("error") is not None:
            raise classify_error(method, answer["error"], self.endpoint)
        if not isinstance(answer, list):
            raise self._bad("the answer to a batch is not an array", method)
        by_id = {str(entry.get("id")): entry for entry in answer if isinstance(entry, dict)}
        results = []
        for request, (name, _) in zip(requests, calls, strict=True):
            entry = by_id.get(str(request["id"]))
            if entry is None:
                raise self._bad("an answer is missing from the batch", name)
            results.append(self._result(entry, name))
        return results

    def _request(self, method: str, params: Sequence[Any]) -> dict[str, Any]:
        self._next_id += 1
        return {"jsonrpc": "2.0", "id": self._next_id, "method": method, "params": list(params)}

    def _result(self, answer: dict[str, Any], method: str) -> Any:
        if answer.get("error") is not None:
            raise classify_error(method, answer["error"], self.endpoint)
        if "result" not in answer:
            raise self._bad("the answer has neither result nor error", method)
        return answer["result"]

    async def _post(self, body: Any, method: str) -> Any:
        # `from None`: httpx's exceptions carry the request, and with it the whole URL.
        where = {"endpoint": self.endpoint, "method": method}
        try:
            answer = await self._send(orjson.dumps(body))
        except (TimeoutError, httpx.TimeoutException):
            raise RpcTimeout(f"no answer within {self._timeout:g} s", **where) from None
        except httpx.HTTPError as error:
            raise TransportError(f"no connection ({type(error).__name__})", **where) from None
        except httpx.InvalidURL:
            raise TransportError("the endpoint's URL is malformed", **where) from None
        except AnswerTooLarge:
            text = f"the answer is larger than {self._max_bytes} bytes"
            if method == _LOGS:
                raise LogRangeTooLarge(0, text, endpoint=self.endpoint, method=method) from None
            raise BadResponse(text, **where) from None
        return self._read(answer, method)

    def _read(self, answer: RawAnswer, method: str) -> Any:
        try:
            body = orjson.loads(answer.content)
        except orjson.JSONDecodeError:
            body = None
        status = answer.status
        if status == 429:
            # Retry-After may also be a date; the pool's own back-off serves then.
            wait = answer.retry_after.strip()
            seconds = float(wait) if wait.isascii() and wait.replace(".", "", 1).isdigit() else None
            raise RateLimited(seconds, endpoint=self.endpoint, method=method)
        if status == 413 and method == _LOGS:
            raise LogRangeTooLarge(413, "HTTP 413", endpoint=self.endpoint, method=method)
        # Some nodes answer a JSON-RPC error with an HTTP error status: the body says more.
        spoken = isinstance(body, list) or (isinstance(body, dict) and "error" in body)
        if status >= 400 and not spoken:
            raise HttpStatusError(status, endpoint=self.endpoint, method=method)
        if body is None or status in range(300, 400):
            raise self._bad("the answer is not JSON", method)
        return body

    def _bad(self, text: str, method: str) -> BadResponse:
        return BadResponse(text, endpoint=self.endpoint, method=method)


class HttpRpc(JsonRpcClient[httpx.AsyncClient]):
    """An endpoint, for asyncio."""

    async def _send(self, content: bytes) -> RawAnswer:
        body = CappedBody(self._max_bytes)
        async with (
            asyncio.timeout(self._timeout),
            self._client.stream(
                "POST", self._url, content=content, headers=HEADERS, timeout=self._timeout
            ) as response,
        ):
            async for chunk in response.aiter_bytes():
                body.add(chunk)
        return body.answer(response)
