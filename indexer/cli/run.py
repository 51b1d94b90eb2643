"""`python -m indexer run`: the service as a process."""

from __future__ import annotations

import argparse
import asyncio
import gc
import signal

import structlog
from prometheus_client import CollectorRegistry

from chain.rpc.heads import HeadWatcher
from common import process
from common.liveness import watched
from common.ops_server import OpsServer
from common.settings import IndexerSettings
from indexer.assembly import index_lease, parts
from indexer.metrics import IndexerMetrics
from indexer.readiness import IndexerStatus
from indexer.service import IndexerService

log = structlog.get_logger(__name__)


def tune_garbage_collection() -> None:
    """A backlog makes millions of objects and no cycles: looking for cycles as often as Python
    does by default takes a third of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


async def run(settings: IndexerSettings, _: argparse.Namespace) -> int:
    """The service, until SIGTERM or SIGINT."""
    tune_garbage_collection()
    async with parts(settings) as use, watched(use.clock) as heartbeat:
        owner = process.name()
        watcher = HeadWatcher.build(settings, use.pool, use.clock, use.rng)
        status = IndexerStatus(use.clock.monotonic, use.pool.health, watcher.age)
        registry = CollectorRegistry()
        metrics = IndexerMetrics(registry, status)
        service = IndexerService(
            settings,
            use.pool,
            watcher,
            use.store(owner),
            index_lease(use.database, owner, use.clock),
            use.clock,
            use.rng,
            status,
            metrics,
            use.errors,
        )
        server = OpsServer(
            settings.indexer_http, registry, status.readiness, heartbeat, service="indexer"
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, service.stop)
        log.info("indexer starts", contracts=[ref.address for ref in settings.contracts])
        try:
            await service.run()
        finally:
            server.close()
        log.info("indexer ends")
    return 0
