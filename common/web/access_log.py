"""One line per request, for machines.

Promises: a JSON object per line on standard output, in the shape of `common.logs`: time, client,
method, path and query (cut at 300 characters), route, status, bytes, milliseconds, request id, user
agent. Nothing of the body, no other header.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any

import orjson

from common import logs
from common.web.metrics import HttpMetrics
from common.web.middleware import Environ

QUIET = frozenset({"/healthz", "/readyz", "/metrics"})  # asked every few seconds by machines


class AccessLog:
    """Counts and logs requests; a `common.web.middleware.Recorder`."""

    def __init__(self, metrics: HttpMetrics, log_format: str) -> None:
        self._metrics = metrics
        self._service = metrics.service
        self._plain = log_format != "json"

    def __call__(
        self, environ: Environ, status: int, size: int, seconds: float, streamed: bool
    ) -> None:
        route = environ.get("web.route", "none")  # a pattern, so that labels are few
        method = environ["REQUEST_METHOD"]
        self._metrics.request(route, _method(method), status, None if streamed else seconds)
        path: str = environ.get("PATH_INFO", "")
        if path in QUIET and status < 400:
            return
        query = environ.get("QUERY_STRING")
        entry: dict[str, Any] = {
            "event": "stream" if streamed else "request",
            "request_id": environ["web.request_id"],
            "client": environ["web.client"],
            "method": method[:16],
            "path": (f"{path}?{query}" if query else path)[:300],
            "route": route,
            "status": status,
            "bytes": size,
            "ms": round(seconds * 1000, 2),
            "agent": environ.get("HTTP_USER_AGENT", "")[:200],
        }
        if self._plain:
            logs.get().info(entry.pop("event"), **entry)
            return
        moment = datetime.now(UTC).isoformat()
        entry |= {"level": "info", "timestamp": moment, "service": self._service}
        line = orjson.dumps(_text(entry))
        if not line.isascii():
            line = logs.escaped(line.decode()).encode()
        sys.stdout.buffer.write(line + b"\n")
        sys.stdout.buffer.flush()


def _method(method: str) -> str:
    known = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE")
    return method if method in known else "other"


def _text(entry: dict[str, Any]) -> dict[str, Any]:
    """WSGI strings are latin-1 of what was sent: as UTF-8 where that is what it is."""
    for name in ("path", "agent"):
        if not entry[name].isascii():
            entry[name] = entry[name].encode("latin-1", "replace").decode("utf-8", "replace")
    return entry
