"""Batches at providers that take few calls at once, in whatever way they say so (scenario 22)."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest

from chain.rpc.batch_size import FEW, GROW_AFTER, BatchSize
from chain.rpc.blocking import BlockingNode
from chain.rpc.client import Call, HttpRpc, Rpc
from chain.rpc.errors import (
    HttpStatusError,
    JsonRpcError,
    LogRangeTooLarge,
    RateLimited,
    RefusedByNode,
    RpcTimeout,
    UnknownBlock,
)
from tests.support.manual_clock import ManualClock

URL = "https://node.example/v3/SECRETKEY"
Json = dict[str, Any]
Refusal = Callable[[list[Json]], httpx.Response]
CALLS: list[Call] = [("eth_getBlockByNumber", [hex(n), False]) for n in range(48)]
RESULTS = [hex(n) for n in range(48)]


def whole(code: int, message: str, status: int = 200, data: Any = None) -> Refusal:
    """One error object for the whole batch."""
    error = {"code": code, "message": message} | ({} if data is None else {"data": data})
    return lambda _: httpx.Response(status, json={"jsonrpc": "2.0", "id": None, "error": error})


def each(code: int, message: str) -> Refusal:
    """Every entry carries the error."""
    error = {"code": code, "message": message}
    return lambda calls: httpx.Response(200, json=[{"id": c["id"], "error": error} for c in calls])


def in_array(code: int, message: str) -> Refusal:
    """One error in an array, for all."""
    error = {"code": code, "message": message}
    return lambda _: httpx.Response(200, json=[{"id": None, "error": error}])


def page(status: int, text: str) -> Refusal:
    return lambda _: httpx.Response(status, text=text)


def from_the_third(calls: list[Json]) -> httpx.Response:
    """The first two are answered, the rest is refused."""
    error = {"code": -32005, "message": "limit exceeded"}
    good = [{"id": c["id"], "result": c["params"][0]} for c in calls[:2]]
    return httpx.Response(200, json=good + [{"id": c["id"], "error": error} for c in calls[2:]])


class Provider:
    """Takes `limit` calls in a batch; more are answered by `refusal`. 0: no array at all."""

    def __init__(self, limit: int, refusal: Refusal) -> None:
        self.limit = limit
        self.refusal = refusal
        self.sizes: list[int] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = orjson.loads(request.content)
        if isinstance(body, dict):
            self.sizes.append(0)
            return httpx.Response(200, json=self.answer(body))
        self.sizes.append(len(body))
        if len(body) > self.limit:
            return self.refusal(body)
        return httpx.Response(200, json=[self.answer(call) for call in body])

    def answer(self, call: Json) -> Json:
        return {"jsonrpc": "2.0", "id": call["id"], "result": call["params"][0]}

    def rpc(self) -> HttpRpc:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return HttpRpc(URL, client, max_batch=100)


class RateLimiter(Provider):
    """Counts requests, whatever they hold."""

    limits = True

    def __init__(self) -> None:
        super().__init__(100, page(429, "slow down"))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        told = super().__call__(request)
        return self.refusal([]) if self.limits else told


REFUSALS: dict[str, Refusal] = {
    "HTTP 413": page(413, "Request Entity Too Large"),
    "HTTP 400": page(400, "Bad Request"),
    "HTTP 500": page(500, "oops"),
    "HTTP 503 with a page": page(503, "<html>no backend</html>"),
    "HTTP 403 about batches": page(403, "batch requests are not part of your plan"),
    "HTTP 429 about batches": whole(-32005, "batch limit exceeded", 429),
    "-32600": whole(-32600, "Invalid request"),
    "-32600 in HTTP 400": whole(-32600, "batch too large", 400),
    "-32005 for each": each(-32005, "limit exceeded"),
    "-32005 too many": whole(-32005, "Too many requests in batch"),
    "31": whole(31, "Batch of more than N requests are not allowed on the free tier"),
    "31 in HTTP 500": whole(31, "no more than so many", 500),
    "-32010 with data": whole(-32010, "The request was too large", data="Exceeded max limit of N"),
    "-32602 about batches": whole(-32602, "Number of requests in batch exceeds the maximum"),
    "-32603": whole(-32603, "Internal error"),
    "unknown words": whole(-32099, "njet"),
    "unknown words for each": each(-32099, "njet"),
    "one error in an array": in_array(-32600, "njet"),
    "only the rest is refused": from_the_third,
    "a string for an error": lambda _: httpx.Response(200, json={"error": "too much"}),
}


@pytest.mark.parametrize(
    ("refusal", "limit"), [(name, 3) for name in REFUSALS] + [("31", n) for n in (0, 1, 10, 50)]
)
async def test_scenario_22__batch_refused_for_its_size__shrunk_for_that_node_and_all_answered(
    refusal: str, limit: int
) -> None:
    provider = Provider(limit, REFUSALS[refusal])
    rpc = provider.rpc()
    assert await rpc.batch(CALLS) == RESULTS
    first = len(provider.sizes)
    assert first <= 48 + 2 * 7, "every call once, and two requests for each step down"
    assert await rpc.batch(CALLS) == RESULTS
    above = sum(size > limit for size in provider.sizes[first:])
    assert above <= (limit <= 1), "the size is remembered; calls alone try a pair after fifty"


@pytest.mark.parametrize(
    ("words", "limit"),
    [
        ("Batch of more than 3 requests are not allowed on free tier", 3),
        ("batch limit 10 exceeded: 48 requests given", 10),
        ("maximum batch size is 40, got 48", 40),
    ],
)
async def test_batch__the_refusal_names_the_limit__taken_at_once(words: str, limit: int) -> None:
    provider = Provider(limit, whole(31, words))
    assert await provider.rpc().batch(CALLS) == RESULTS
    assert provider.sizes[:3] == [48, 0, limit]


async def test_batch__the_limit_changes_on_the_way__followed_down_and_slowly_up() -> None:
    provider = Provider(10, whole(-32600, "njet"))
    rpc = provider.rpc()
    assert await rpc.batch(CALLS) == RESULTS
    provider.limit = 3
    assert await rpc.batch(CALLS) == RESULTS
    provider.limit, provider.sizes = 100, []
    for _ in range(40):
        assert await rpc.batch(CALLS) == RESULTS
    assert max(provider.sizes) > 10
    grown = next(n for n, size in enumerate(provider.sizes) if size > 3)
    assert grown >= GROW_AFTER - 16, "those of the round before count"


async def test_batch__a_limit_that_stands__costs_two_requests_in_fifty() -> None:
    provider = Provider(3, whole(-32600, "njet"))
    rpc = provider.rpc()
    await rpc.batch(CALLS)
    provider.sizes.clear()
    for _ in range(20):
        assert await rpc.batch(CALLS) == RESULTS
    assert len(provider.sizes) <= 20 * 16 * 1.05 + 2


async def test_batch__the_node_refuses_the_call_alone_too__its_error_and_no_smaller_batches() -> (
    None
):
    provider = Provider(100, whole(0, ""))
    provider.answer = lambda call: {  # type: ignore[method-assign]
        "id": call["id"],
        **(
            {"error": {"code": -32099, "message": "njet"}}
            if call["params"][0] == "0x5"
            else {"result": call["params"][0]}
        ),
    }
    rpc = provider.rpc()
    with pytest.raises(JsonRpcError, match="njet") as caught:
        await rpc.batch(CALLS)
    assert caught.value.position == 5
    assert provider.sizes == [48, 0]
    await rpc.batch(CALLS[:5])
    with pytest.raises(JsonRpcError):
        await rpc.batch(CALLS)
    assert provider.sizes[2:] == [5, 48, 0]


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (each(-32000, "header not found"), UnknownBlock),
        (each(-32601, "the method does not exist"), JsonRpcError),
        (page(401, "no key"), HttpStatusError),
        (whole(-32600, "Must be authenticated!"), RefusedByNode),
    ],
)
async def test_batch__refused_for_another_reason__said_at_once_and_not_tried_in_pieces(
    refusal: Refusal, kind: type[Exception]
) -> None:
    provider = Provider(3, refusal)
    with pytest.raises(kind):
        await provider.rpc().batch(CALLS)
    assert provider.sizes == [48]


async def test_batch__a_broken_node__two_requests_and_its_size_as_before() -> None:
    provider = Provider(100, page(500, "oops"))
    rpc = provider.rpc()
    broken = True
    answer = provider.__call__

    def fail(request: httpx.Request) -> httpx.Response:
        told = answer(request)
        return httpx.Response(500) if broken else told

    rpc._client = httpx.AsyncClient(transport=httpx.MockTransport(fail))
    with pytest.raises(HttpStatusError):
        await rpc.batch(CALLS)
    assert provider.sizes == [48, 0]
    broken = False
    assert await rpc.batch(CALLS) == RESULTS
    assert provider.sizes[2:] == [48]


async def test_batch__answers_for_the_first_three_only__three_from_then_on() -> None:
    provider = Provider(3, lambda calls: httpx.Response(200, json=[
        {"id": call["id"], "result": call["params"][0]} for call in calls[:3]
    ]))  # fmt: skip
    assert await provider.rpc().batch(CALLS) == RESULTS
    assert provider.sizes == [48, 0] + [3] * 15 + [2]


async def test_batch__a_provider_of_one_answers_the_first_only__growing_fails_no_question() -> None:
    """It is tried now and then whether it takes more: that must not cost the question in which it
    falls, since one of more than `GROW_AFTER` calls would never be answered."""
    provider = Provider(1, lambda calls: httpx.Response(200, json=[provider.answer(calls[0])]))
    rpc = provider.rpc()
    calls: list[Call] = CALLS * 3
    for _ in range(3):
        assert await rpc.batch(calls) == RESULTS * 3
    assert 2 in provider.sizes


async def test_batch__an_answer_is_missing_and_the_call_alone_fails__its_error() -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        told = provider(request)
        return told if provider.sizes[-1] else httpx.Response(503)

    provider = Provider(3, lambda calls: httpx.Response(200, json=[provider.answer(calls[0])]))
    rpc = provider.rpc()
    rpc._client = httpx.AsyncClient(transport=httpx.MockTransport(broken))
    with pytest.raises(HttpStatusError):
        await rpc.batch(CALLS)


async def test_batch__not_answered_in_time__smaller_next_but_not_tiny() -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        provider(request)
        raise httpx.ReadTimeout("no answer", request=request)

    provider = Provider(100, page(500, ""))
    rpc = provider.rpc()
    rpc._client = httpx.AsyncClient(transport=httpx.MockTransport(silent))
    for _ in range(6):
        with pytest.raises(RpcTimeout):
            await rpc.batch(CALLS)
    assert provider.sizes == [48, 24, 12, FEW, FEW, FEW]


@pytest.mark.parametrize(
    "refusal", [whole(-32005, "request limit reached"), page(429, "slow down")]
)
async def test_batch__too_large_in_words_of_a_rate_limit__smaller(refusal: Refusal) -> None:
    provider = Provider(3, refusal)
    assert await provider.rpc().batch(CALLS) == RESULTS
    assert provider.sizes == [48, 0, 24, 0, 12, 0, 6, 0] + [3] * 14 + [2]


async def test_batch__a_rate_limit_for_single_calls_too__said_and_its_size_as_before() -> None:
    limiter = RateLimiter()
    with pytest.raises(RateLimited):
        await limiter.rpc().batch(CALLS)
    assert limiter.sizes == [48, 0]


async def test_batch__a_rate_limit_at_a_size_that_was_taken_before__said_at_once() -> None:
    limiter = RateLimiter()
    limiter.limits = False
    rpc = limiter.rpc()
    await rpc.batch(CALLS)
    limiter.limits = True
    for _ in range(2):
        with pytest.raises(RateLimited):
            await rpc.batch(CALLS)
    limiter.limits = False
    assert await rpc.batch(CALLS) == RESULTS
    assert limiter.sizes == [48, 48, 48, 0, 48]


# --- logs: which is made smaller, the batch or the range ----------------------------------------

RANGE: Call = ("eth_getLogs", [{"fromBlock": "0x1", "toBlock": "0x64"}])
BY_HASH: list[Call] = [("eth_getLogs", [{"blockHash": hex(n)}]) for n in range(48)]


class LogsProvider(Provider):
    """As `Provider`, and refuses logs alone, by `logs_refusal`."""

    logs_error: Json | None = None

    def answer(self, call: Json) -> Json:
        if call["method"] == "eth_getLogs" and self.logs_error is not None:
            return {"id": call["id"], "error": self.logs_error}
        return super().answer(call)


@pytest.mark.parametrize("refusal", ["HTTP 413", "unknown words", "31", "-32005 for each"])
async def test_batch__logs_and_too_many_calls__the_batch_shrinks_and_no_range(refusal: str) -> None:
    provider = LogsProvider(2, REFUSALS[refusal])
    calls: list[Call] = [("eth_getBlockByNumber", [n]) for n in ("0x1", "0x64")]
    calls.append(RANGE)
    assert await provider.rpc().batch(calls) == ["0x1", "0x64", RANGE[1][0]]


async def test_batch__logs_refused_alone_too__the_range_and_not_the_batch() -> None:
    provider = LogsProvider(100, page(413, "too large"))
    provider.logs_error = {"code": -32005, "message": "query returned more than 10000 results"}
    rpc = provider.rpc()
    with pytest.raises(LogRangeTooLarge) as caught:
        await rpc.batch([CALLS[0], CALLS[1], RANGE])
    assert caught.value.position == 2
    assert provider.sizes == [3], "words about a range need no second request"
    await rpc.batch(CALLS)
    assert provider.sizes[1:] == [48]


async def test_batch__413_for_logs_alone_too__the_range_and_not_the_batch() -> None:
    provider = LogsProvider(0, page(413, "too large"))
    client = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(413)))
    rpc = provider.rpc()
    rpc._client = client
    with pytest.raises(LogRangeTooLarge):
        await rpc.batch([CALLS[0], RANGE])


async def test_batch__logs_by_hash_answer_too_much_together__the_batch_shrinks() -> None:
    provider = LogsProvider(10, each(-32003, "response too large"))
    expected = [params[0] for _, params in BY_HASH]
    assert await provider.rpc().batch(BY_HASH) == expected


# --- the blocking client ------------------------------------------------------------------------


def test_scenario_22__blocking_client__the_same_rules() -> None:
    provider = Provider(3, whole(-32600, "njet"))
    node = BlockingNode(
        [URL], ManualClock(), random.Random(1), transport=httpx.MockTransport(provider)
    )

    async def question(rpc: Rpc) -> list[Any]:
        return await rpc.batch(CALLS)

    assert node.ask(question) == RESULTS
    provider.sizes.clear()
    assert node.ask(question) == RESULTS
    assert max(provider.sizes) == 3
    node.close()


# --- the arithmetic -----------------------------------------------------------------------------


def test_size__refused_while_growing__back_to_what_it_took() -> None:
    size = BatchSize(100)
    size.refused(100, named=10)
    for _ in range(GROW_AFTER):
        size.answered(10)
    assert size.now == 15
    size.refused(15)
    assert size.now == 10


def test_size__several_refused_together__shrunk_once() -> None:
    size = BatchSize(100)
    for _ in range(5):
        size.refused(100)
    assert size.now == 50


def test_size__small_batches_answered__tell_nothing_of_the_limit() -> None:
    size = BatchSize(100)
    size.refused(100, named=10)
    for _ in range(10 * GROW_AFTER):
        size.answered(4)
    assert size.now == 10


def test_size__refused_down_to_one__grows_from_there() -> None:
    size = BatchSize(100)
    for calls in (100, 50, 25, 12, 6, 3, 1):
        size.refused(calls)
    assert size.now == 1
    for _ in range(GROW_AFTER):
        size.answered(1)
    assert size.now == 2
