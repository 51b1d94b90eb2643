"""The small HTTP port that a service shows its operator: /healthz, /readyz, /metrics.

Promises: answers while the service works, in a thread of its own; /readyz is 503 with every reason
in words while the service cannot do its work; /metrics is Prometheus text. It serves nothing else.
Assumes: the port is not public.
On restart: nothing is kept.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from common.settings import Bind


class Readiness(NamedTuple):
    """Whether a service can do its work, and if not why and what to do, a line each."""

    ready: bool
    reasons: tuple[str, ...] = ()


class CannotListen(OSError):
    """The address cannot be listened on; the text names it and the setting it comes from."""


class OpsServer:
    """Serves the three routes until `close`."""

    def __init__(
        self,
        bind: Bind,
        registry: CollectorRegistry,
        readiness: Callable[[], Readiness],
        *,
        setting: str,
    ) -> None:
        """Listen at once. `setting`: where `bind` comes from. Raises CannotListen."""
        handler = _handler(registry, readiness)
        server = _Server6 if ":" in bind.host else ThreadingHTTPServer
        try:
            self._server = server((bind.host, bind.port), handler)
        except OSError as error:
            raise CannotListen(
                f"{setting}: cannot listen on {bind.host}:{bind.port} ({error.strerror}): stop "
                "the program that listens there, or choose another address"
            ) from None
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port in use; of interest where 0 was asked for."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


class _Server6(ThreadingHTTPServer):
    address_family = socket.AF_INET6


def _handler(
    registry: CollectorRegistry, readiness: Callable[[], Readiness]
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10
        server_version = "ops"
        sys_version = ""

        def do_GET(self) -> None:  # the base class asks for this name
            path = self.path.partition("?")[0]
            if path == "/healthz":
                self._answer(200, "text/plain; charset=utf-8", b"ok\n")
            elif path == "/readyz":
                state = readiness()
                body = json.dumps({"ready": state.ready, "reasons": state.reasons}) + "\n"
                self._answer(200 if state.ready else 503, "application/json", body.encode())
            elif path == "/metrics":
                self._answer(200, CONTENT_TYPE_LATEST, generate_latest(registry))
            else:
                self._answer(404, "text/plain; charset=utf-8", b"/healthz /readyz /metrics\n")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: a scrape every few seconds is no news."""

    return Handler
