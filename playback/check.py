"""`python -m playback --check`: what the service needs, looked at without starting it.

Promises: reads only; opens no port and starts no worker; no key is shown.
Assumes: it runs in a process without gevent, which `playback.__main__` sees to.
"""

from __future__ import annotations

import asyncio
import random
import time

from chain.service_checks import ServiceChecks, opened
from common.checks.database import Access
from common.checks.rows import Check, CheckFailed, CheckLevel, CheckResult, examine
from common.clock import SystemClock
from common.playback_key import PlaybackKeyError, PlaybackKeys
from common.private_file import PrivateFileError
from common.settings import PlaybackSettings
from indexer.documents import CHECKPOINT, EVENTS, FOLDED
from indexer.index_check import IndexCheck
from indexer.reader import AsyncReader
from playback.clock_check import ServerDate, judge
from playback.index_view import RECORDINGS
from playback.mongo_store import COLLECTIONS
from playback.wiring import session_key


async def look(settings: PlaybackSettings) -> list[CheckResult]:
    """A row for each thing that the service needs."""
    clock, rng = SystemClock(), random.Random()  # noqa: S311 - jitter, no secret
    async with opened(settings, clock, rng) as checks:
        return await examine(_rows(checks, settings), checks.explain)


def _rows(checks: ServiceChecks, settings: PlaybackSettings) -> list[Check]:
    database = checks.mongo[settings.mongodb_database]
    reader = AsyncReader(database, [ref.address for ref in settings.contracts])
    accesses = [
        Access(database.name, (*FOLDED, EVENTS, CHECKPOINT)),
        Access(settings.oracle_database, (RECORDINGS,)),
        Access(settings.playback_database, COLLECTIONS, writes=True),
    ]
    return [
        checks.given(),
        *checks.nodes(),
        *(checks.contract(ref) for ref in settings.contracts),
        checks.clock(),
        Check("Cloudflare's clock", lambda: _date(settings)),
        Check("database", lambda: checks.database(accesses)),
        *(
            Check("index", IndexCheck(reader, ref, settings.chain_id, checks.head).look)
            for ref in settings.contracts
        ),
        Check("signing key", lambda: _signing_key(settings)),
        Check("session key", lambda: _session_key(settings)),
        checks.port("PLAYBACK_BIND", settings.playback_bind),
    ]


async def _date(settings: PlaybackSettings) -> str:
    server = ServerDate(settings.playback_cloudflare_date_url, time.time)
    try:
        date = await asyncio.to_thread(server.ask)
    finally:
        server.close()
    found = judge(time.time(), date, None)
    if found.reason is not None:
        raise CheckFailed(found.reason, "set the clock right (NTP)")
    if found.error is None:
        raise CheckFailed(
            "no Date from PLAYBACK_CLOUDFLARE_DATE_URL",
            "check that address, and the way out of this machine",
            CheckLevel.WARN,
        )
    return f"{abs(found.error):.0f} s apart"


async def _signing_key(settings: PlaybackSettings) -> str:
    try:
        keys = PlaybackKeys.load(settings.playback_key_file)
    except PlaybackKeyError as error:
        raise CheckFailed(
            f"PLAYBACK_KEY_FILE: {error}", "make one: python -m oracle playback-key create"
        ) from None
    return f"key {keys.current.kid} of account {keys.account}"


async def _session_key(settings: PlaybackSettings) -> str:
    try:
        session_key(settings.playback_session_key_file)
    except PrivateFileError as error:
        raise CheckFailed(
            f"PLAYBACK_SESSION_KEY_FILE: {error}",
            "make one: (umask 077; head -c 32 /dev/urandom > FILE), once for all machines",
        ) from None
    return "readable by its owner alone"
