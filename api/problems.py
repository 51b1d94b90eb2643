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
        "Correct the parameter or field that `detail` (and `errors`) names."),
    ProblemKind("room-gated", 403, "The room is not public",
        "Only some viewers may watch it; playback tokens are not available yet. `gate` is the "
        "contract whose balanceOf(viewer) says who may watch, or the registry itself (`access`: "
        "by invitation only)."),
    ProblemKind("registry-retired", 403, "The contract takes no more rooms",
        "Its owner has retired it. `successor` is where hosts go on by the owner's word alone: "
        "check it before you use it; a server goes on there only when its settings say so."),
    ProblemKind("creation-paused", 403, "The creation of rooms is paused",
        "Try again later: the contract's owner has paused it. Open rooms go on."),
    ProblemKind("operator-not-accepting", 403, "The operator takes no new rooms",
        "Choose another operator (`/api/livestream/status` lists them), or try again later."),
    ProblemKind("too-many-rooms", 403, "The host has too many open rooms",
        "End one of them first: the terms say how many one host may have open."),
    ProblemKind("not-found", 404, "Not found",
        "Check the path; this page lists all routes."),
    ProblemKind("room-unknown", 404, "No such room",
        "Check the number. A room created a moment ago is found once its block is indexed: "
        "`index` says which block that is."),
    ProblemKind("method-not-allowed", 405, "Method not allowed",
        "The `Allow` header lists the methods."),
    ProblemKind("too-slow", 408, "The request was too slow", "Send it again without delay."),
    ProblemKind("room-pending", 409, "The room is waiting for its live input",
        "Retry after `Retry-After` seconds, or follow `stream`: the operator is about to "
        "provision the room. After `deadline_at` anybody may expire it."),
    ProblemKind("credentials-pending", 409, "The credentials are not sealed to the current key yet",
        "Retry after `Retry-After` seconds: the operator is about to seal them again."),
    ProblemKind("room-ended", 410, "The room has ended", "`end` says why. It cannot be reopened."),
    ProblemKind("body-too-large", 413, "The request body is too large",
        "The limit is 16 KiB."),
    ProblemKind("uri-too-long", 414, "The request line is too long",
        "The limit is 4094 bytes."),
    ProblemKind("not-json", 415, "The request body is not JSON",
        "Send it with `Content-Type: application/json`."),
    ProblemKind("rate-limited", 429, "Too many requests",
        "Wait `Retry-After` seconds. Viewers waiting for a room need no polling: see the stream."),
    ProblemKind("headers-too-large", 431, "The request headers are too large",
        "The limit is 64 headers of 8190 bytes each."),
    ProblemKind("internal", 500, "Internal error",
        "Retry; if it happens again, report the request id (`X-Request-ID`) to the operator."),
    ProblemKind("index-unavailable", 503, "The index is unavailable",
        "Retry after `Retry-After` seconds. The same data can be read from the chain itself."),
    ProblemKind("node-unavailable", 503, "The chain's node is unavailable",
        "Retry after `Retry-After` seconds; only building transactions needs the node."),
    ProblemKind("stream-full", 503, "Too many event streams",
        "Retry after `Retry-After` seconds, or poll instead."),
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
