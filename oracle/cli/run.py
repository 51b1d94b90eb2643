"""`python -m oracle`: waits for what the oracle needs, runs it, and closes everything at the end.

Promises: until the nodes and the database are there and are the right ones nothing is begun; what
is missing is said once and asked for again; /readyz and the metrics answer meanwhile.
On restart: as `oracle.service` says.
"""

from __future__ import annotations

import asyncio
import random
import signal

from chain.finality import FinalityUnknown, check_finality
from chain.identity import WrongChain, check_contracts, check_version
from common import logs
from common.clock import SystemClock
from common.ops_server import OpsServer
from common.settings import OracleSettings
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
        signer = await open_signer(settings, connections.signer_http)
        oracle = build(settings, connections, signer, clock, rng)
        problems = oracle.service.problems
        ops = OpsServer(
            settings.oracle_http,
            oracle.service.metrics.registry,
            problems.readiness,
            setting="ORACLE_HTTP",
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
    """Wait for node and database, and check that they are the right ones; False if stopped.

    Raises one of `WRONG`.
    """
    service = oracle.service

    async def check() -> None:
        await oracle.sender.start()
        await check_contracts(connections.pool, [settings.contract.address], settings.chain_id)
        await check_version(connections.pool, settings.contract.address)
        await check_finality(connections.pool, settings.finality)
        await oracle.ensure_indexes()
        await oracle.recall_spending()
        await oracle.monitor.check_operator()
        await oracle.monitor.check_index()
        await oracle.monitor.check_balance()
        await oracle.monitor.count_income()  # from here on

    while not stop.is_set():
        try:
            await check()
        except WRONG:
            raise
        except Exception as error:
            # Whatever is not there yet: say it once, and try again.
            service.problems.failed("start", shared_cause(error) or "start", one_line(error))
            await service.clock.sleep(RETRY_SECONDS)
        else:
            service.problems.worked("start")
            service.problems.begun = True
            return True
    return False
