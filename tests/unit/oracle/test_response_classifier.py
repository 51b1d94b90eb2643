"""The table of failures: what came back, and the one class and action it must give."""

from __future__ import annotations

import json
from email.utils import formatdate
from typing import Any, NamedTuple

import pytest

from common.redact import Scrubber
from oracle.cloudflare import errors as e
from oracle.cloudflare.operations import Operation
from oracle.cloudflare.response_classifier import HttpAnswer, Success, TransportFailure, classify

NOW = 1_800_000_000.0
SECRET = "a" * 32 + "k" + "b" * 32
HTML = b"<!DOCTYPE html><html><head><title>502 error</title></head><body>" + SECRET.encode()
NOT_FOUND = "Not Found: The requested resource or operation was not found."
UNAUTHORIZED = "Authorization Failure: The authentication credentials are not authorized"


def envelope(
    *errors: tuple[int, str], messages: Any = None, success: bool = False, result: Any = None
) -> bytes:
    records = [{"code": code, "message": text} for code, text in errors]
    document = {"result": result, "success": success, "errors": records, "messages": messages}
    return json.dumps(document).encode()


def chained(code: int, *chain: int) -> bytes:
    record = {"code": code, "message": "Invalid request headers"}
    record["error_chain"] = [{"code": c, "message": "Invalid format"} for c in chain]
    return json.dumps({"result": None, "success": False, "errors": [record]}).encode()


class Row(NamedTuple):
    name: str
    status: int
    body: bytes
    want: type[e.CloudflareError]
    operation: Operation = Operation.GET


