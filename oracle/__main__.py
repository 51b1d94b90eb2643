"""`python -m oracle`: runs the oracle; with a command, looks at it or mends it.

    python -m oracle                    run until SIGTERM or SIGINT
    python -m oracle status             what waits and why, as a table
    python -m oracle doctor             whether everything it needs is there, and how to mend it
    python -m oracle sweep [--dry-run]  look for live inputs that no room needs, and delete them

Exit codes: 0 done; 1 the command found trouble; 2 settings; 3 wrong chain, no contract there, or a
FINALITY that no node knows.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import sys
from collections.abc import Sequence

from pymongo.errors import PyMongoError

from chain.abi import ArtifactError
from chain.calldata import ViewError
from chain.finality import FinalityUnknown, check_finality
from chain.identity import WrongChain, check_contracts
from chain.rpc.errors import RpcError
from chain.send.signer import SignerError
from common import logs
from common.clock import SystemClock
from common.ops_server import OpsServer
from common.settings import OracleSettings, SettingsError, load
from oracle.bootstrap import Oracle, build
from oracle.cli import commands
from oracle.cloudflare.errors import CloudflareError
from oracle.connections import Connections, open_connections, open_signer
from oracle.failures import cause, told

log = logs.get()

RETRY_SECONDS = 2.0


WRONG = (WrongChain, FinalityUnknown)
"""The settings and the nodes do not belong together."""


def main(argv: Sequence[str] | None = None) -> int:
    """The process's exit code."""
    arguments = _arguments(argv)
    try:
        settings = load(OracleSettings)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    command = str(arguments.command)
    level = settings.log_level if command == "run" else "error"
    logs.configure("oracle", fmt=settings.log_format, level=level)
    try:
        if command == "run":
            return asyncio.run(_run(settings))
        answer = asyncio.run(_ask(command, settings, dry_run=arguments.dry_run))
    except WRONG as error:
        print(error, file=sys.stderr)
        return 3
    except (SignerError, ValueError, ArtifactError, OSError) as error:
        print(f"cannot start: {error}", file=sys.stderr)
        return 2
    except (RpcError, PyMongoError, CloudflareError, ViewError) as error:
        print(
            f"{cause(error) or 'Cloudflare'}: {told(error)}\nSee `python -m oracle doctor`.",
            file=sys.stderr,
        )
        return 1
    print(answer.text)
    return answer.code


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m oracle",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "command", nargs="?", choices=["run", "status", "doctor", "sweep"], default="run"
    )
    parser.add_argument("--dry-run", action="store_true", help="sweep: look, and change nothing")
    return parser.parse_args(argv)


async def _ask(command: str, settings: OracleSettings, *, dry_run: bool) -> commands.Answer:
    clock, rng = SystemClock(), random.Random()  # noqa: S311  (jitter)
    if command == "status":
        return await commands.show_status(settings, clock, rng)
    if command == "doctor":
        return await commands.examine(settings, clock, rng)
    return await commands.sweep(settings, clock, rng, dry_run=dry_run)


async def _run(settings: OracleSettings) -> int:
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
    return 0


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
        await check_finality(connections.pool, settings.finality)
        await oracle.ensure_indexes()
        await oracle.recall_spending()
        await oracle.watch.standing()
        await oracle.watch.index_position()
        await oracle.watch.money()

    while not stop.is_set():
        try:
            await check()
        except WRONG:
            raise
        except Exception as error:
            # Whatever is not there yet: say it once, and try again.
            service.problems.failed("start", cause(error) or "start", told(error))
            await service.clock.sleep(RETRY_SECONDS)
        else:
            service.problems.worked("start")
            service.problems.begun = True
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())
