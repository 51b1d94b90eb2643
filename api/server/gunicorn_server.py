"""gunicorn, started from Python.

Promises: `serve` runs until SIGTERM or SIGINT and then ends within a few seconds; workers that die
are replaced. Each worker has its own database client, made after the fork.
Assumes: `api.server.gevent_patch` was imported first, then
`api.server.shared_folder.shared_folder` entered.
On restart: nothing is kept.
"""

from __future__ import annotations

import contextlib
import gc
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from api.server import shared_counters
from api.server.connection_balancing import ConnectionCounts
from api.server.worker import Worker
from common.settings import ApiSettings

LINE, FIELDS, FIELD = 4094, 64, 8190

AppFactory = Callable[[ApiSettings, str], Any]


class GunicornServer(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """`make_app(settings, counters)` runs in each worker."""

    def __init__(self, settings: ApiSettings, make_app: AppFactory, counters: str) -> None:
        self._settings = settings
        self._make_app = make_app
        self._counters = counters
        super().__init__()

    def load_config(self) -> None:
        settings = self._settings
        host = f"[{settings.api_bind.host}]" if ":" in settings.api_bind.host else None
        Worker.client_connections = (
            0 if settings.api_trusted_proxies else settings.api_connections_per_client
        )
        Worker.connection_counts = ConnectionCounts()
        Worker.patience = settings.api_patience_seconds
        options: dict[str, Any] = {
            "bind": f"{host or settings.api_bind.host}:{settings.api_bind.port}",
            "workers": settings.api_workers,
            "worker_class": "api.server.worker.Worker",
            "worker_connections": settings.api_connections,
            "backlog": 4096,
            "keepalive": settings.api_patience_seconds,
            "timeout": 60,
            "graceful_timeout": 8,
            "limit_request_line": LINE,
            "limit_request_fields": FIELDS,
            "limit_request_field_size": FIELD,
            "http_parser": "python",
            "loglevel": "warning",
            "proc_name": "livestream-api",
            "pre_fork": _pre_fork,
            "child_exit": _child_exit,
            "worker_exit": _worker_exit,
            "control_socket_disable": True,
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        app = self._make_app(self._settings, self._counters)
        # What a worker is made of stays for its life: a full collection that walks it again takes
        # 50 ms, in which nobody is answered.
        gc.collect()
        gc.freeze()
        return app


def serve(settings: ApiSettings, make_app: AppFactory, shared: Path) -> None:
    """Listen and answer until a signal to stop. `shared`: a folder of
    `api.server.shared_folder`."""
    _raise_file_limit()
    counters = shared / "counters"
    shared_counters.create(counters)
    GunicornServer(settings, make_app, str(counters)).run()


def _raise_file_limit() -> None:
    """As many open connections as the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if hard == resource.RLIM_INFINITY else hard
    if soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _pre_fork(master: Any, worker: Any) -> None:
    worker.slot = Worker.connection_counts.slot([other.slot for other in master.WORKERS.values()])


def _child_exit(_: Any, worker: Any) -> None:
    """In the master, when a worker has gone: its connections and gauges no longer count."""
    Worker.connection_counts.gone(worker.slot)
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def _worker_exit(_: Any, worker: Any) -> None:
    """In a worker that ends."""
    app = getattr(worker, "wsgi", None)  # none if it could not be made
    services = getattr(app, "extensions", {}).get("services")
    if services is not None:
        services.close()
