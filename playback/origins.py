"""Which pages may ask: those of `PLAYBACK_ORIGINS`, to the letter.

Promises: a page of any other origin, and one without an origin of its own (`null`: a sandboxed
frame, a file), is refused before a route is asked, and no answer is open to it. No cookies are
used. A request without `Origin` comes from no page of another site.
"""

from __future__ import annotations

from collections.abc import Collection

from common.web.middleware import Environ

PREFIX = "/api/playback/"
_VARY = ("Vary", "Origin")
_EXPOSED = ("Access-Control-Expose-Headers", "Retry-After, X-Request-ID")
_PREFLIGHT = [
    ("Access-Control-Allow-Methods", "GET, HEAD, POST"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Request-ID"),
    ("Access-Control-Max-Age", "600"),
]


class NamedOrigins:
    """A `common.web.middleware.CrossOrigin`."""

    def __init__(self, origins: Collection[str]) -> None:
        self._origins = frozenset(origins)

    def headers(self, environ: Environ, problem: bool) -> list[tuple[str, str]]:
        origin = environ.get("HTTP_ORIGIN")
        if origin in self._origins:
            return [("Access-Control-Allow-Origin", str(origin)), _EXPOSED, _VARY]
        return [_VARY]

    def preflight(self, environ: Environ) -> list[tuple[str, str]] | None:
        ours = str(environ.get("PATH_INFO", "")).startswith(PREFIX)
        return _PREFLIGHT if ours and self.refusal(environ) is None else None

    def refusal(self, environ: Environ) -> tuple[str, str] | None:
        origin = environ.get("HTTP_ORIGIN")
        if origin is None or origin in self._origins:
            return None
        return "origin-refused", "the request comes from a page that is not one of ours"
