"""What every command of `python -m indexer` is made of: clients, from the settings."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from chain.endpoints import EndpointPool
from chain.health import PoolPolicy
from chain.rpc import http_client
from chain.urls import endpoint_configs
from common.clock import SystemClock
from indexer.lease import Lease
from settings import ContractRef, IndexerSettings


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
                policy=PoolPolicy.for_polling(settings.poll_seconds),
                timeout=settings.rpc_timeout_seconds,
            )
            yield Parts(settings, clock, rng, pool, mongo[settings.mongodb_database])
        finally:
            await mongo.close()


@asynccontextmanager
async def exclusive(
    lease: Lease, clock: SystemClock, patience: float = 45.0
) -> AsyncIterator[None]:
    """Hold the writer's lease: a running service is asked to let go, and takes it again after.

    Raises `Failed` if nobody lets go in time.
    """
    deadline = clock.monotonic() + patience
    await lease.want(patience)
    while not await lease.renew():
        if clock.monotonic() > deadline:
            raise Failed(f"another indexer ({lease.holder}) does not let go of the index", 4)
        await lease.want(patience)
        await clock.sleep(0.2)
    keeper = asyncio.ensure_future(_keep(lease, clock))
    try:
        yield
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)
        await lease.release()


async def _keep(lease: Lease, clock: SystemClock) -> None:
    while True:
        await clock.sleep(2.0)
        await lease.renew()


def chosen(settings: IndexerSettings, contract: str | None) -> list[ContractRef]:
    """The contracts a command works on. Raises `Failed`."""
    if contract is None:
        return list(settings.contracts)
    found = [ref for ref in settings.contracts if ref.address == contract.lower()]
    if not found:
        raise Failed(f"{contract} is not among CONTRACTS", 2)
    return found
