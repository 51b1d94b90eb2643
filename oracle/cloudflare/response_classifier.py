"""From what came back to what to do: one pure table.

Promises: every answer, broken or hostile, is either a `Success` with the envelope's result or
exactly one `CloudflareError`; no body is ever quoted, only `errors[].message` and
`messages[].message`, scrubbed. `Gone` needs the API's own 404 form: a proxy's 404 page, or an empty
body, never reads as "deleted". Assumes Cloudflare's envelope `{result, success, errors[],
messages[]|null}`; the true reason may stand in `messages`. Codes and their sources:
docs/cloudflare.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from common.redact import Scrubber
from oracle.cloudflare import errors as e
from oracle.cloudflare.operations import Operation, Power
from oracle.cloudflare.rate_headers import retry_after

VIDEO_LIVE_SECONDS = 15.0
DEFAULT_RATE_SECONDS = 300.0


@dataclass(frozen=True, slots=True, repr=False)
class HttpAnswer:
    """A whole HTTP answer; header names in lower case. Its body may hold secrets: no repr."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class TransportFailure(StrEnum):
    """Why there is no whole answer."""

    NOT_CONNECTED = "no connection"
    TIMEOUT = "no complete answer in time"
    BROKEN = "the connection broke before the answer was complete"
    TOO_LARGE = "the answer is too large"


@dataclass(frozen=True, slots=True, repr=False)
class Success:
    """`success: true`; `result` may hold secrets: no repr."""

    result: Any


_BY_CODE: dict[int, type[e.CloudflareError]] = {
    971: e.CloudflareRateLimited,
    1000: e.ServerTrouble,
    10001: e.ServerTrouble,
    10003: e.Gone,
    10046: e.VideoLive,
    10060: e.RetentionRefused,
    10004: e.RequestRefused,
    10005: e.RequestRefused,
    10002: e.NotPermitted,
    10000: e.NotPermitted,
    9103: e.UnknownKey,
    9106: e.CredentialsRefused,
    9109: e.TokenInvalid,
    6003: e.CredentialsRefused,
    6103: e.CredentialsRefused,
    6111: e.CredentialsRefused,
    7003: e.WrongAccount,
    7000: e.WrongAccount,
}


def classify(
    operation: Operation, outcome: HttpAnswer | TransportFailure, *, now: float, scrub: Scrubber
) -> Success | e.CloudflareError:
    """The meaning of `outcome`; `now` is unix time (for dates in headers)."""
    if isinstance(outcome, TransportFailure):
        kind = e.Unreachable if outcome is TransportFailure.NOT_CONNECTED else e.AnswerLost
        return kind(
            operation,
            str(outcome),
            effect_unknown=kind is e.AnswerLost and operation.power > Power.READ,
        )
    envelope = _envelope(outcome)
    if envelope is not None and envelope["success"] is True and outcome.status < 300:
        return Success(envelope.get("result"))
    if _is_empty_success(operation, outcome):
        return Success(None)
    return _refusal(operation, outcome, envelope, now, scrub)


def _refusal(
    operation: Operation,
    answer: HttpAnswer,
    envelope: dict[str, Any] | None,
    now: float,
    scrub: Scrubber,
) -> e.CloudflareError:
    codes = list(_codes(envelope))
    texts = list(_texts(envelope))
    kind, code = _kind(operation, answer.status, envelope is not None, codes, texts)
    until = None
    told = retry_after(answer.headers, now)
    if told is not None:
        until = now + told
    elif kind is e.CloudflareRateLimited:
        until = now + DEFAULT_RATE_SECONDS
    elif kind is e.VideoLive:
        until = now + VIDEO_LIVE_SECONDS
    unknown = issubclass(kind, (e.ServerTrouble, e.UnexpectedAnswer))
    return kind(
        operation,
        scrub("; ".join(texts)) if texts else _describe(answer, envelope),
        status=answer.status,
        code=code,
        ray=_ray(answer.headers),
        until=until,
        effect_unknown=unknown and operation.power > Power.READ,
    )


