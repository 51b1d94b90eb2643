"""Errors as RFC 9457 problem documents.

Promises: every error answer has `type` (leads to its place in the docs), `title`, `status` and
`detail`, and never a stack trace. `CATALOGUE` is the whole list; the docs and the OpenAPI document
are made from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.index_position import Provenance
from api.response_types import FieldErrorJson, ProblemJson, ProblemMembers


@dataclass(frozen=True)
class ProblemKind:
    """A kind of problem. `help`: what the caller can do, for the docs."""

    slug: str
    status: int
    title: str
    help: str


_KINDS = (
    ProblemKind("malformed", 400, "The request is malformed",
        "Mend the parameter or field that `detail` (and `errors`) names."),
    ProblemKind("room-gated", 403, "The room is not public",
        "Its host lets only some viewers in; playback tokens are not offered yet. `gate` is the "
        "contract whose balanceOf(viewer) says who may watch."),
    ProblemKind("not-found", 404, "There is nothing here",
        "Check the path; this page lists all routes."),
    ProblemKind("room-unknown", 404, "No such room",
        "Check the number. A room that was created a moment ago is known once its block is "
        "indexed: `index` says how far that is."),
    ProblemKind("method-not-allowed", 405, "This method is not allowed here",
        "The `Allow` header lists the methods."),
    ProblemKind("too-slow", 408, "The request came too slowly", "Send it again, at once."),
    ProblemKind("room-pending", 409, "The room waits for its live input",
        "Ask again after `Retry-After` seconds, or follow `stream`: the operator is about to "
        "provision the room. After `deadline_at` anybody may expire it."),
    ProblemKind("credentials-pending", 409, "The credentials are not sealed to the current key yet",
        "Ask again after `Retry-After` seconds: the operator is about to seal them anew."),
    ProblemKind("room-ended", 410, "The room has ended", "`end` says why. It will not come back."),
    ProblemKind("body-too-large", 413, "The request's body is too large",
        "A body has at most 16 KiB."),
    ProblemKind("uri-too-long", 414, "The request's line is too long",
        "It has at most 4094 bytes."),
    ProblemKind("not-json", 415, "The request's body is not JSON",
        "Send it with `Content-Type: application/json`."),
    ProblemKind("rate-limited", 429, "Too many requests",
        "Wait `Retry-After` seconds. Viewers waiting for a room need no polling: see the stream."),
    ProblemKind("headers-too-large", 431, "The request's headers are too large",
        "At most 64 headers of 8190 bytes each."),
    ProblemKind("internal", 500, "Something went wrong on our side",
        "Try again; if it goes on, tell the operator the request's id (`X-Request-ID`)."),
    ProblemKind("index-unavailable", 503, "The index does not answer",
        "Try again after `Retry-After` seconds. The chain itself has every answer, too."),
    ProblemKind("node-unavailable", 503, "The chain's node does not answer",
        "Try again after `Retry-After` seconds; only building transactions needs the node."),
    ProblemKind("stream-full", 503, "No room for another listener",
        "Try again after `Retry-After` seconds, or ask from time to time instead."),
)  # fmt: skip
CATALOGUE = {kind.slug: kind for kind in _KINDS}
CONTENT_TYPE = "application/problem+json"


class Problem(Exception):
    """An answer that is an error. `extra`: further members; `retry_after`: seconds; `provenance`:
    of what it is about, None: of nothing in particular."""

    def __init__(
        self,
        slug: str,
        detail: str,
        *,
        retry_after: int | None = None,
        extra: ProblemMembers | None = None,
        max_age: int = 0,
        headers: dict[str, str] | None = None,
        provenance: Provenance | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = CATALOGUE[slug]
        self.detail = detail
        self.retry_after = retry_after
        self.extra: ProblemMembers = extra or {}
        self.max_age = max_age
        self.headers = headers or {}
        self.provenance = provenance


def malformed(where: str, what: str) -> Problem:
    """A parameter or a field (`where`) is not as it should be. A JSON pointer names a field of the
    body, anything else is a parameter."""
    error: FieldErrorJson = (
        {"pointer": where, "detail": what}
        if where.startswith("/")
        else {"parameter": where, "detail": what}
    )
    return Problem("malformed", f"{where}: {what}", extra={"errors": [error]})


def problem_json(kind: ProblemKind, detail: str, docs: str, extra: ProblemMembers) -> ProblemJson:
    """The document. `docs`: the address of /docs."""
    return {
        "type": f"{docs}#{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        **extra,
    }
