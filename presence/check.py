"""`python -m presence --check`: what presence needs, looked at without starting it.

Promises: reads only; takes no lease, opens no port, asks no playback host.
"""

from __future__ import annotations

import random

from chain.service_checks import ServiceChecks, opened
from common import live_status
from common.checks.database import Access, lease_words
from common.checks.rows import Check, CheckResult, examine
from common.clock import SystemClock
from common.settings import PresenceSettings
from indexer.documents import CHECKPOINT, OPERATORS, ROOMS
from indexer.index_check import IndexCheck
from indexer.reader import AsyncReader
from presence.connections import LEASE, lease_rows
from presence.documents import PRESENCE_HOSTS, PRESENCE_LEASE, PRESENCE_ROOMS, PRESENCE_STATE

OWN = (PRESENCE_ROOMS, PRESENCE_STATE, PRESENCE_HOSTS, PRESENCE_LEASE)


async def look(settings: PresenceSettings) -> list[CheckResult]:
    """A row for each thing that presence needs. The nodes are asked for how far the index is."""
    clock, rng = SystemClock(), random.Random()  # noqa: S311 - jitter, no secret
    async with opened(settings, clock, rng) as checks:
        return await examine(_rows(checks, settings), checks.explain)


def _rows(checks: ServiceChecks, settings: PresenceSettings) -> list[Check]:
    own = checks.mongo[settings.presence_database]
    accesses = [
        Access(settings.mongodb_database, (CHECKPOINT, ROOMS, OPERATORS)),
        Access(settings.oracle_database, (live_status.COLLECTION,)),
        Access(own.name, OWN, writes=True),
    ]
    reader = AsyncReader(
        checks.mongo[settings.mongodb_database], [ref.address for ref in settings.contracts]
    )

    async def look_at_database() -> str:
        return f"{await checks.database(accesses)}; {await lease_words(lease_rows(own), LEASE)}"

    indexes = [
        IndexCheck(reader, ref, settings.chain_id, checks.head) for ref in settings.contracts
    ]
    return [
        checks.given(),
        Check("database", look_at_database),
        *(Check("index", index.look) for index in indexes),
        checks.port("PRESENCE_HTTP", settings.presence_http),
    ]
