"""JSON and problem documents as HTTP responses.

Promises: an answer is encoded once; a problem has its content type, its headers and its status.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

import orjson
from flask import Response, request

from common.web.problems import CONTENT_TYPE, ProblemKind, problem_json

JSON = "application/json"
FIXED = "public, max-age=300"
NEVER = "no-store"


def encode(value: Any) -> bytes:
    return orjson.dumps(value)


def digest(body: bytes) -> str:
    """A short name for content."""
    return blake2b(body, digest_size=9).hexdigest()


class EncodedJson:
    """A JSON object and its digest."""

    __slots__ = ("body", "digest")

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.body = encode(content)
        self.digest = digest(self.body)


def fresh_json(content: Any, status: int = 200) -> Response:
    """An answer that nobody may keep."""
    return Response(
        encode(content), status=status, headers=[("Cache-Control", NEVER)], content_type=JSON
    )


def problem_response(
    kind: ProblemKind,
    detail: str,
    docs: str,
    *,
    extra: Mapping[str, object] | None = None,
    retry_after: int | None = None,
    cache: str = NEVER,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An error. `docs`: the address of the service's docs."""
    fields = [("Cache-Control", cache), *(headers or {}).items()]
    if retry_after is not None:
        fields.append(("Retry-After", str(retry_after)))
    body = encode(problem_json(kind, detail, docs, extra or {}))
    return Response(body, status=kind.status, headers=fields, content_type=CONTENT_TYPE)


def fixed_document(
    body: Callable[[], bytes], kind: str, csp: str | None = None
) -> Callable[[], Response]:
    """A view of a document that does not change while the process runs. `csp`: of a page."""

    def view() -> Response:
        content = body()
        etag = digest(content)
        headers = [("ETag", f'"{etag}"'), ("Cache-Control", FIXED)]
        if csp is not None:
            headers.append(("Content-Security-Policy", csp))
        if request.if_none_match.contains(etag):
            return Response(status=304, headers=headers)
        return Response(content, headers=headers, content_type=kind)

    return view
