"""The small HTTP port that a service shows its operator: /healthz, /readyz, /metrics; and what
other services of ours may send to it (`PostRoute`).

Promises: answers in a thread of its own, so that it can tell when the service's loop stands still:
/healthz is 503 then. /readyz is 503 with every reason in words while the service cannot do its
work; /metrics is Prometheus text, where `<service>_ready` is what /readyz would answer at that
moment. A body that is posted is bounded and whole before anybody sees it. It serves nothing else.
Assumes: the port is not public.
On restart: nothing is kept.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import NamedTuple

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from common.build_info import BuildInfo
from common.checks.port import FREE_IT
from common.liveness import Heartbeat
from common.settings import Bind


class Readiness(NamedTuple):
    """Whether a service can do its work, and if not why and what to do, a line each."""

    ready: bool
    reasons: tuple[str, ...] = ()


class PostRoute(NamedTuple):
    """Where something may be posted. `take`: gets the body, in the server's thread; raises
    ValueError, which says what is needed. The answer is 202."""

    most_bytes: int
    take: Callable[[bytes], None]


class CannotListen(OSError):
    """The address cannot be listened on; the text names it and the setting it comes from."""


class OpsServer:
    """Serves the three routes, and `posts` by their paths, until `close`."""

    def __init__(
        self,
        bind: Bind,
        registry: CollectorRegistry,
        readiness: Callable[[], Readiness],
        heartbeat: Heartbeat,
        *,
        service: str,
        posts: Mapping[str, PostRoute] = MappingProxyType({}),
    ) -> None:
        """Listen at once. `service`: its setting and its metrics are named after it. Raises
        CannotListen."""
        state = ServiceState(service, readiness, heartbeat)
        state.show(registry)
        handler = _handler(registry, state, posts)
        server = _Server6 if ":" in bind.host else ThreadingHTTPServer
        try:
            self._server = server((bind.host, bind.port), handler)
        except OSError as error:
            raise CannotListen(
                f"{service.upper()}_HTTP: cannot listen on {bind} ({error.strerror}): {FREE_IT}"
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


class ServiceState(Collector):
    """What the service says of itself and what its heartbeat says, for every route alike."""

    def __init__(
        self, service: str, readiness: Callable[[], Readiness], heartbeat: Heartbeat
    ) -> None:
        self._service = service
        self._readiness = readiness
        self.heartbeat = heartbeat

    def show(self, registry: CollectorRegistry) -> None:
        """Add the metrics that each service has: these, its build, since when the process runs."""
        registry.register(self)
        registry.register(BuildInfo(self._service))
        ProcessCollector(registry=registry)

    def readiness(self) -> Readiness:
        """The service's own word counts only while its loop runs."""
        own, trouble = self._readiness(), self.heartbeat.trouble()
        return own if trouble is None else Readiness(False, (trouble, *own.reasons))

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            f"{self._service}_ready", "1 while /readyz says ready", float(self.readiness().ready)
        )
        yield GaugeMetricFamily(
            f"{self._service}_heartbeat_age_seconds",
            "how long the event loop has stood still",
            self.heartbeat.silent,
        )


def _handler(
    registry: CollectorRegistry, state: ServiceState, posts: Mapping[str, PostRoute]
) -> type[BaseHTTPRequestHandler]:
    paths = " ".join(("/healthz", "/readyz", "/metrics", *(f"POST {path}" for path in posts)))

    class Handler(BaseHTTPRequestHandler):
        timeout = 10
        server_version = "ops"
        sys_version = ""

        def do_GET(self) -> None:  # the base class asks for this name
            path = self.path.partition("?")[0]
            if path == "/healthz":
                trouble = state.heartbeat.trouble()
                text = f"{trouble or 'ok'}\n"
                self._answer(503 if trouble else 200, "text/plain; charset=utf-8", text.encode())
            elif path == "/readyz":
                ready, reasons = state.readiness()
                body = json.dumps({"ready": ready, "reasons": reasons}) + "\n"
                self._answer(200 if ready else 503, "application/json", body.encode())
            elif path == "/metrics":
                self._answer(200, CONTENT_TYPE_LATEST, generate_latest(registry))
            else:
                self._answer(404, "text/plain; charset=utf-8", f"{paths}\n".encode())

        def do_POST(self) -> None:  # the base class asks for this name
            route = posts.get(self.path.partition("?")[0])
            length = self.headers.get("Content-Length", "")
            if route is None:
                self._refuse(404, paths)
            elif not (length.isascii() and length.isdigit()):
                self._refuse(411, "needs a Content-Length")
            elif int(length) > route.most_bytes:
                self._refuse(413, f"needs a body of at most {route.most_bytes} bytes")
            else:
                self._take(route, self.rfile.read(int(length)), int(length))

        def _take(self, route: PostRoute, body: bytes, length: int) -> None:
            if len(body) != length:
                self._refuse(400, "the body ended early")
                return
            try:
                route.take(body)
            except ValueError as error:
                self._refuse(400, str(error))
            else:
                self._answer(202, "application/json", b"{}\n")

        def _refuse(self, status: int, why: str) -> None:
            self._answer(status, "text/plain; charset=utf-8", f"{why}\n".encode())

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: a scrape every few seconds is no news."""

    return Handler
