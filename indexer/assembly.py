"""What every command of `python -m indexer` is made of: clients, from the settings."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from chain.rpc.client import http_client
from chain.rpc.node_health import PoolPolicy
from chain.rpc.pool import NodePool
from chain.rpc.urls import node_configs
from common.clock import Clock, SystemClock
from common.database_errors import DatabaseErrors
from common.lease import Lease
from common.lease_store import MongoLeaseStore, Older
from common.settings import ContractRef, IndexerSettings
from common.tasks import end_tasks
from indexer.documents import WRITER
from indexer.mongo_store import MongoStore

WRITES = "writer"
LEASE_SECONDS = 12.0
# How long before the lease's end nothing more is begun: writes under way end meanwhile.
WRITE_SECONDS = 3.0
COMMAND_SECONDS = 30
"""A command without an answer for so long is repeated; what it began may have been done."""
# Versions before this one compare `until` with their clock and repeat `owner` in their reasons.
OLDER = Older(holder="owner", beat="until")
MARKS = {"owner": "an indexer of a newer version", "until": 32_503_680_000.0, "wanted": None}


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
    pool: NodePool
    database: AsyncDatabase[dict[str, Any]]
    errors: DatabaseErrors

    def store(self, writer: str, *, suffix: str = "") -> MongoStore:
        """The index; see `MongoStore`."""
        return MongoStore(self.database, writer, suffix=suffix, errors=self.errors)


@asynccontextmanager
async def parts(settings: IndexerSettings) -> AsyncIterator[Parts]:
    """Clients, closed at the end."""
    clock, rng = SystemClock(), random.Random()  # noqa: S311 - jitter, no secret
    uri = settings.mongodb_uri.get_secret_value()
    mongo: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        uri,
        serverSelectionTimeoutMS=3000,
        connectTimeoutMS=3000,
        socketTimeoutMS=COMMAND_SECONDS * 1000,
        w="majority",
        appname="indexer",
    )
    async with http_client() as client:
        try:
            urls = [url.get_secret_value() for url in settings.rpc_urls]
            pool = NodePool.build(
                node_configs(urls),
                client,
                clock,
                rng,
                policy=PoolPolicy.for_polling(settings.poll_seconds),
                timeout=settings.rpc_timeout_seconds,
                chain_id=settings.chain_id,
            )
            database = mongo[settings.mongodb_database]
            yield Parts(settings, clock, rng, pool, database, DatabaseErrors.of(uri))
        finally:
            await mongo.close()


def index_lease(
    database: AsyncDatabase[dict[str, Any]], owner: str, clock: Clock, name: str = WRITES
) -> Lease:
    """Who writes this index, or does what `name` says."""
    return Lease(lease_rows(database), name, owner, LEASE_SECONDS, clock)


def lease_rows(database: AsyncDatabase[dict[str, Any]]) -> MongoLeaseStore:
    """Where the leases of an index stand."""
    return MongoLeaseStore(database[WRITER], marks=MARKS, older=OLDER)


def held_by(lease: Lease) -> str:
    """Who holds the lease, and what to do about it."""
    if lease.other is None:
        return "the lease is reserved for a command"
    if lease.older:
        return (
            f"an indexer of an older version ({lease.other}) writes this index: stop it first; "
            "this one then continues by itself"
        )
    return f"another indexer ({lease.other}) writes this index"


@asynccontextmanager
async def exclusive(
    lease: Lease, clock: Clock, patience: float = 45.0, *, errors: DatabaseErrors | None = None
) -> AsyncIterator[None]:
    """Hold the writer's lease: a running service is asked to let go, and takes it again after.

    Raises `Failed` if nobody lets go in time, if the lease is lost meanwhile (the work is
    cancelled), or if the database does not answer.
    """
    try:
        await _acquire(lease, clock, patience)
        async with _keep_alive(lease):
            yield
    except PyMongoError as error:
        raise Failed(f"MongoDB: {(errors or DatabaseErrors()).explain(error)}", 4) from error
    finally:
        with suppress(PyMongoError):  # it runs out by itself
            await lease.release()


async def _acquire(lease: Lease, clock: Clock, patience: float) -> None:
    deadline = clock.monotonic() + patience
    while not await lease.step(ask=True):
        if clock.monotonic() > deadline:
            raise Failed(f"the lease was not released in time: {held_by(lease)}", 4)
        await clock.sleep(0.2)


@asynccontextmanager
async def _keep_alive(lease: Lease) -> AsyncIterator[None]:
    """Renew the lease beside the work; the work is cancelled when the lease is lost."""
    work, lost = asyncio.current_task(), asyncio.Event()

    def ended(keeper: asyncio.Future[None]) -> None:
        if not keeper.cancelled() and work is not None:
            lost.set()
            work.cancel()

    keeper = asyncio.ensure_future(lease.keep())
    keeper.add_done_callback(ended)
    try:
        yield
    except asyncio.CancelledError:
        if not lost.is_set() or work is None:
            raise
        work.uncancel()
        raise Failed(f"the lease was lost and the command stopped: {held_by(lease)}", 4) from None
    finally:
        keeper.remove_done_callback(ended)
        await end_tasks(keeper)


def chosen(settings: IndexerSettings, contract: str | None) -> list[ContractRef]:
    """The contracts a command works on. Raises `Failed`."""
    if contract is None:
        return list(settings.contracts)
    found = [ref for ref in settings.contracts if ref.address == contract.lower()]
    if not found:
        raise Failed(f"{contract} is not among CONTRACTS", 2)
    return found
