"""An upstream whose answers live for a second, to see how long a proxy goes on with them."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class ShortLived:
    """Answers every GET with 200 and this `Cache-Control`; after `fail` with 503, after `leave` not
    at all. `heard`: the headers of each request. `more`: further headers of the answers."""

    def __init__(self, cache_control: str, **more: str) -> None:
        self.heard: list[tuple[str, dict[str, str]]] = []
        self._failing = False
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.heard.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                body = b"{}"
                self.send_response(503 if owner._failing else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store" if owner._failing else cache_control)
                for name, value in more.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def fail(self) -> None:
        self._failing = True

    def leave(self) -> None:
        """Take no more connections."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(10)
        self._server.server_close()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()
