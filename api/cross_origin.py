"""What pages of other origins may do with the API: read it, and nothing else.

Promises: whatever anybody may read, every problem included, is open to pages of any origin; no
transaction is made for one of them.
"""

from __future__ import annotations

from common.web.middleware import Environ

# /assets/: a player in a sandboxed frame has no origin, so that its own scripts come across origins
_READABLE = ("/api/", "/assets/", "/openapi.json", "/config.json", "/docs")
_EXPOSED = "ETag, Index-Position, Retry-After, X-Request-ID"
_CORS = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", _EXPOSED)]
_PREFLIGHT = [
    ("Access-Control-Allow-Methods", "GET, HEAD"),
    ("Access-Control-Allow-Headers", "If-None-Match, Last-Event-ID, X-Request-ID"),
    ("Access-Control-Max-Age", "86400"),
]


class OpenToReaders:
    """A `common.web.middleware.CrossOrigin`."""

    def headers(self, environ: Environ, problem: bool) -> list[tuple[str, str]]:
        return _CORS if problem or _is_readable(environ) else []

    def preflight(self, environ: Environ) -> list[tuple[str, str]] | None:
        return _PREFLIGHT if _is_readable(environ) else None

    def refusal(self, environ: Environ) -> tuple[str, str] | None:
        return None


def _is_readable(environ: Environ) -> bool:
    return str(environ.get("PATH_INFO", "")).startswith(_READABLE)
