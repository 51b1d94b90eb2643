"""`python -m presence` as a process: waits for the database, works, and closes everything.

Promises: while the database is away this is said once and asked for again; /readyz and the metrics
answer meanwhile. Hosts and index are waited for by the service itself.
"""

from __future__ import annotations

import asyncio
import random
import signal

from pymongo.errors import PyMongoError

from common import logs
from common.clock import Clock, Rng, SystemClock, jittered, wait_event
from common.liveness import watched
from common.ops_server import OpsServer
from common.settings import PresenceSettings
from presence.connections import PresenceParts, hint_route, presence_parts

log = logs.get()

RETRY_SECONDS = 2.0


async def run(settings: PresenceSettings) -> None:
    """Until SIGTERM or SIGINT. Raises CannotListen."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    clock, rng = SystemClock(), random.Random()  # noqa: S311  (jitter)
    async with presence_parts(settings, clock, rng) as parts, watched(clock) as heartbeat:
        service = parts.service
        server = OpsServer(
            settings.presence_http,
            service.metrics.registry,
            service.status.readiness,
            heartbeat,
            service="presence",
            posts={"/hints": hint_route(service, loop)},
        )
        try:
            if await _reach_database(parts, stop, clock, rng):
                log.info("presence runs", contracts=[ref.address for ref in settings.contracts])
                await service.run(stop)
                log.info("presence stopped")
        finally:
            server.close()


async def _reach_database(
    parts: PresenceParts, stop: asyncio.Event, clock: Clock, rng: Rng
) -> bool:
    """Wait for it; False if stopped."""
    status, errors = parts.service.status, parts.service.errors
    while not stop.is_set():
        try:
            await parts.store.reach()
            await parts.store.ensure_indexes()
        except PyMongoError as error:
            status.set("start: database", f"MongoDB: {errors.explain(error)}")
            await wait_event(clock, stop, jittered(RETRY_SECONDS, rng))
        else:
            status.set("start: database", None)
            status.begun = True
            return True
    return False