G, C, D = Operation.GET, Operation.CREATE, Operation.DELETE
TABLE = [
    Row("uid unknown", 404, envelope((10003, NOT_FOUND)), e.Gone),
    Row("second delete", 404, envelope((10003, NOT_FOUND)), e.Gone, D),
    Row("10003 without 404", 400, envelope((10003, NOT_FOUND)), e.Gone, D),
    Row("10003 of a collection", 404, envelope((10003, NOT_FOUND)), e.WrongAccount, C),
    Row("10003 under 403", 403, envelope((10003, NOT_FOUND)), e.NotPermitted, D),
    Row("10003 under 500", 500, envelope((10003, NOT_FOUND)), e.ServerTrouble, D),
    Row("a proxy's 404 page", 404, HTML, e.UnexpectedAnswer, D),
    Row("an empty 404", 404, b"", e.UnexpectedAnswer, D),
    Row("404 without a code", 404, envelope(), e.UnexpectedAnswer, D),
    Row("malformed JSON sent", 400, envelope((10004, "Decoding Error")), e.RequestRefused, C),
    Row("bad value", 400, envelope((10005, "Bad Request")), e.RequestRefused, C),
    Row("unknown 400", 400, envelope((4711, "?")), e.RequestRefused, C),
    Row("retention", 400, envelope((10060, "must be between 30 and 1096")), e.RetentionRefused, C),
    Row(
        "no subscription",
        403,
        envelope((10002, UNAUTHORIZED), messages=[{"message": "Cloudflare Stream not enabled"}]),
        e.NoSubscription,
        C,
    ),
    Row("not authorized", 403, envelope((10002, UNAUTHORIZED), messages=[]), e.NotPermitted, C),
    Row("no auth header", 400, envelope((9106, "Missing X-Auth-Key")), e.CredentialsRefused),
    Row("malformed key", 400, chained(6003, 6103), e.CredentialsRefused),
    Row("malformed token", 400, chained(6003, 6111), e.CredentialsRefused),
    Row("only the chain is known", 400, chained(1, 6111), e.CredentialsRefused),
    Row("no permission", 403, envelope((10000, "Authentication error")), e.NotPermitted),
    Row("unknown token", 401, envelope((10000, "Authentication error")), e.TokenInvalid),
    Row("token expired", 401, envelope((9109, "Invalid access token")), e.TokenInvalid),
    Row("token locked", 403, envelope((9109, "Max auth failures reached")), e.TokenInvalid),
    Row("401, unknown code", 401, envelope((4711, "?")), e.TokenInvalid),
    Row("403, unknown code", 403, envelope((4711, "?")), e.NotPermitted),
    Row("unknown key", 403, envelope((9103, "Unknown X-Auth-Key or X-Auth-Email")), e.UnknownKey),
    Row(
        "bad account", 404, envelope((7003, "Could not route"), (7000, "No route")), e.WrongAccount
    ),
    Row("bad account on delete", 404, envelope((7003, "Could not route")), e.WrongAccount, D),
    Row("not a token", 400, envelope((1000, "Invalid API Token")), e.TokenInvalid),
    Row("1000 while verifying", 401, envelope((1000, "?")), e.TokenInvalid, Operation.VERIFY_TOKEN),
    Row("1000 otherwise", 400, envelope((1000, "Request timeout")), e.ServerTrouble),
    Row("10001 mis-tagged", 403, envelope((10001, "internal error")), e.ServerTrouble, C),
    Row("key of a deleted input", 409, envelope((10409, "Conflict")), e.IdempotencyConflict, C),
    Row("409 page on create", 409, HTML, e.UnexpectedAnswer, C),
    Row("409 elsewhere", 409, envelope((4711, "?")), e.Busy, Operation.ROTATE_KEYS),
    Row("video live", 409, envelope((10046, "live")), e.VideoLive, Operation.DELETE_VIDEO),
    Row("429 without envelope", 429, b"error code: 1015", e.CloudflareRateLimited),
    Row("429, empty", 429, b"", e.CloudflareRateLimited, C),
    Row("971 elsewhere", 400, envelope((971, "Please wait")), e.CloudflareRateLimited),
    Row("971 under 503", 503, envelope((971, "Please wait")), e.CloudflareRateLimited),
    Row("500, empty body", 500, b"", e.ServerTrouble, C),
    Row("502, page", 502, HTML, e.ServerTrouble, C),
    Row("522", 522, b"error code: 522", e.ServerTrouble),
    Row("request timeout", 408, b"", e.ServerTrouble),
    Row("page under 200", 200, HTML, e.UnexpectedAnswer, C),
    Row("page under 403", 403, b"error code: 1010", e.UnexpectedAnswer),
    Row("redirect", 302, b"", e.UnexpectedAnswer),
    Row("redirect with an envelope", 302, envelope(success=True), e.UnexpectedAnswer, C),
    Row("empty 200", 200, b"", e.UnexpectedAnswer, D),
    Row("204 on a delete", 204, b"", e.UnexpectedAnswer, D),
    Row(
        "truncated", 200, envelope(success=True, result={"uid": SECRET})[:40], e.UnexpectedAnswer, C
    ),
    Row("success false under 200", 200, envelope((4711, "?")), e.UnexpectedAnswer, C),
    Row("success false under 200, known", 200, envelope((10003, NOT_FOUND)), e.Gone),
    Row("success true under 400", 400, envelope(success=True), e.RequestRefused, C),
    Row("success is no flag", 200, b'{"success":"true","result":{}}', e.UnexpectedAnswer, C),
    Row("a list", 200, b"[]", e.UnexpectedAnswer, Operation.LIST),
    Row("deep nesting", 200, b"[" * 100_000, e.UnexpectedAnswer),
    Row("not UTF-8", 200, b"\xff\xfe{}", e.UnexpectedAnswer),
    Row("errors are no list", 400, b'{"success":false,"errors":{"code":10003}}', e.RequestRefused),
    Row(
        "codes are text", 404, b'{"success":false,"errors":[{"code":"10003"}]}', e.UnexpectedAnswer
    ),
]


def outcome(row: Row, **headers: str) -> Success | e.CloudflareError:
    answer = HttpAnswer(row.status, headers, row.body)
    return classify(row.operation, answer, now=NOW, scrub=Scrubber())


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_classify__every_known_failure__one_class(row: Row) -> None:
    error = outcome(row)
    assert type(error) is row.want
    assert SECRET not in str(error)
    assert isinstance(error, e.CloudflareError)
    assert error.operation is row.operation
    assert error.status == row.status
    if error.action is e.Action.WAIT:
        assert error.until is not None
        assert error.until > NOW
    if error.action is e.Action.HUMAN:
        assert error.advice
        assert error.advice in str(error)


