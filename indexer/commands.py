"""The commands of `python -m indexer`, and what they share: clients made from the settings."""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import structlog
from prometheus_client import CollectorRegistry
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from chain.clock import SystemClock
from chain.endpoints import EndpointPool
from chain.heads import HeadWatcher
from chain.health import PoolPolicy
from chain.rpc import http_client
from chain.urls import endpoint_configs
from indexer import process
from indexer.lease import Lease
from indexer.mongo_store import MongoStore
from indexer.service import Service
from indexer.status import Metrics, Status
from ops import OpsServer
from settings import IndexerSettings

log = structlog.get_logger(__name__)


class Failed(Exception):
    """A command could not do its work; `code` is its exit code."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


class Parts(NamedTuple):
    """What every command needs."""

    settings: IndexerSettings
    clock: SystemClock
    rng: random.Random
    pool: EndpointPool
    database: AsyncDatabase[dict[str, Any]]


@asynccontextmanager
async def parts(settings: IndexerSettings) -> AsyncIterator[Parts]:
    """Clients, closed at the end."""
    clock, rng = SystemClock(), random.Random()  # noqa: S311 - jitter, no secret
    mongo: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        settings.mongodb_uri.get_secret_value(),
        serverSelectionTimeoutMS=3000,
        w="majority",
        appname="indexer",
    )
    async with http_client() as client:
        try:
            urls = [url.get_secret_value() for url in settings.rpc_urls]
            pool = EndpointPool.build(
                endpoint_configs(urls),
                client,
                clock,
                rng,
                policy=PoolPolicy(),
                timeout=settings.rpc_timeout_seconds,
            )
            yield Parts(settings, clock, rng, pool, mongo[settings.mongodb_database])
        finally:
            await mongo.close()


async def run(settings: IndexerSettings, _: argparse.Namespace) -> int:
    """The service, until SIGTERM or SIGINT."""
    async with parts(settings) as use:
        owner = process.name()
        status = Status(use.clock.monotonic, use.pool.health)
        registry = CollectorRegistry()
        metrics = Metrics(registry, status)
        watcher = HeadWatcher(use.pool, use.clock, use.rng, poll_seconds=settings.poll_seconds)
        service = Service(
            settings,
            use.pool,
            watcher,
            MongoStore(use.database, owner),
            Lease(use.database, owner, use.clock),
            use.clock,
            use.rng,
            status,
            metrics,
        )
        server = OpsServer(settings.indexer_http, registry, status.readiness)
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


@dataclass(frozen=True)
class Command:
    """`arguments`: what argparse's add_argument takes."""

    help: str
    run: Callable[[IndexerSettings, argparse.Namespace], Coroutine[Any, Any, int]]
    arguments: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = field(default=())


COMMANDS: dict[str, Command] = {
    "run": Command("keep the index at the chain's head (the default)", run),
}
