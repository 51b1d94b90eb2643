"""The client over a transport of the test's own: one request a call, gates, bounds, no leaks."""

from __future__ import annotations

import asyncio
import json
import traceback
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from oracle.cloudflare import errors as e
from oracle.cloudflare.account import Account, ApiToken
from oracle.cloudflare.breaker import Breaker
from oracle.cloudflare.budget import Budget
from oracle.cloudflare.caller import CallRecord
from oracle.cloudflare.client import CloudflareClient
from oracle.cloudflare.operations import Operation, Priority
from tests.support.manual_clock import ManualClock
from tests.unit.oracle import samples

ACCOUNT_ID = "a" * 32
TOKEN = "the-operators-token"
UID = samples.UID
Handler = Callable[[httpx.Request], Any]


def ok(result: Any, **headers: str) -> httpx.Response:
    document = {"result": result, "success": True, "errors": [], "messages": []}
    return httpx.Response(200, json=document, headers=headers)


def refusal(status: int, code: int, message: str = "no", **headers: str) -> httpx.Response:
    error = {"code": code, "message": message}
    document = {"result": None, "success": False, "errors": [error], "messages": None}
    return httpx.Response(status, json=document, headers=headers)


class World:
    """A client whose server is a function."""

    def __init__(self, handler: Handler, **options: Any) -> None:
        self.clock = ManualClock()
        self.requests: list[httpx.Request] = []
        self.records: list[CallRecord] = []
        self.budget = Budget(self.clock)
        self.breaker = Breaker(self.clock)

        async def serve(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            answer = handler(request)
            if asyncio.iscoroutine(answer):
                answer = await answer
            assert isinstance(answer, httpx.Response)
            return answer

        self.http = httpx.AsyncClient(transport=httpx.MockTransport(serve))
        self.client = CloudflareClient(
            self.http,
            Account(ACCOUNT_ID, ApiToken(SecretStr(TOKEN)), "https://cf.example/v4"),
            self.budget,
            self.breaker,
            self.clock,
            observe=self.records.append,
            **options,
        )


async def fails_with(kind: type[e.CloudflareError], call: Any) -> e.CloudflareError:
    with pytest.raises(e.CloudflareError) as caught:
        await call
    assert type(caught.value) is kind
    return caught.value


async def test_create__sends_the_bytes_and_the_key_once() -> None:
    world = World(lambda _request: ok(samples.live_input()))
    issued = await world.client.create(b'{"meta":{}}', "the-key")
    assert issued.input.uid == UID
    (request,) = world.requests
    assert request.method == "POST"
    assert request.url == f"https://cf.example/v4/accounts/{ACCOUNT_ID}/stream/live_inputs"
    assert request.content == b'{"meta":{}}'
    assert request.headers["idempotency-key"] == "the-key"
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    (record,) = world.records
    assert (record.operation, record.result, record.status) == (Operation.CREATE, "ok", None)


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_create__a_key_cloudflare_would_refuse__value_error(key: str) -> None:
    world = World(lambda _request: ok({}))
    with pytest.raises(ValueError, match="255 bytes"):
        await world.client.create(b"{}", key)
    assert not world.requests


@pytest.mark.parametrize(
    ("call", "method", "path"),
    [
        (lambda c: c.get(UID), "GET", f"/live_inputs/{UID}"),
        (lambda c: c.update(UID, {"enabled": False}), "PUT", f"/live_inputs/{UID}"),
        (lambda c: c.disable(UID), "POST", f"/live_inputs/{UID}/disable"),
        (lambda c: c.enable(UID), "POST", f"/live_inputs/{UID}/enable"),
        (lambda c: c.rotate_keys(UID), "POST", f"/live_inputs/{UID}/rotate_keys"),
    ],
)
async def test_calls_on_one_input__method_path_and_answer(
    call: Callable[[CloudflareClient], Any], method: str, path: str
) -> None:
    world = World(lambda _request: ok(samples.live_input()))
    answer = await call(world.client)
    assert getattr(answer, "input", answer).uid == UID
    (request,) = world.requests
    assert request.method == method
    assert request.url.path == f"/v4/accounts/{ACCOUNT_ID}/stream{path}"


async def test_delete__twice__true_then_false() -> None:
    answers = [ok(""), refusal(404, 10003)]
    world = World(lambda _request: answers.pop(0))
    assert await world.client.delete(UID) is True
    assert await world.client.delete(UID) is False


@pytest.mark.parametrize("body", [b"", b"<html>not found</html>"])
async def test_delete__a_404_that_is_not_the_apis__not_taken_for_gone(body: bytes) -> None:
    world = World(lambda _request: httpx.Response(404, content=body))
    await fails_with(e.UnexpectedAnswer, world.client.delete(UID))


async def test_get__another_inputs_answer__refused() -> None:
    world = World(lambda _request: ok(samples.live_input(samples.OTHER_UID)))
    error = await fails_with(e.UnexpectedAnswer, world.client.get(UID))
    assert "another live input" in str(error)


@pytest.mark.parametrize("uid", ["", "../x", "A" * 32, "a" * 31, UID + "\n"])
async def test_any_call__a_uid_that_is_none__nothing_is_sent(uid: str) -> None:
    world = World(lambda _request: ok(""))
    for call in (world.client.get, world.client.delete, world.client.delete_video):
        with pytest.raises(ValueError, match="uid"):
            await call(uid)
    assert not world.requests


async def test_list_inputs__both_forms() -> None:
    entries = [{"uid": UID, "meta": {}}]
    for result in (entries, {"liveInputs": entries}):
        world = World(partial(_answer_ok, result))
        assert [entry.uid for entry in await world.client.list_inputs()] == [UID]


async def test_videos__after_delete__only_what_names_the_input() -> None:
    found = [
        {"uid": "1" * 32, "liveInput": UID},
        {"uid": "2" * 32, "liveInput": samples.OTHER_UID},
        {"uid": "3" * 32},
    ]
    world = World(lambda _request: ok(found))
    videos = await world.client.videos(UID, after_delete=True)
    assert [video.uid for video in videos] == ["1" * 32]
    assert world.requests[0].url.params["live_input_id"] == UID
    assert len(await world.client.videos(UID)) == 3
    assert world.requests[1].url.path.endswith(f"/live_inputs/{UID}/videos")


async def test_delete_video__live_gone_and_empty_answer() -> None:
    answers = [refusal(409, 10046), refusal(404, 10003), httpx.Response(200)]
    world = World(lambda _request: answers.pop(0))
    error = await fails_with(e.VideoLive, world.client.delete_video(UID))
    assert error.until is not None
    assert await world.client.delete_video(UID) is False
    assert await world.client.delete_video(UID) is True


async def test_any_failure__no_secret_in_text_cause_or_context() -> None:
    broken = json.dumps({"result": samples.live_input(), "success": True}).encode()[:-20]
    odd = samples.live_input(enabled="no")
    bodies: list[Handler] = [
        lambda _request: httpx.Response(200, content=broken),
        lambda _request: ok(odd),
        lambda _request: refusal(400, 10005, f"token {TOKEN} key {samples.key('1')}"),
        _raise(httpx.ReadError("boom")),
        _raise(httpx.ReadTimeout("boom")),
        _raise(httpx.ConnectError("boom")),
    ]
    body = b'{"word":"' + b"hunter2" + b'"}'
    for handler in bodies:
        world = World(handler)
        with pytest.raises(e.CloudflareError) as caught:
            await world.client.create(body, "key")
        shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
        shown += str(world.records)
        for secret in (*samples.SECRETS, TOKEN, "hunter2"):
            assert secret not in shown
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None


async def test_redirect__is_not_followed() -> None:
    away = {"location": "https://evil.example/"}
    world = World(lambda _request: httpx.Response(307, headers=away))
    await fails_with(e.UnexpectedAnswer, world.client.get(UID))
    assert len(world.requests) == 1


async def test_hanging_server__ends_after_the_timeout_and_frees_its_place() -> None:
    async def hang() -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    world = World(lambda _request: hang(), timeout=20.0)
    call = asyncio.ensure_future(world.client.create(b"{}", "key"))
    await world.clock.advance(19.0)
    assert not call.done()
    assert world.budget.report().in_flight == 1
    await world.clock.advance(2.0)
    error = await fails_with(e.AnswerLost, call)
    assert error.effect_unknown
    assert world.budget.report().in_flight == 0
    assert world.clock.sleepers == 0


async def test_dripping_server__ends_after_the_timeout_all_the_same() -> None:
    world = World(lambda _request: httpx.Response(200, stream=_Drip(world.clock)), timeout=20.0)
    call = asyncio.ensure_future(world.client.get(UID))
    await world.clock.advance(21.0)
    await fails_with(e.AnswerLost, call)


async def test_endless_answer__stops_reading() -> None:
    stream = _Endless()
    world = World(lambda _request: httpx.Response(200, stream=stream))
    error = await fails_with(e.AnswerLost, world.client.get(UID))
    assert "larger" in str(error)
    assert stream.sent <= 2 << 20
    assert stream.closed


async def test_cancelled_call__gives_everything_back() -> None:
    async def hang() -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    world = World(lambda _request: hang())
    call = asyncio.ensure_future(world.client.get(UID))
    await world.clock.advance(1.0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert world.budget.report().in_flight == 0
    assert world.clock.sleepers == 0


async def test_lease_lost__changing_calls_are_not_sent_reading_ones_are() -> None:
    asked: list[float] = []

    def may_act(seconds: float) -> bool:
        asked.append(seconds)
        return False

    world = World(lambda _request: ok(samples.live_input()), may_act=may_act, timeout=7.0)
    await fails_with(e.NotActing, world.client.create(b"{}", "key"))
    await fails_with(e.NotActing, world.client.delete(UID))
    await world.client.get(UID)
    assert asked == [7.0, 7.0]
    assert len(world.requests) == 1
    assert [record.result for record in world.records] == ["NotActing", "NotActing", "ok"]
    assert world.records[0].seconds == 0.0


async def test_rate_limited__nobody_sends_before_retry_after() -> None:
    answers = [
        httpx.Response(429, text="error code: 1015", headers={"retry-after": "30"}),
        ok(samples.live_input()),
    ]
    world = World(lambda _request: answers.pop(0), budget_wait=60.0)
    error = await fails_with(e.RateLimited, world.client.get(UID))
    assert error.until == world.clock.now() + 30
    call = asyncio.ensure_future(world.client.get(UID))
    await world.clock.advance(29.0)
    assert len(world.requests) == 1
    await world.clock.advance(2.0)
    assert (await call).input.uid == UID
    assert world.records[-1].waited == pytest.approx(30.0)


async def test_no_place_in_time__budget_exhausted_and_nothing_sent() -> None:
    limited = httpx.Response(429, headers={"retry-after": "100"})
    world = World(lambda _request: limited, budget_wait=60.0)
    await fails_with(e.RateLimited, world.client.get(UID))
    error = await fails_with(e.BudgetExhausted, world.client.disable(UID))
    assert error.until == world.clock.now() + 100
    assert len(world.requests) == 1


async def test_failing_cloudflare__circuit_opens_take_downs_go_on() -> None:
    world = World(lambda _request: httpx.Response(500))
    for _ in range(5):
        await fails_with(e.ServerTrouble, world.client.create(b"{}", "key"))
    await fails_with(e.CircuitOpen, world.client.create(b"{}", "key"))
    assert len(world.requests) == 5
    await fails_with(e.ServerTrouble, world.client.disable(UID, priority=Priority.TAKE_DOWN))
    assert len(world.requests) == 6


async def test_cancelled_probe__the_next_call_may_probe() -> None:
    hanging = False

    async def serve() -> httpx.Response:
        if hanging:
            await asyncio.Event().wait()
        return ok(samples.live_input())

    world = World(lambda _request: httpx.Response(500) if trouble else serve())
    trouble = True
    for _ in range(5):
        await fails_with(e.ServerTrouble, world.client.get(UID))
    trouble, hanging = False, True
    world.clock.tick(2.0)
    probe = asyncio.ensure_future(world.client.get(UID))
    await world.clock.advance(0.1)
    await fails_with(e.CircuitOpen, world.client.get(UID))
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    hanging = False
    assert (await world.client.get(UID)).input.uid == UID


async def test_bad_token__held_until_a_probe_succeeds() -> None:
    good = False
    world = World(lambda _r: ok(samples.live_input()) if good else refusal(401, 10000, "bad"))
    await fails_with(e.TokenInvalid, world.client.create(b"{}", "key"))
    held = await fails_with(e.HeldForOperator, world.client.create(b"{}", "key"))
    assert "Stream > Edit" in str(held)
    good = True
    world.clock.tick(30.0)
    await world.client.create(b"{}", "key")
    assert world.breaker.report().may_provision


@pytest.mark.parametrize(
    ("verify", "read", "write", "want"),
    [
        (200, 404, 404, ("active", True, True, 0)),
        (401, 404, 404, ("invalid", True, True, 1)),
        (200, 404, 403, ("active", True, False, 1)),
        (401, 403, 403, ("invalid", False, False, 3)),
    ],
)
async def test_verify_token__whatever_is_refused__is_reported_and_holds_nothing(
    verify: int, read: int, write: int, want: tuple[str, bool, bool, int]
) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/user/tokens/verify"):
            return ok({"status": "active"}) if verify == 200 else refusal(401, 1000, "Invalid")
        status = read if request.method == "GET" else write
        return refusal(status, 10003 if status == 404 else 10000)

    world = World(handler)
    report = await world.client.verify_token()
    found = (report.status, report.can_read, report.can_write, len(report.problems))
    assert found == want
    assert report.ok is (want[3] == 0)
    assert world.breaker.report().may_provision
    assert all("0" * 32 in request.url.path for request in world.requests[1:])


async def test_verify_token__expired__said_in_words() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/verify"):
            return ok({"status": "expired", "expires_on": "2026-01-01T00:00:00Z"})
        return refusal(404, 10003)

    report = await World(handler).client.verify_token()
    assert report.problems == ("Cloudflare calls the token expired",)
    assert report.expires_on is not None


def _answer_ok(result: Any, _request: httpx.Request) -> httpx.Response:
    return ok(result)


def _raise(error: Exception) -> Handler:
    def handler(_request: httpx.Request) -> httpx.Response:
        raise error

    return handler


class _Drip(httpx.AsyncByteStream):
    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            await self._clock.sleep(1.0)
            yield b" "


class _Endless(httpx.AsyncByteStream):
    sent = 0
    closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.sent += 1 << 16
            yield b" " * (1 << 16)

    async def aclose(self) -> None:
        self.closed = True
