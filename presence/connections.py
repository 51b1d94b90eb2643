"""What presence is made of, from its settings.

Promises: everything opened here is closed at the end of the `with`; nothing is asked of anybody.
Assumes: two presences with one database are one: the lease stands there, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, NamedTuple

from pymongo import AsyncMongoClient, WriteConcern
from pymongo.asynchronous.database import AsyncDatabase

from common import process
from common.clock import Clock, Rng
from common.database_errors import DatabaseErrors
from common.lease import Lease
from common.lease_store import MongoLeaseStore
from common.ops_server import PostRoute
from common.settings import PresenceSettings
from indexer.reader import AsyncReader
from presence.asking import HttpAsking, http_client, user_agent
from presence.documents import MOST_HINT_BYTES, PRESENCE_LEASE
from presence.hints import read_hints
from presence.metrics import PresenceMetrics
from presence.room_index import MongoRoomIndex, RoomFollower
from presence.rounds import Rounds
from presence.service import PresenceService
from presence.status import PresenceStatus
from presence.store import MongoNotes, MongoPresenceStore

MONGO_SECONDS = 5
LEASE = "presence"


class PresenceParts(NamedTuple):
    """The service, and the database that it waits for."""

    service: PresenceService
    store: MongoPresenceStore


@asynccontextmanager
async def presence_parts(
    settings: PresenceSettings, clock: Clock, rng: Rng
) -> AsyncIterator[PresenceParts]:
    """The service, put together."""
    uri = settings.mongodb_uri.get_secret_value()
    mongo: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        uri,
        serverSelectionTimeoutMS=MONGO_SECONDS * 1000,
        socketTimeoutMS=MONGO_SECONDS * 1000,
        connectTimeoutMS=MONGO_SECONDS * 1000,
        appname="presence",
    )
    own = mongo.get_database(settings.presence_database, write_concern=WriteConcern("majority"))
    contracts = [ref.address for ref in settings.contracts]
    reader = AsyncReader(mongo[settings.mongodb_database], contracts)
    metrics, status = PresenceMetrics(), PresenceStatus()
    async with http_client(user_agent(settings)) as http:
        store = MongoPresenceStore(own)
        lease = Lease(
            lease_rows(own), LEASE, process.name(), settings.presence_lease_seconds, clock
        )
        make_rounds: Callable[[Callable[[], bool]], Rounds] = lambda allowed: Rounds(  # noqa: E731
            HttpAsking(http, clock), settings.presence_questions_per_second, clock, rng, metrics,
            allowed=allowed, note=status.note,
        )  # fmt: skip
        service = PresenceService(
            clock, rng, lease, store, MongoNotes(mongo[settings.oracle_database]),
            RoomFollower(MongoRoomIndex(reader, contracts), contracts, clock),
            status, metrics, make_rounds, DatabaseErrors.of(uri),
        )  # fmt: skip
        try:
            yield PresenceParts(service, store)
        finally:
            await mongo.close()


def lease_rows(database: AsyncDatabase[dict[str, Any]]) -> MongoLeaseStore:
    """Where the lease stands."""
    return MongoLeaseStore(database[PRESENCE_LEASE], marks={})


def hint_route(service: PresenceService, loop: asyncio.AbstractEventLoop) -> PostRoute:
    """`POST /hints`, taken in the HTTP thread and handed to the loop."""

    def take(body: bytes) -> None:
        loop.call_soon_threadsafe(partial(service.rounds.hint, read_hints(body)))

    return PostRoute(MOST_HINT_BYTES, take)
