"""`python -m api --check`: what the API needs, looked at without starting it.

Promises: reads only; opens no port and starts no worker.
Assumes: it runs in a process without gevent, which `api.__main__` sees to.
"""

from __future__ import annotations

import random

from api.app_config import PAGE_FOLDER
from api.mongo_index_source import RECORDINGS
from chain.service_checks import ServiceChecks, opened
from common.checks.database import Access
from common.checks.rows import Check, CheckFailed, CheckLevel, CheckResult, examine
from common.clock import SystemClock
from common.settings import ApiSettings
from indexer.documents import CHECKPOINT, EVENTS, FOLDED
from indexer.index_check import IndexCheck
from indexer.reader import AsyncReader
from presence.documents import PRESENCE_ROOMS, PRESENCE_STATE


async def look(settings: ApiSettings) -> list[CheckResult]:
    """A row for each thing that the API needs."""
    clock, rng = SystemClock(), random.Random()  # noqa: S311 - jitter, no secret
    async with opened(settings, clock, rng) as checks:
        return await examine(_rows(checks, settings), checks.explain)


def _rows(checks: ServiceChecks, settings: ApiSettings) -> list[Check]:
    database = checks.mongo[settings.mongodb_database]
    reader = AsyncReader(database, [ref.address for ref in settings.contracts])
    accesses = [
        Access(database.name, (*FOLDED, EVENTS, CHECKPOINT)),
        Access(settings.oracle_database, (RECORDINGS,)),
        Access(settings.presence_database, (PRESENCE_ROOMS, PRESENCE_STATE)),
    ]
    return [
        checks.given(),
        *checks.nodes(),
        *(checks.contract(ref) for ref in settings.contracts),
        checks.clock(),
        Check("database", lambda: checks.database(accesses)),
        *(
            Check("index", IndexCheck(reader, ref, settings.chain_id, checks.head).look)
            for ref in settings.contracts
        ),
        Check("page", _page),
        checks.port("API_BIND", settings.api_bind),
    ]


async def _page() -> str:
    if not (PAGE_FOLDER / "index.html").is_file():
        raise CheckFailed(
            f"{PAGE_FOLDER} is not built: the API serves its routes alone",
            "npm run build --prefix dapp",
            CheckLevel.WARN,
        )
    return f"built, in {PAGE_FOLDER}"
