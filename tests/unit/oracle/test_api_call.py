"""What stands around every call: bounds, gates, the lease, and that nothing leaks."""

from __future__ import annotations

import asyncio
import json
import traceback
from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from oracle.cloudflare import errors as e
from oracle.cloudflare.credentials import ApiToken
from oracle.cloudflare.operations import Priority
from tests.support.manual_clock import ManualClock
from tests.unit.oracle import samples
from tests.unit.oracle.client_harness import (
    TOKEN,
    UID,
    ClientHarness,
    Handler,
    fails_with,
    ok,
    refusal,
)


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
        harness = ClientHarness(handler)
        with pytest.raises(e.CloudflareError) as caught:
            await harness.client.create(body, "key")
        shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
        shown += str(harness.records)
        for secret in (*samples.SECRETS, TOKEN, "hunter2"):
            assert secret not in shown
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None


async def test_redirect__is_not_followed() -> None:
    away = {"location": "https://evil.example/"}
    harness = ClientHarness(lambda _request: httpx.Response(307, headers=away))
    await fails_with(e.UnexpectedAnswer, harness.client.get(UID))
    assert len(harness.requests) == 1


async def test_hanging_server__ends_after_the_timeout_and_frees_its_place() -> None:
    async def hang() -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    harness = ClientHarness(lambda _request: hang(), timeout=20.0)
    call = asyncio.ensure_future(harness.client.create(b"{}", "key"))
    await harness.clock.advance(19.0)
    assert not call.done()
    assert harness.rate_limiter.report().in_flight == 1
    await harness.clock.advance(2.0)
    error = await fails_with(e.AnswerLost, call)
    assert error.effect_unknown
    assert harness.rate_limiter.report().in_flight == 0
    assert harness.clock.sleepers == 0


async def test_dripping_server__ends_after_the_timeout_all_the_same() -> None:
    harness = ClientHarness(
        lambda _request: httpx.Response(200, stream=_Drip(harness.clock)), timeout=20.0
    )
    call = asyncio.ensure_future(harness.client.get(UID))
    await harness.clock.advance(21.0)
    await fails_with(e.AnswerLost, call)


async def test_endless_answer__stops_reading() -> None:
    stream = _Endless()
    harness = ClientHarness(lambda _request: httpx.Response(200, stream=stream))
    error = await fails_with(e.AnswerLost, harness.client.get(UID))
    assert "too large" in str(error)
    assert stream.sent <= 2 << 20
    assert stream.closed


