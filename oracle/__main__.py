"""`python -m oracle`: runs the oracle, or one of its commands.

    python -m oracle                    run until SIGTERM or SIGINT
    python -m oracle status             the rooms that wait, and why, as a table
    python -m oracle doctor             check what it needs, and print the fix for each problem
    python -m oracle sweep [--dry-run]  find live inputs that no room needs, and delete them

Exit codes: 0 done; 1 the command found a problem; 2 settings; 3 wrong chain, no contract there, or
a FINALITY tag that no node supports.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from collections.abc import Sequence

from pymongo.errors import PyMongoError

from chain.abi import ArtifactError
from chain.eth_call import ViewError
from chain.rpc.errors import RpcError
from chain.send.signer import SignerError
from common import logs
from common.clock import SystemClock
from common.settings import OracleSettings, SettingsError, load
from oracle.cli import commands
from oracle.cli.run import WRONG, run
from oracle.cloudflare.errors import CloudflareError
from oracle.failures import one_line, shared_cause


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
            asyncio.run(run(settings))
            return 0
        result = asyncio.run(_ask(command, settings, dry_run=arguments.dry_run))
    except WRONG as error:
        print(error, file=sys.stderr)
        return 3
    except (SignerError, ValueError, ArtifactError, OSError) as error:
        print(f"cannot start: {error}", file=sys.stderr)
        return 2
    except (RpcError, PyMongoError, CloudflareError, ViewError) as error:
        print(
            f"{shared_cause(error) or 'Cloudflare'}: {one_line(error)}\n"
            "Run `python -m oracle doctor` for details.",
            file=sys.stderr,
        )
        return 1
    print(result.text)
    return result.code


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m oracle",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "command", nargs="?", choices=["run", "status", "doctor", "sweep"], default="run"
    )
    parser.add_argument("--dry-run", action="store_true", help="sweep: report only, change nothing")
    return parser.parse_args(argv)


async def _ask(command: str, settings: OracleSettings, *, dry_run: bool) -> commands.CommandResult:
    clock, rng = SystemClock(), random.Random()  # noqa: S311  (jitter)
    if command == "status":
        return await commands.show_status(settings, clock, rng)
    if command == "doctor":
        return await commands.examine(settings, clock, rng)
    return await commands.sweep(settings, clock, rng, dry_run=dry_run)


if __name__ == "__main__":
    sys.exit(main())
