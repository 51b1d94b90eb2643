"""JSON-RPC 2.0 over HTTP.

Promises: a `JsonRpcClient` speaks to one endpoint; every call ends within its timeout; every
failure is a typed `chain.rpc.errors.RpcError` that shows no secret part of the URL; an answer
larger than the cap is refused before it is held in memory. A batch that the node refuses for its
size, in whatever words, is asked again in smaller ones, and the next ones are as small
(`chain.rpc.batch_size`). What is sent, and what an answer means, stands here once; how a body
travels is a subclass's: `HttpRpc` through a shared `httpx.AsyncClient`,
`chain.rpc.blocking.BlockingRpc` through one that blocks.
Assumes: the caller decides about retries and other endpoints (`chain.rpc.pool`).
On restart: nothing is kept.

Whether a refusal is the batch's: what the words blame counts, and where they blame nothing that we
know, or are "too many requests" at a size that was never taken (each call counts as one to some
providers), the call concerned is asked once more, alone. Answered, it was the batch; refused again,
it is the call, and its error is raised. So a batch with logs first becomes smaller, and the range
of an eth_getLogs only what is refused of this call alone, or names the range in its words; logs
asked for by block hash have no range, and so are the batch's matter always.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import httpcore
import httpx
import orjson
import structlog

from chain.rpc.batch_size import BatchSize
from chain.rpc.errors import (
    ACCESS_STATUSES,
    BadResponse,
    HttpStatusError,
    JsonRpcError,
    LogRangeTooLarge,
    NodeBusy,
    RateLimited,
    RpcError,
    RpcTimeout,
    TransportError,
    about_batches,
    batch_limit,
    classify_error,
)
from common.http_proxies import direct_mounts
from common.redact import HIDDEN, redact_url, silence_urls, url_secrets

log = structlog.get_logger(__name__)
Call = tuple[str, Sequence[Any]]
HttpClient = TypeVar("HttpClient", httpx.AsyncClient, httpx.Client)

_READ_BYTES = 256 * 1024
_LOGS = "eth_getLogs"
_MOST_WORDS = 200
_OF_THE_CALL = (-32601, -32602)
"""Codes of a call that would be refused alone as well: no such method, wrong parameters."""
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
    return httpx.AsyncClient(mounts=direct_mounts(), limits=limits, follow_redirects=False)


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
    `max_batch`: the most calls per POST; longer batches are sent one POST after another.
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
        self._size = BatchSize(max_batch)
        self._secrets = url_secrets(url)
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
        results: list[Any] = [None] * len(calls)
        pending = list(range(len(calls)))
        while pending:
            part = pending[: self._size.now]
            if self._size.now == 1:
                results[part[0]] = await self._alone(calls, part[0])
            else:
                asked = [calls[at] for at in part]
                try:
                    answers = await self._one_batch(asked)
                except RpcError as error:
                    at = part[self._refused_batch(error, asked, part)]
                    results[at] = await self._alone(calls, at)
                    self._size.refused(len(part), batch_limit(error, len(part)))
                    log.info(
                        "endpoint takes smaller batches",
                        endpoint=self.endpoint,
                        calls=self._size.now,
                        error=str(error),
                    )
                    pending.remove(at)
                    continue
                for at, answer in zip(part, answers, strict=True):
                    results[at] = answer
            self._size.answered(len(part))
            del pending[: len(part)]
        return results

    async def _alone(self, calls: Sequence[Call], at: int) -> Any:
        try:
            return await self.call(*calls[at])
        except RpcError as error:
            error.position = at
            raise

    def _refused_batch(self, error: RpcError, asked: Sequence[Call], places: Sequence[int]) -> int:
        """Which call to ask alone, since the batch may be what was refused. Raises `error` if it is
        not that; `places`: where the calls stand in the whole question."""
        at = error.position
        if at is None:
            # Logs are what is refused most.
            at = next((n for n, (name, _) in enumerate(asked) if name == _LOGS), 0)
        limited = isinstance(error, RateLimited) and len(asked) > 1
        if _may_blame_the_batch(error, asked[at]) or (limited and self._size.limited(len(asked))):
            return at
        if len(asked) > 1 and isinstance(error, RpcTimeout | BadResponse):
            self._size.unanswered(len(asked))
        if error.position is not None:
            error.position = places[error.position]
        raise error

    async def _one_batch(self, calls: Sequence[Call]) -> list[Any]:
        requests = [self._request(method, params) for method, params in calls]
        names = {name for name, _ in calls}
        # Logs are what makes an answer large: a fault of the whole batch is theirs.
        method = calls[0][0] if len(names) == 1 else _LOGS if _LOGS in names else "batch"
        answer = await self._post(requests, method)
        if isinstance(answer, dict) and answer.get("error") is not None:
            raise self._error(method, answer["error"])
        if not isinstance(answer, list):
            raise self._bad("the answer to a batch is not an array", method)
        by_id = {str(entry.get("id")): entry for entry in answer if isinstance(entry, dict)}
        of_all = by_id.get("None", {}).get("error")
        if of_all is not None:
            raise self._error(method, of_all)
        if not any(str(request["id"]) in by_id for request in requests):
            raise self._bad("the answer to a batch answers none of its calls", method)
        results = []
        for at, (request, (name, _)) in enumerate(zip(requests, calls, strict=True)):
            entry = by_id.get(str(request["id"]))
            if entry is None:
                # As many as it takes, perhaps; the next batch will tell.
                self._size.refused(len(calls), at or None)
                missing = self._bad("an answer is missing from the batch", name)
                missing.position = at
                raise missing
            try:
                results.append(self._result(entry, name))
            except RpcError as error:
                error.position = at
                raise
        return results

    def _request(self, method: str, params: Sequence[Any]) -> dict[str, Any]:
        self._next_id += 1
        return {"jsonrpc": "2.0", "id": self._next_id, "method": method, "params": list(params)}

    def _result(self, answer: dict[str, Any], method: str) -> Any:
        if answer.get("error") is not None:
            raise self._error(method, answer["error"])
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
        return self._read(answer, method, alone=isinstance(body, dict))

    def _read(self, answer: RawAnswer, method: str, *, alone: bool) -> Any:
        try:
            body = orjson.loads(answer.content)
        except orjson.JSONDecodeError:
            body = None
        status = answer.status
        where = {"endpoint": self.endpoint, "method": method}
        if status == 429:
            # Retry-After may also be a date; the pool's own back-off serves then.
            wait = answer.retry_after.strip()
            seconds = float(wait) if wait.isascii() and wait.replace(".", "", 1).isdigit() else None
            raise RateLimited(seconds, text=self._said(answer, body), **where)
        if status == 413 and method == _LOGS and alone:
            raise LogRangeTooLarge(413, "HTTP 413", endpoint=self.endpoint, method=method)
        # Some nodes answer a JSON-RPC error with an HTTP error status: the body says more, but for
        # who may ask.
        spoken = isinstance(body, list) or (isinstance(body, dict) and "error" in body)
        formed = isinstance(body, list) or (spoken and isinstance(body["error"], dict))
        if status in ACCESS_STATUSES or (status >= 400 and not formed):
            raise HttpStatusError(status, said=self._said(answer, body), **where)
        if body is None or status in range(300, 400):
            raise self._bad("the answer is not JSON", method)
        return body

    def _said(self, answer: RawAnswer, body: Any) -> str:
        """The words of an HTTP error's body, if they are few: no pages."""
        if isinstance(body, list) and body:
            body = body[0]
        if isinstance(body, dict):
            body = body.get("error", body)
        if isinstance(body, dict):
            body = body.get("message", "")
        elif body is None:
            body = answer.content[: _MOST_WORDS + 1].decode("utf-8", "replace")
        text = " ".join(str(body).split())
        return "" if "<" in text or len(text) > _MOST_WORDS else self._hidden(text)

    def _error(self, method: str, error: Any) -> RpcError:
        """Its typed error. A message may echo the key of our URL."""
        if isinstance(error, dict):
            error = {**error, "message": self._hidden(str(error.get("message", "")))}
        else:
            error = self._hidden(str(error))
        return classify_error(method, error, self.endpoint)

    def _hidden(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text

    def _bad(self, text: str, method: str) -> BadResponse:
        return BadResponse(text, endpoint=self.endpoint, method=method)


def _may_blame_the_batch(error: RpcError, call: Call) -> bool:
    """The refusal of a batch may be about the batch; `call`: the one that it answered."""
    if about_batches(error):
        return True
    if isinstance(error, LogRangeTooLarge):
        return any("blockHash" in part for part in call[1] if isinstance(part, dict))
    if isinstance(error, HttpStatusError):
        return not error.refusal
    if isinstance(error, BadResponse):
        return error.position is not None  # the others were answered
    known = type(error) is JsonRpcError and error.code in _OF_THE_CALL
    return isinstance(error, NodeBusy) or (type(error) is JsonRpcError and not known)


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