async def test_cancelled_call__gives_everything_back() -> None:
    async def hang() -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    harness = ClientHarness(lambda _request: hang())
    call = asyncio.ensure_future(harness.client.get(UID))
    await harness.clock.advance(1.0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert harness.rate_limiter.report().in_flight == 0
    assert harness.clock.sleepers == 0


async def test_lease_lost__changing_calls_are_not_sent_reading_ones_are() -> None:
    asked: list[float] = []

    def may_act(seconds: float) -> bool:
        asked.append(seconds)
        return False

    harness = ClientHarness(lambda _request: ok(samples.live_input()), may_act=may_act, timeout=7.0)
    await fails_with(e.NotActing, harness.client.create(b"{}", "key"))
    await fails_with(e.NotActing, harness.client.delete(UID))
    await harness.client.get(UID)
    assert asked == [7.0, 7.0]
    assert len(harness.requests) == 1
    assert [record.result for record in harness.records] == ["NotActing", "NotActing", "ok"]
    assert harness.records[0].seconds == 0.0


async def test_rate_limited__nobody_sends_before_retry_after() -> None:
    answers = [
        httpx.Response(429, text="error code: 1015", headers={"retry-after": "30"}),
        ok(samples.live_input()),
    ]
    harness = ClientHarness(lambda _request: answers.pop(0), rate_limit_wait=60.0)
    error = await fails_with(e.CloudflareRateLimited, harness.client.get(UID))
    assert error.until == harness.clock.now() + 30
    call = asyncio.ensure_future(harness.client.get(UID))
    await harness.clock.advance(29.0)
    assert len(harness.requests) == 1
    await harness.clock.advance(2.0)
    assert (await call).input.uid == UID
    assert harness.records[-1].waited == pytest.approx(30.0)
    # what metrics and logs have always called it, whatever the class is called
    assert harness.records[0].result == "RateLimited"


async def test_no_place_in_time__budget_exhausted_and_nothing_sent() -> None:
    limited = httpx.Response(429, headers={"retry-after": "100"})
    harness = ClientHarness(lambda _request: limited, rate_limit_wait=60.0)
    await fails_with(e.CloudflareRateLimited, harness.client.get(UID))
    error = await fails_with(e.BudgetExhausted, harness.client.disable(UID))
    assert error.until == harness.clock.now() + 100
    assert len(harness.requests) == 1


async def test_failing_cloudflare__circuit_opens_take_downs_go_on() -> None:
    harness = ClientHarness(lambda _request: httpx.Response(500))
    for _ in range(5):
        await fails_with(e.ServerTrouble, harness.client.create(b"{}", "key"))
    await fails_with(e.CircuitOpen, harness.client.create(b"{}", "key"))
    assert len(harness.requests) == 5
    await fails_with(e.ServerTrouble, harness.client.disable(UID, priority=Priority.TAKE_DOWN))
    assert len(harness.requests) == 6


async def test_cancelled_probe__the_next_call_may_probe() -> None:
    hanging = False

    async def serve() -> httpx.Response:
        if hanging:
            await asyncio.Event().wait()
        return ok(samples.live_input())

    harness = ClientHarness(lambda _request: httpx.Response(500) if trouble else serve())
    trouble = True
    for _ in range(5):
        await fails_with(e.ServerTrouble, harness.client.get(UID))
    trouble, hanging = False, True
    harness.clock.tick(2.0)
    probe = asyncio.ensure_future(harness.client.get(UID))
    await harness.clock.advance(0.1)
    await fails_with(e.CircuitOpen, harness.client.get(UID))
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    hanging = False
    assert (await harness.client.get(UID)).input.uid == UID


async def test_bad_token__held_until_a_probe_succeeds() -> None:
    good = False
    harness = ClientHarness(
        lambda _r: ok(samples.live_input()) if good else refusal(401, 10000, "bad")
    )
    await fails_with(e.TokenInvalid, harness.client.create(b"{}", "key"))
    held = await fails_with(e.HeldForOperator, harness.client.create(b"{}", "key"))
    assert "Stream > Edit" in str(held)
    good = True
    harness.clock.tick(30.0)
    await harness.client.create(b"{}", "key")
    assert harness.breaker.report().may_provision


async def test_bad_token__mended_in_its_file__tried_at_once_and_never_shown() -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        given = request.headers["Authorization"]
        good = given == "Bearer mended-and-long-enough"
        return ok(samples.live_input()) if good else refusal(401, 10000, f"not {given}")

    present = "still-the-wrong-token"
    harness = ClientHarness(serve, reread=lambda: ApiToken(SecretStr(present)))
    assert not harness.client.renew_credentials(), "nothing is read while nothing is refused"
    await fails_with(e.TokenInvalid, harness.client.create(b"{}", "key"))
    assert harness.client.renew_credentials()
    refused = await fails_with(e.TokenInvalid, harness.client.create(b"{}", "key"))
    assert present not in str(refused)
    assert not harness.client.renew_credentials(), "the same value is not tried again"
    held = await fails_with(e.HeldForOperator, harness.client.create(b"{}", "key"))
    assert TOKEN not in str(held)
    present = "mended-and-long-enough"
    assert harness.client.renew_credentials()
    await harness.client.create(b"{}", "key")
    assert harness.breaker.report().may_provision


async def test_bad_token__its_file_cannot_be_used__the_old_one_is_kept() -> None:
    harness = ClientHarness(lambda _r: refusal(401, 10000, "bad"), reread=lambda: None)
    await fails_with(e.TokenInvalid, harness.client.create(b"{}", "key"))
    assert not harness.client.renew_credentials()
    await fails_with(e.HeldForOperator, harness.client.create(b"{}", "key"))


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
