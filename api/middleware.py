"""What surrounds every request, whatever the route: a WSGI middleware.

Promises: each answer has a request id (the client's own `X-Request-ID` if it is decent), security
headers, and for what anybody may read the CORS header; each request is counted, timed and logged as
one line of JSON. A preflight is answered here. A body that says it is too large, or that does not
say how large it is, is refused before anything reads it.
Assumes: it is inside of ProxyFix, so REMOTE_ADDR is the client's.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from api.client_address import client_key

MOST_BODY = 16 * 1024
Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]

_DECENT_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
# /assets/: a player in a sandboxed frame has no origin, so that its own scripts come across origins
_READABLE = ("/api/", "/assets/", "/openapi.json", "/config.json", "/docs")
_EXPOSED = "ETag, Index-Position, Retry-After, X-Request-ID"
COMMON = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
]
# Responses that are data: no browser may make anything else of them.
DATA = [
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    *COMMON,
]
CORS = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", _EXPOSED)]
HSTS = ("Strict-Transport-Security", "max-age=31536000")
PREFLIGHT = [
    ("Access-Control-Allow-Methods", "GET, HEAD"),
    ("Access-Control-Allow-Headers", "If-None-Match, Last-Event-ID, X-Request-ID"),
    ("Access-Control-Max-Age", "86400"),
    ("Content-Length", "0"),
]


class Recorder(Protocol):
    """Where requests are counted and logged. `seconds` None: an event stream that ended."""

    def __call__(
        self, environ: Environ, status: int, size: int, seconds: float, streamed: bool
    ) -> None: ...


class RequestMiddleware:
    """Around the Flask application. `refuse(environ, start_response, slug)` answers with a problem
    without it."""

    def __init__(self, inner: Wsgi, record: Recorder, refuse: Callable[..., Iterable[bytes]]):
        self._inner = inner
        self._record = record
        self._refuse = refuse

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        given = environ.get("HTTP_X_REQUEST_ID")
        if given is not None and _DECENT_ID.fullmatch(given):
            request_id = given
        else:
            request_id = uuid.uuid4().hex
        environ["api.request_id"] = request_id
        environ["api.client"] = client_key(environ)
        path: str = environ.get("PATH_INFO", "")
        readable = path.startswith(_READABLE)
        answer = [0, 0]  # status, length

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            answer[0] = int(status[:3])
            secured = False
            for name, value in headers:
                if name == "Content-Length":
                    answer[1] = int(value)
                elif name == "Content-Security-Policy":
                    secured = True
            headers.extend(environ.get("api.headers", ()))
            headers.append(("X-Request-ID", request_id))
            headers.extend(COMMON if secured else DATA)
            if readable:
                headers.extend(CORS)
            if environ.get("wsgi.url_scheme") == "https":
                headers.append(HSTS)
            if exc_info is not None:
                return start_response(status, headers, exc_info)
            return start_response(status, headers)

        if readable and environ["REQUEST_METHOD"] == "OPTIONS":
            start("204 No Content", list(PREFLIGHT))
            body: Iterable[bytes] = []
        else:
            slug = _unreadable(environ)
            body = (
                self._inner(environ, start) if slug is None else self._refuse(environ, start, slug)
            )
        if environ.get("api.streams"):
            return _Stream(body, lambda: self._done(environ, answer, started, streamed=True))
        self._done(environ, answer, started, streamed=False)
        return body

    def _done(self, environ: Environ, answer: list[int], started: float, *, streamed: bool) -> None:
        self._record(environ, answer[0], answer[1], time.perf_counter() - started, streamed)


class _Stream:
    """An endless body that is recorded when it ends."""

    def __init__(self, body: Iterable[bytes], done: Callable[[], None]) -> None:
        self._body = body
        self._done = done

    def __iter__(self) -> Any:
        return iter(self._body)

    def close(self) -> None:
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._done()


def _unreadable(environ: Environ) -> str | None:
    """Why the body is not read: a problem's slug, or None."""
    length = environ.get("CONTENT_LENGTH")
    if length:
        if not length.isdigit():
            return "malformed"
        if int(length) > MOST_BODY:
            return "body-too-large"
    elif environ.get("HTTP_TRANSFER_ENCODING"):
        return "body-too-large"
    return None
