"""A real service whose limits are seconds, and whose event loop stands still at SIGUSR2.

Run in a service's place: `ServiceProcess(name, ..., module="tests.support.stuck_service")` with
`STUCK_SERVICE=name` among the settings, and `STUCK_BY` a key of `WAYS`. What runs is the service
itself: its own `main`, loop, watchdog and port.
"""

from __future__ import annotations

import ctypes
import os
import re
import signal
import sys
import threading
from collections.abc import Callable

from common import liveness

LIMITS = liveness.Limits(unhealthy=0.4, dead=1.2, look=0.1)
WORKER_SECONDS = 2
STOOD_SECONDS = 1.5


def waits_for_itself() -> None:
    """A lock that nobody gives back."""
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def computes_natively() -> None:
    """Native code that lets no other thread of Python run."""
    re.match("(a+)+$", "a" * 64 + "b")


def sleeps() -> None:
    """A call that blocks; of the C library, for gevent replaces Python's."""
    ctypes.CDLL(None).sleep(600)


WAYS: dict[str, Callable[[], None]] = {
    way.__name__: way for way in (waits_for_itself, computes_natively, sleeps)
}


def main() -> int:
    """The service's exit code."""
    service, way = os.environ["STUCK_SERVICE"], WAYS[os.environ.get("STUCK_BY", "sleeps")]
    liveness.LIMITS = LIMITS
    if service == "api":
        return _api(way)
    signal.signal(signal.SIGUSR2, lambda *_: way())
    if service == "indexer":
        from indexer.__main__ import main as run
    else:
        from oracle.__main__ import main as run
    return run(["run"])


def _api(way: Callable[[], None]) -> int:
    import common.web.server.gevent_patch  # noqa: F401  # first, as in `api.__main__`
    from common.web.server.shared_folder import shared_folder

    with shared_folder("api") as folder:
        from api.run import main as serve
        from common.web.server import gunicorn_server
        from common.web.server.worker import Worker

        own_signals = Worker.init_signals

        def init_signals(worker: Worker) -> None:
            own_signals(worker)
            signal.signal(signal.SIGUSR2, lambda *_: way())

        Worker.init_signals = init_signals
        gunicorn_server.STUCK_SECONDS = WORKER_SECONDS
        gunicorn_server.STOOD_SECONDS = STOOD_SECONDS
        return serve(folder)


if __name__ == "__main__":
    sys.exit(main())
