"""What surrounds every request, whatever the route: a WSGI middleware.

Promises: each answer has a request id (the client's own `X-Request-ID` if it is decent), security
headers, and the CORS headers that the service's `CrossOrigin` gives it; each request is counted,
timed and logged as one line of JSON. A preflight is answered here. What `common.web.request_checks`
or the service's `CrossOrigin` refuses reaches no route.
Assumes: it is inside of ProxyFix, so REMOTE_ADDR is the client's.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from common.web.client_address import client_key
from common.web.problems import CONTENT_TYPE
from common.web.request_checks import refusal

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]

_DECENT_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
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
HSTS = ("Strict-Transport-Security", "max-age=31536000")


class CrossOrigin(Protocol):
    """What pages of other origins may do with a service (CORS)."""

    def headers(self, environ: Environ, problem: bool) -> list[tuple[str, str]]:
        """What an answer has for them. `problem`: it is a problem document."""
        ...

    def preflight(self, environ: Environ) -> list[tuple[str, str]] | None:
        """What a preflight to this path is answered with, besides `headers`; None: the path has no
        preflight."""
        ...

    def refusal(self, environ: Environ) -> tuple[str, str] | None:
        """Why a page of this origin is refused: a problem's slug, and the sentence for it."""
        ...


class Recorder(Protocol):
    """Where requests are counted and logged. `seconds` None: an event stream that ended."""

    def __call__(
        self, environ: Environ, status: int, size: int, seconds: float, streamed: bool
    ) -> None: ...


class RequestMiddleware:
    """Around the Flask application. `refuse(environ, start_response, slug, detail)` answers with a
    problem without it."""

    def __init__(
        self,
        inner: Wsgi,
        record: Recorder,
        refuse: Callable[..., Iterable[bytes]],
        origins: CrossOrigin,
    ) -> None:
        self._inner = inner
        self._origins = origins
        self._record = record
        self._refuse = refuse

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        given = environ.get("HTTP_X_REQUEST_ID")
        if given is not None and _DECENT_ID.fullmatch(given):
            request_id = given
        else:
            request_id = uuid.uuid4().hex
        environ["web.request_id"] = request_id
        environ["web.client"] = client_key(environ)
        answer = [0, 0]  # status, length

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            answer[0] = int(status[:3])
            secured, problem = False, False
            for name, value in headers:
                if name == "Content-Length":
                    answer[1] = int(value)
                elif name == "Content-Security-Policy":
                    secured = True
                elif name == "Content-Type":
                    problem = value == CONTENT_TYPE
            headers.extend(environ.get("web.headers", ()))
            headers.append(("X-Request-ID", request_id))
            headers.extend(COMMON if secured else DATA)
            headers.extend(self._origins.headers(environ, problem))
            if environ.get("wsgi.url_scheme") == "https":
                headers.append(HSTS)
            if exc_info is not None:
                return start_response(status, headers, exc_info)
            return start_response(status, headers)

        asked = environ["REQUEST_METHOD"] == "OPTIONS"
        preflight = self._origins.preflight(environ) if asked else None
        if preflight is not None:
            start("204 No Content", [*preflight, ("Content-Length", "0")])
            body: Iterable[bytes] = []
        else:
            refused = refusal(environ) or self._origins.refusal(environ)
            body = (
                self._inner(environ, start)
                if refused is None
                else self._refuse(environ, start, *refused)
            )
        if environ.get("web.streams"):
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
