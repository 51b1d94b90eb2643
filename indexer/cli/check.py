"""`python -m indexer --check`: what the indexer needs, looked at without starting it.

Promises: reads only; takes no lease and opens no port.
"""

from __future__ import annotations

import random

from chain.service_checks import ServiceChecks, opened
from common.checks.database import Access, lease_words
from common.checks.rows import Check, CheckResult, examine
from common.clock import SystemClock
from common.settings import IndexerSettings
from indexer.assembly import WRITES, lease_rows
from indexer.documents import CHECKPOINT, EVENTS, FOLDED, WRITER
from indexer.index_check import IndexCheck
from indexer.reader import AsyncReader

COLLECTIONS = (*FOLDED, EVENTS, CHECKPOINT, WRITER)


async def look(settings: IndexerSettings) -> list[CheckResult]:
    """A row for each thing that the indexer needs."""
    clock, rng = SystemClock(), random.Random()  # noqa: S311 - jitter, no secret
    async with opened(settings, clock, rng) as checks:
        return await examine(_rows(checks, settings), checks.explain)


def _rows(checks: ServiceChecks, settings: IndexerSettings) -> list[Check]:
    database = checks.mongo[settings.mongodb_database]
    reader = AsyncReader(database, [ref.address for ref in settings.contracts])
    indexes = {
        ref: IndexCheck(reader, ref, settings.chain_id, checks.head, own=True)
        for ref in settings.contracts
    }

    async def look_at_database() -> str:
        told = await checks.database([Access(database.name, COLLECTIONS, writes=True)])
        return f"{told}; {await lease_words(lease_rows(database), WRITES)}"

    return [
        checks.given(),
        *checks.nodes(),
        checks.heads(),
        *(checks.contract(ref, indexed=index.holds_events) for ref, index in indexes.items()),
        checks.clock(),
        Check("database", look_at_database),
        *(Check("index", index.look) for index in indexes.values()),
        checks.port("INDEXER_HTTP", settings.indexer_http),
    ]
