"""The HTTP client: what it sends, what it makes of every kind of answer, what it never shows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest

from chain.rpc.client import HttpRpc
from chain.rpc.errors import (
    BadResponse,
    HttpStatusError,
    JsonRpcError,
    LogRangeTooLarge,
    RateLimited,
    RpcError,
    RpcTimeout,
    TransportError,
)

SECRET_URL = "https://user:hunter2@node.example:8443/v3/SECRETKEY?key=SECRETKEY"
Handler = Callable[[httpx.Request], httpx.Response]


def rpc_over(handler: Handler, **options: Any) -> HttpRpc:
    client = httpx.AsyncClient(transport=httpx.MockTransport(handler))
    return HttpRpc(SECRET_URL, client, **options)


def answering(status: int = 200, **kwargs: Any) -> Handler:
    return lambda _request: httpx.Response(status, **kwargs)


def echo(request: httpx.Request) -> httpx.Response:
    """Answers each call with its method and first parameter, batches in reverse order."""
    body = orjson.loads(request.content)

    def one(entry: dict[str, Any]) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": entry["id"], "result": [entry["method"], *entry["params"]]}

    return httpx.Response(
        200, json=[one(e) for e in reversed(body)] if isinstance(body, list) else one(body)
    )


async def test_call__good_answer__result() -> None:
    assert await rpc_over(echo).call("eth_x", [1]) == ["eth_x", 1]


async def test_batch__answers_out_of_order__results_in_call_order() -> None:
    calls = [("m", [n]) for n in range(5)]
    assert await rpc_over(echo).batch(calls) == [["m", n] for n in range(5)]


async def test_batch__longer_than_max_batch__several_posts_one_result() -> None:
    posts: list[int] = []

    def counting(request: httpx.Request) -> httpx.Response:
        posts.append(len(orjson.loads(request.content)))
        return echo(request)

    rpc = rpc_over(counting, max_batch=2)
    assert await rpc.batch([("m", [n]) for n in range(5)]) == [["m", n] for n in range(5)]
    assert posts == [2, 2, 1]


async def test_batch__empty__no_request() -> None:
    assert await rpc_over(answering(500)).batch([]) == []


async def test_batch__one_entry_failed__its_error_is_raised() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        body = orjson.loads(request.content)
        failed = {"id": body[1]["id"], "error": {"code": -32601, "message": "no such method"}}
        return httpx.Response(200, json=[{"id": body[0]["id"], "result": 1}, failed])

    with pytest.raises(JsonRpcError, match="no such method"):
        await rpc_over(handler).batch([("a", []), ("b", [])])


async def test_batch__answer_missing__that_call_is_asked_alone() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        body = orjson.loads(request.content)
        if isinstance(body, list):
            return httpx.Response(200, json=[{"id": body[0]["id"], "result": 1}])
        return httpx.Response(200, json={"id": body["id"], "result": body["method"]})

    assert await rpc_over(handler).batch([("a", []), ("b", [])]) == ["a", "b"]


async def test_batch__server_refuses_batches__its_words() -> None:
    refusal = {"id": None, "error": {"code": -32600, "message": "batch too large"}}
    with pytest.raises(JsonRpcError, match="batch too large"):
        await rpc_over(answering(200, json=refusal)).batch([("a", [])])


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        (answering(200, text="<html>maintenance</html>"), BadResponse),
        (answering(200, content=b'{"jsonrpc":"2.0","id":1,"resu'), BadResponse),
        (answering(200, json=[1]), BadResponse),
        (answering(200, json={"id": 1}), BadResponse),
        (answering(302, headers={"location": "https://elsewhere"}), BadResponse),
        (answering(401, text="bad key"), HttpStatusError),
        (answering(502, text="<html>"), HttpStatusError),
        (answering(429), RateLimited),
        (answering(500, json={"error": {"code": 1, "message": "spoken"}}), JsonRpcError),
    ],
)
async def test_call__bad_answer__typed_error(handler: Handler, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        await rpc_over(handler).call("eth_x", [])


async def test_call__429_with_retry_after__seconds_are_read() -> None:
    with pytest.raises(RateLimited) as caught:
        await rpc_over(answering(429, headers={"retry-after": "17"})).call("eth_x", [])
    assert caught.value.retry_after == 17


async def test_call__429_with_a_date__no_seconds() -> None:
    handler = answering(429, headers={"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"})
    with pytest.raises(RateLimited) as caught:
        await rpc_over(handler).call("eth_x", [])
    assert caught.value.retry_after is None


async def test_call__answer_over_the_cap__refused() -> None:
    rpc = rpc_over(answering(200, content=b"x" * 2000), max_response_bytes=1000)
    with pytest.raises(BadResponse, match="larger than 1000"):
        await rpc.call("eth_x", [])
    with pytest.raises(LogRangeTooLarge):
        await rpc.call("eth_getLogs", [{}])


@pytest.mark.parametrize(
    "handler",
    [
        answering(200, content=b"x" * 2000),
        answering(413, text="too large"),
        answering(200, json={"error": {"code": -1, "message": "query exceeds max results 20000"}}),
    ],
    ids=["over the cap", "HTTP 413", "one error for the whole batch"],
)
async def test_batch__logs_among_others_and_too_much__is_a_range_too_large(
    handler: Handler,
) -> None:
    rpc = rpc_over(handler, max_response_bytes=1000)
    with pytest.raises(LogRangeTooLarge):
        await rpc.batch([("eth_getBlockByNumber", ["0x1", False]), ("eth_getLogs", [{}])])


async def test_call__node_never_answers__timeout() -> None:
    async def hang(_request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    client = httpx.AsyncClient(transport=httpx.MockTransport(hang))
    with pytest.raises(RpcTimeout):
        await HttpRpc(SECRET_URL, client, timeout=0.02).call("eth_x", [])


def refusing(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError(f"cannot connect to {request.url}", request=request)


async def test_call__no_connection__transport_error_without_cause() -> None:
    with pytest.raises(TransportError) as caught:
        await rpc_over(refusing).call("eth_x", [])
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "handler",
    [refusing, answering(401), answering(429), answering(200, text="x"), answering(200, json=[])],
)
async def test_call__any_failure__no_secret_in_error_or_log(
    handler: Handler, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    rpc = rpc_over(handler)
    with pytest.raises(RpcError) as caught:
        await rpc.call("eth_x", [])
    shown = f"{caught.value} {caught.value!r} {rpc!r} {caplog.text}"
    assert "SECRETKEY" not in shown
    assert "hunter2" not in shown
    assert "https://node.example:8443" in shown
