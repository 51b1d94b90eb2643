"""`python -m oracle`: waits for what the oracle needs, runs it, and closes everything at the end.

Promises: until nodes, database and remote signer are there and are the right ones nothing is begun;
what is missing is said once and asked for again; /readyz and the metrics answer meanwhile.
On restart: as `oracle.service` says.
"""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable

from chain.finality import FinalityUnknown, check_finality
from chain.identity import WrongChain, check_chain_ids
from chain.send.signer import SignerAway, SignerError
from chain.start_block import check_deployments
from common import logs
from common.clock import SystemClock
from common.liveness import watched
from common.ops_server import OpsServer
from common.settings import OracleSettings
from common.tasks import end_tasks, together
from oracle.bootstrap import Oracle, build
from oracle.connections import Connections, open_connections, open_signer
from oracle.failures import one_line, shared_cause

log = logs.get()

RETRY_SECONDS = 2.0

WRONG = (WrongChain, FinalityUnknown)
"""The settings and the nodes do not belong together."""


async def run(settings: OracleSettings) -> None:
    """Until SIGTERM or SIGINT. Raises one of `WRONG`, and what a start cannot go without."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    clock, rng = SystemClock(), random.Random()  # noqa: S311  (jitter)
    connections = open_connections(settings, clock, rng)
    try:
        async with watched(clock) as heartbeat:
            signer = await open_signer(settings, connections.signer_http)
            oracle = build(settings, connections, signer, clock, rng)
            problems = oracle.service.problems
            ops = OpsServer(
                settings.oracle_http,
                oracle.service.metrics.registry,
                problems.readiness,
                heartbeat,
                service="oracle",
            )
            try:
                if await _prepare(settings, connections, oracle, stop):
                    log.info(
                        "oracle runs", operator=settings.oracle_operator_id, account=signer.address
                    )
                    await oracle.service.run(stop)
                    log.info("oracle stopped")
            finally:
                ops.close()
    finally:
        await connections.close()


async def _prepare(
    settings: OracleSettings, connections: Connections, oracle: Oracle, stop: asyncio.Event
) -> bool:
    """Wait for node, database and remote signer, and check that they are the right ones; False if
    stopped.

    Raises one of `WRONG`, and SignerError if there is no such key.
    """
    service = oracle.service

    async def chain() -> None:
        await check_chain_ids(connections.pool, settings.chain_id)
        await oracle.sender.start()
        await connections.pool.ask(
            lambda node: check_deployments(node, [settings.contract], settings.chain_id)
        )
        await check_finality(connections.pool, settings.finality)

    async def database() -> None:
        """Reads only, of both databases."""
        await oracle.index.progress()
        await oracle.recall_spending()

    async def look_around() -> None:
        await oracle.ensure_indexes()
        await oracle.monitor.check_operator()
        await oracle.monitor.check_index()
        await oracle.monitor.check_balance()
        await oracle.monitor.count_income()  # from here on

    found: dict[str, bool] = {}

    async def works(name: str, look: Callable[[], Awaitable[None]]) -> None:
        found[name] = False
        try:
            await look()
        except Exception as error:
            if isinstance(error, (*WRONG, SignerError)) and not isinstance(error, SignerAway):
                raise
            # Whatever is not there yet: say it once, and try again.
            reason = one_line(error, connections.database_errors)
            service.problems.failed(name, shared_cause(error) or name, reason)
        else:
            service.problems.worked(name)
            found[name] = True

    async def begin() -> None:
        while True:
            # side by side, so that a node that is away does not hide a wrong password
            await together(works("start", chain), works("start: database", database))
            if all(found.values()):
                await works("start", look_around)
            if all(found.values()):
                return
            await service.clock.sleep(RETRY_SECONDS)

    beginning, stopped = asyncio.ensure_future(begin()), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({beginning, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not beginning.done():
            return False
        beginning.result()
        service.problems.begun = True
        return True
    finally:
        await end_tasks(beginning, stopped)
