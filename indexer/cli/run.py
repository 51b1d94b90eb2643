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
from common.ops_server import OpsServer
from common.settings import IndexerSettings
from indexer.assembly import index_lease, parts
from indexer.metrics import IndexerMetrics
from indexer.mongo_store import MongoStore
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
    async with parts(settings) as use:
        owner = process.name()
        status = IndexerStatus(use.clock.monotonic, use.pool.health)
        registry = CollectorRegistry()
        metrics = IndexerMetrics(registry, status)
        watcher = HeadWatcher(use.pool, use.clock, use.rng, poll_seconds=settings.poll_seconds)
        service = IndexerService(
            settings,
            use.pool,
            watcher,
            MongoStore(use.database, owner),
            index_lease(use.database, owner, use.clock),
            use.clock,
            use.rng,
            status,
            metrics,
        )
        server = OpsServer(
            settings.indexer_http, registry, status.readiness, setting="INDEXER_HTTP"
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