@pytest.mark.parametrize(
    ("failure", "want", "unknown"),
    [
        (TransportFailure.NOT_CONNECTED, e.Unreachable, False),
        (TransportFailure.TIMEOUT, e.AnswerLost, True),
        (TransportFailure.BROKEN, e.AnswerLost, True),
        (TransportFailure.TOO_LARGE, e.AnswerLost, True),
    ],
)
def test_classify__no_answer__retry_and_says_whether_the_effect_is_unknown(
    failure: TransportFailure, want: type[e.CloudflareError], unknown: bool
) -> None:
    error = classify(C, failure, now=NOW, scrub=Scrubber())
    assert isinstance(error, want)
    assert error.action is e.Action.RETRY
    assert error.effect_unknown is unknown
    reading = classify(G, failure, now=NOW, scrub=Scrubber())
    assert isinstance(reading, want)
    assert not reading.effect_unknown


@pytest.mark.parametrize("status", [500, 502])
def test_classify__server_trouble_on_create__effect_is_unknown(status: int) -> None:
    error = outcome(Row("", status, b"", e.ServerTrouble, C))
    assert isinstance(error, e.ServerTrouble)
    assert error.effect_unknown


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("17", 17.0),
        ("0", 0.0),
        (formatdate(NOW + 90, usegmt=True), 90.0),
        (formatdate(NOW - 90, usegmt=True), 0.0),
        ("soon", 300.0),
        ("", 300.0),
        ("-5", 300.0),
        ("٣", 300.0),
    ],
)
def test_classify__429__until_from_retry_after_or_a_whole_window(
    value: str, seconds: float
) -> None:
    error = outcome(Row("", 429, b"", e.CloudflareRateLimited), **{"retry-after": value})
    assert isinstance(error, e.CloudflareRateLimited)
    assert error.until == NOW + seconds


def test_classify__success__gives_the_result() -> None:
    body = envelope(success=True, result={"uid": "x"}, messages=[])
    success = classify(C, HttpAnswer(200, {}, body), now=NOW, scrub=Scrubber())
    assert isinstance(success, Success)
    assert success.result == {"uid": "x"}
    assert "uid" not in repr(success)


@pytest.mark.parametrize("status", [200, 204])
def test_classify__empty_answer_to_deleting_a_video__is_success(status: int) -> None:
    answer = HttpAnswer(status, {}, b"")
    assert isinstance(classify(Operation.DELETE_VIDEO, answer, now=NOW, scrub=Scrubber()), Success)


def test_classify__remote_text_with_secrets__is_scrubbed() -> None:
    token = "short-token"
    text = (
        f"bad {token}, key {SECRET}, see https://x.example/{SECRET}\x1b[31m\nand so on "
        + "z " * 400
    )
    answer = HttpAnswer(400, {}, envelope((10005, text), messages=[{"message": SECRET}]))
    error = classify(C, answer, now=NOW, scrub=Scrubber([token]))
    assert isinstance(error, e.RequestRefused)
    for hidden in (token, SECRET, "x.example", "\x1b", "\n"):
        assert hidden not in str(error)
    assert len(error.detail) <= 300
    assert error.detail.startswith("bad [hidden]")


def test_classify__ray_and_code__are_told() -> None:
    row = Row("", 403, envelope((10000, "Authentication error")), e.NotPermitted)
    assert "HTTP 403, code 10000, cf-ray 8f-AMS" in str(outcome(row, **{"cf-ray": "8f-AMS"}))
    assert "<b>" not in str(outcome(row, **{"cf-ray": "<b>"}))


def test_errors__every_class__has_exactly_one_action() -> None:
    def leaves(cls: type[e.CloudflareError]) -> list[type[e.CloudflareError]]:
        below = cls.__subclasses__()
        return [leaf for sub in below for leaf in leaves(sub)] if below else [cls]

    classes = leaves(e.CloudflareError)
    assert len(classes) == 21
    for cls in classes:
        assert isinstance(cls.action, e.Action)
        assert isinstance(cls.scope, e.Scope)
        assert bool(cls.advice) == (cls.action is e.Action.HUMAN)
