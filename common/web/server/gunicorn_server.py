"""gunicorn, started from Python.

Promises: `serve` runs until SIGTERM or SIGINT and then ends within a few seconds; workers that die,
and those whose event loop has stood still for `STUCK_SECONDS`, are replaced. Each worker has its
own database client, made after the fork.
Assumes: `common.web.server.gevent_patch` was imported first, then
`common.web.server.shared_folder.shared_folder` entered.
On restart: nothing is kept.
"""

from __future__ import annotations

import contextlib
import gc
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from prometheus_client import CollectorRegistry, Counter

from common.settings import Bind
from common.web.server import shared_counters
from common.web.server.connection_balancing import ConnectionCounts
from common.web.server.worker import Worker

LINE, FIELDS, FIELD = 4094, 64, 8190
STUCK_SECONDS = 60
STOOD_SECONDS = 5.0
"""The arbiter looks at its workers each second; a pause of so many was not the workers' fault."""

AppFactory = Callable[[str], Any]
"""Makes a worker's application, given the path of the counters that the workers share."""


@dataclass(frozen=True)
class ServerOptions:
    """Of a service's settings those of its server. `service`: its name, in processes and metrics;
    `connections`: per worker, of which one client may have `connections_per_client`."""

    service: str
    bind: Bind
    workers: int
    connections: int
    connections_per_client: int
    patience_seconds: int
    trusted_proxies: int


class FairArbiter(Arbiter):  # type: ignore[misc]  # gunicorn ships no types
    """Counts the workers that it ends because they stood still. It judges none by a time in which
    all stood: after SIGCONT, or a container that was paused, each has its whole time again."""

    _looked = _resumed = float("-inf")

    def __init__(self, app: BaseApplication, service: str) -> None:
        # in a file of this process, which the workers' /metrics reads with theirs
        self._stuck = Counter(
            f"livestream_{service}_stuck_workers",
            "Workers replaced because their event loop stood still",
            registry=CollectorRegistry(),
        )
        super().__init__(app)

    def murder_workers(self) -> None:
        now = time.monotonic()
        if now - self._looked > STOOD_SECONDS:
            self._resumed = now
        self._looked = now
        if now - self._resumed >= self.timeout:
            before = self._aborted()
            super().murder_workers()
            self._stuck.inc(len(self._aborted() - before))

    def _aborted(self) -> set[int]:
        """Workers that were told to end."""
        return {pid for pid, worker in self.WORKERS.items() if worker.aborted}


class GunicornServer(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """`make_app(counters)` runs in each worker."""

    def __init__(self, options: ServerOptions, make_app: AppFactory, counters: str) -> None:
        self._given = options
        self._make_app = make_app
        self._counters = counters
        super().__init__()

    def load_config(self) -> None:
        given = self._given
        Worker.client_connections = 0 if given.trusted_proxies else given.connections_per_client
        Worker.connection_counts = ConnectionCounts()
        Worker.patience = given.patience_seconds
        options: dict[str, Any] = {
            "bind": str(given.bind),
            "workers": given.workers,
            "worker_class": "common.web.server.worker.Worker",
            "worker_connections": given.connections,
            "backlog": 4096,
            "keepalive": given.patience_seconds,
            "timeout": STUCK_SECONDS,
            "graceful_timeout": 8,
            "limit_request_line": LINE,
            "limit_request_fields": FIELDS,
            "limit_request_field_size": FIELD,
            "http_parser": "python",
            # No header of a peer changes the route or the scheme, whoever the peer is: gunicorn
            # trusts those of this machine by default, and what a proxy reports is ProxyFix's.
            "forwarded_allow_ips": "",
            "forwarder_headers": "",
            "secure_scheme_headers": {},
            "header_map": "drop",
            "loglevel": "warning",
            "proc_name": f"livestream-{given.service}",
            "pre_fork": _pre_fork,
            "child_exit": _child_exit,
            "worker_exit": _worker_exit,
            "control_socket_disable": True,
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def run(self) -> None:
        FairArbiter(self, self._given.service).run()

    def load(self) -> Any:
        app = self._make_app(self._counters)
        # What a worker is made of stays for its life: a full collection that walks it again takes
        # 50 ms, in which nobody is answered.
        gc.collect()
        gc.freeze()
        return app


def serve(options: ServerOptions, make_app: AppFactory, shared: Path) -> None:
    """Listen and answer until a signal to stop. `shared`: a folder of
    `common.web.server.shared_folder`."""
    _raise_file_limit()
    counters = shared / "counters"
    shared_counters.create(counters)
    GunicornServer(options, make_app, str(counters)).run()


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
    web = getattr(app, "extensions", {}).get("web")
    if web is not None:
        web.given.close()
