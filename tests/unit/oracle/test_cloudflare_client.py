"""The client's calls: what is sent, and what the answers become."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest

from oracle.cloudflare import errors as e
from oracle.cloudflare.breaker import CircuitState
from oracle.cloudflare.client import CloudflareClient
from oracle.cloudflare.operations import Operation
from tests.unit.oracle import samples
from tests.unit.oracle.client_harness import (
    ACCOUNT_ID,
    TOKEN,
    UID,
    ClientHarness,
    fails_with,
    ok,
    refusal,
)


async def test_create__sends_the_bytes_and_the_key_once() -> None:
    harness = ClientHarness(lambda _request: ok(samples.live_input()))
    issued = await harness.client.create(b'{"meta":{}}', "the-key")
    assert issued.input.uid == UID
    (request,) = harness.requests
    assert request.method == "POST"
    assert request.url == f"https://cf.example/v4/accounts/{ACCOUNT_ID}/stream/live_inputs"
    assert request.content == b'{"meta":{}}'
    assert request.headers["idempotency-key"] == "the-key"
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    (record,) = harness.records
    assert (record.operation, record.result, record.status) == (Operation.CREATE, "ok", None)


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_create__a_key_cloudflare_would_refuse__value_error(key: str) -> None:
    harness = ClientHarness(lambda _request: ok({}))
    with pytest.raises(ValueError, match="255 bytes"):
        await harness.client.create(b"{}", key)
    assert not harness.requests


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
    harness = ClientHarness(lambda _request: ok(samples.live_input()))
    answer = await call(harness.client)
    assert getattr(answer, "input", answer).uid == UID
    (request,) = harness.requests
    assert request.method == method
    assert request.url.path == f"/v4/accounts/{ACCOUNT_ID}/stream{path}"


async def test_delete__twice__true_then_false() -> None:
    answers = [ok(""), refusal(404, 10003)]
    harness = ClientHarness(lambda _request: answers.pop(0))
    assert await harness.client.delete(UID) is True
    assert await harness.client.delete(UID) is False


async def test_signing_keys__created_listed_and_deleted__their_paths() -> None:
    pem = base64.b64encode(b"PEM").decode()
    answers = [ok({"id": "k", "pem": pem}), ok([{"id": "k"}]), ok("Revoked"), refusal(404, 10003)]
    harness = ClientHarness(lambda _request: answers.pop(0))
    assert (await harness.client.create_key()).kid == "k"
    assert [entry.kid for entry in await harness.client.keys()] == ["k"]
    assert await harness.client.delete_key("k") is True
    assert await harness.client.delete_key("k") is False
    keys = f"/v4/accounts/{ACCOUNT_ID}/stream/keys"
    assert [(r.method, r.url.path) for r in harness.requests] == [
        ("POST", keys), ("GET", keys), ("DELETE", f"{keys}/k"), ("DELETE", f"{keys}/k"),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="id"):
        await harness.client.delete_key("../k")


async def test_create_key__answer_lost_or_broken__the_effect_is_unknown() -> None:
    def lost(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("gone", request=request)

    error = await fails_with(e.AnswerLost, ClientHarness(lost).client.create_key())
    assert error.effect_unknown
    harness = ClientHarness(lambda _request: ok({"id": "k", "pem": "c2VjcmV0IQ"}))
    error = await fails_with(e.UnexpectedAnswer, harness.client.create_key())
    assert error.effect_unknown
    assert "c2VjcmV0IQ" not in f"{error!r}"


@pytest.mark.parametrize("body", [b"", b"<html>not found</html>"])
async def test_delete__a_404_that_is_not_the_apis__not_taken_for_gone(body: bytes) -> None:
    harness = ClientHarness(lambda _request: httpx.Response(404, content=body))
    await fails_with(e.UnexpectedAnswer, harness.client.delete(UID))


async def test_get__another_inputs_answer__refused() -> None:
    harness = ClientHarness(lambda _request: ok(samples.live_input(samples.OTHER_UID)))
    error = await fails_with(e.UnexpectedAnswer, harness.client.get(UID))
    assert "another live input" in str(error)


@pytest.mark.parametrize("uid", ["", "../x", "A" * 32, "a" * 31, UID + "\n"])
async def test_any_call__a_uid_that_is_none__nothing_is_sent(uid: str) -> None:
    harness = ClientHarness(lambda _request: ok(""))
    for call in (harness.client.get, harness.client.delete, harness.client.delete_video):
        with pytest.raises(ValueError, match="uid"):
            await call(uid)
    assert not harness.requests


async def test_list_inputs__both_forms() -> None:
    entries = [{"uid": UID, "meta": {}}]
    for result in (entries, {"liveInputs": entries}):
        harness = ClientHarness(partial(_answer_ok, result))
        assert [entry.uid for entry in await harness.client.list_inputs()] == [UID]


async def test_videos__after_delete__only_what_names_the_input() -> None:
    found = [
        {"uid": "1" * 32, "liveInput": UID},
        {"uid": "2" * 32, "liveInput": samples.OTHER_UID},
        {"uid": "3" * 32},
    ]
    harness = ClientHarness(lambda _request: ok(found))
    videos = await harness.client.videos(UID, after_delete=True)
    assert [video.uid for video in videos] == ["1" * 32]
    assert harness.requests[0].url.params["live_input_id"] == UID
    assert len(await harness.client.videos(UID)) == 3
    assert harness.requests[1].url.path.endswith(f"/live_inputs/{UID}/videos")


async def test_delete_video__live_gone_and_empty_answer() -> None:
    answers = [refusal(409, 10046), refusal(404, 10003), httpx.Response(200)]
    harness = ClientHarness(lambda _request: answers.pop(0))
    error = await fails_with(e.VideoLive, harness.client.delete_video(UID))
    assert error.until is not None
    assert await harness.client.delete_video(UID) is False
    assert await harness.client.delete_video(UID) is True


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

    harness = ClientHarness(handler)
    report = await harness.client.verify_token()
    found = (report.status, report.can_read, report.can_write, len(report.problems))
    assert found == want
    assert report.ok is (want[3] == 0)
    assert harness.breaker.report().may_provision
    assert all("0" * 32 in request.url.path for request in harness.requests[1:])


async def test_verify_token__expired__said_in_words() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/verify"):
            return ok({"status": "expired", "expires_on": "2026-01-01T00:00:00Z"})
        return refusal(404, 10003)

    report = await ClientHarness(handler).client.verify_token()
    assert report.problems == ("Cloudflare reports the token as expired",)
    assert report.expires_on is not None


def _answer_ok(result: Any, _request: httpx.Request) -> httpx.Response:
    return ok(result)


async def test_probe__cloudflare_was_away_and_no_room_needs_a_call__well_again_within_seconds() -> (
    None
):
    well = False

    def answer(_: httpx.Request) -> httpx.Response:
        return refusal(404, 10003, "Not Found") if well else httpx.Response(502)

    harness = ClientHarness(answer)
    for _ in range(5):
        await fails_with(e.ServerTrouble, harness.client.list_inputs())
    await harness.client.probe()
    assert harness.breaker.report().circuit is CircuitState.OPEN
    assert len(harness.requests) == 5, "not before its time"
    well = True
    harness.clock.tick(2.0)
    await harness.client.probe()
    assert harness.breaker.report().circuit is CircuitState.CLOSED
    await harness.client.probe()
    assert [r.method for r in harness.requests[5:]] == ["GET"], "one call, and none once it is well"


async def test_probe__the_token_was_refused__looked_again_with_a_call_of_that_power() -> None:
    well = False

    def answer(_: httpx.Request) -> httpx.Response:
        return refusal(404, 10003, "Not Found") if well else refusal(401, 9109, "Invalid token")

    harness = ClientHarness(answer)
    await fails_with(e.TokenInvalid, harness.client.disable(UID))
    assert harness.breaker.report().account_held is not None
    well = True
    harness.clock.tick(30.0)
    await harness.client.probe()
    assert harness.breaker.report().account_held is None
    assert [r.url.path.rpartition("/")[2] for r in harness.requests] == ["disable", "enable"]
