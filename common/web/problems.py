"""Errors as RFC 9457 problem documents.

Promises: every error answer has `type` (leads to its place in the docs), `title`, `status` and
`detail`, and never a stack trace. A service's `Catalogue` is the whole list of its kinds; docs and
OpenAPI document are made from it. Those that what surrounds a route raises are in
each of them (`catalogue`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from flask import Response

from common.web.response_types import FieldErrorJson

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True)
class ProblemKind:
    """A kind of problem. `help`: what the caller can do, for the docs."""

    slug: str
    status: int
    title: str
    help: str


Catalogue = Mapping[str, ProblemKind]


def catalogue(*kinds: ProblemKind) -> Catalogue:
    """The shared kinds and a service's own, by their slugs and ordered by status. Of two with one
    slug the later counts: a service may say a shared kind in words of its own."""
    found = {kind.slug: kind for kind in (*_SHARED, *kinds)}
    return {kind.slug: kind for kind in sorted(found.values(), key=lambda kind: kind.status)}


_SHARED = (
    ProblemKind("malformed", 400, "The request is malformed",
        "Correct the parameter or field that `detail` (and `errors`) names."),
    ProblemKind("not-found", 404, "Not found",
        "Check the path; this page lists all routes."),
    ProblemKind("method-not-allowed", 405, "Method not allowed",
        "The `Allow` header lists the methods."),
    ProblemKind("too-slow", 408, "The request was too slow", "Send it again without delay."),
    ProblemKind("length-required", 411, "The request does not say how long its body is",
        "Send it whole, with `Content-Length`: a body in chunks is not taken, however small."),
    ProblemKind("body-too-large", 413, "The request body is too large",
        "The limit is 16 KiB."),
    ProblemKind("uri-too-long", 414, "The request line is too long",
        "The limit is 4094 bytes."),
    ProblemKind("not-json", 415, "The request body is not JSON",
        "Send it with `Content-Type: application/json`."),
    ProblemKind("rate-limited", 429, "Too many requests",
        "Wait `Retry-After` seconds."),
    ProblemKind("headers-too-large", 431, "The request headers are too large",
        "The limit is 64 headers of 8190 bytes each."),
    ProblemKind("internal", 500, "Internal error",
        "Retry; if it happens again, report the request id (`X-Request-ID`) to the operator."),
)  # fmt: skip


class Problem(Exception):
    """An answer that is an error. `slug`: of a kind in the service's catalogue; `extra`: further
    members; `retry_after`: seconds; `max_age`: seconds a CDN may keep it."""

    def __init__(
        self,
        slug: str,
        detail: str,
        *,
        retry_after: int | None = None,
        extra: Mapping[str, object] | None = None,
        max_age: int = 0,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.slug = slug
        self.detail = detail
        self.retry_after = retry_after
        self.extra = extra or {}
        self.max_age = max_age
        self.headers = headers or {}


class ProblemAnswers(Protocol):
    """How a service answers with a problem."""

    def of(self, problem: Problem) -> Response:
        """To a request that a route was asked about."""
        ...

    def unread(self, slug: str, detail: str, retry_after: int | None = None) -> Response:
        """To a request that reached no route, or failed: made without asking anybody anything."""
        ...


def malformed(where: str, what: str) -> Problem:
    """A parameter or a field (`where`) is not as it should be. A JSON pointer names a field of the
    body, anything else is a parameter."""
    error: FieldErrorJson = (
        {"pointer": where, "detail": what}
        if where.startswith("/")
        else {"parameter": where, "detail": what}
    )
    return Problem("malformed", f"{where}: {what}", extra={"errors": [error]})


def problem_json(
    kind: ProblemKind, detail: str, docs: str, extra: Mapping[str, object]
) -> dict[str, Any]:
    """The document. `docs`: the address of the service's docs."""
    return {
        "type": f"{docs}#{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        **extra,
    }