def _kind(
    operation: Operation, status: int, is_envelope: bool, codes: list[int], texts: list[str]
) -> tuple[type[e.CloudflareError], int | None]:
    first = codes[0] if codes else None
    if status == 429 or 971 in codes:
        return e.CloudflareRateLimited, first
    if status >= 500 or status in (408, 425):
        return e.ServerTrouble, first
    if not is_envelope or status < 200 or 300 <= status < 400:
        return e.UnexpectedAnswer, first
    if operation is Operation.CREATE and status == 409:
        return e.IdempotencyConflict, first
    words = " ".join(texts).lower()
    for code in codes:
        if code in _BY_CODE:
            return _refine(operation, status, code, words), code
    return _by_status(status), first


def _refine(operation: Operation, status: int, code: int, words: str) -> type[e.CloudflareError]:
    """A code's class; the meaning of a few hangs on the words, the call or the status."""
    kind = _BY_CODE[code]
    if kind is e.NotPermitted and "not enabled" in words:
        return e.NoSubscription
    if kind is e.NotPermitted and status == 401:
        return e.TokenInvalid
    if code == 1000 and ("token" in words or operation is Operation.VERIFY_TOKEN):
        return e.TokenInvalid
    if kind is e.Gone and not operation.names_one:
        return e.WrongAccount  # a collection cannot be gone; its account can be wrong
    if kind is e.Gone and status in (401, 403):
        return e.NotPermitted  # who may not look has not seen that it is gone
    return kind


def _by_status(status: int) -> type[e.CloudflareError]:
    if status < 300:
        return e.UnexpectedAnswer  # success:false under 200, for a reason nobody knows
    known: dict[int, type[e.CloudflareError]] = {
        401: e.TokenInvalid,
        403: e.NotPermitted,
        404: e.UnexpectedAnswer,  # without 10003 it does not prove that anything is gone
        409: e.Busy,
    }
    return known.get(status, e.RequestRefused)


def _envelope(answer: HttpAnswer) -> dict[str, Any] | None:
    try:
        document = orjson.loads(answer.body)
    except ValueError:
        return None
    if isinstance(document, dict) and isinstance(document.get("success"), bool):
        return document
    return None


def _is_empty_success(operation: Operation, answer: HttpAnswer) -> bool:
    """Deleting a video may answer 200 or 204 without any body (Cloudflare's SDK expects none)."""
    return operation is Operation.DELETE_VIDEO and answer.status in (200, 204) and not answer.body


def _entries(envelope: dict[str, Any] | None, key: str) -> Iterator[dict[str, Any]]:
    entries = envelope.get(key) if envelope else None
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict):
            yield entry
            chain = entry.get("error_chain")
            yield from (
                c for c in (chain if isinstance(chain, list) else []) if isinstance(c, dict)
            )


def _codes(envelope: dict[str, Any] | None) -> Iterator[int]:
    for entry in _entries(envelope, "errors"):
        code = entry.get("code")
        if isinstance(code, int) and not isinstance(code, bool):
            yield code


def _texts(envelope: dict[str, Any] | None) -> Iterator[str]:
    for key in ("errors", "messages"):
        for entry in _entries(envelope, key):
            if isinstance(entry.get("message"), str):
                yield entry["message"]


def _describe(answer: HttpAnswer, envelope: dict[str, Any] | None) -> str:
    """What came, without quoting it."""
    if not answer.body:
        return "an empty answer"
    if envelope is not None:
        return "a refusal without a reason given"
    start = answer.body[:64].lstrip().lower()
    if start.startswith((b"<!doctype", b"<html", b"<head")):
        form = "an HTML page"
    elif start.startswith((b"{", b"[")):
        form = "JSON that is truncated or not in the API's format"
    else:
        form = "something that is not JSON"
    return f"{form} ({len(answer.body)} bytes) instead of the API's answer"


def _ray(headers: Mapping[str, str]) -> str | None:
    ray = headers.get("cf-ray", "")
    return ray if 0 < len(ray) <= 40 and ray.replace("-", "").isalnum() and ray.isascii() else None
