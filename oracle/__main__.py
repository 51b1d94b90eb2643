"""`python -m oracle`: runs the oracle, or one of its commands.

    python -m oracle                    run until SIGTERM or SIGINT
    python -m oracle status             the rooms that wait, and why, as a table
    python -m oracle doctor             as --check; exit code 1 for warnings, too
    python -m oracle sweep [--dry-run]  find live inputs that no room needs, and delete them
    python -m oracle playback-key ...   the signing key of rooms for some only: create, list,
                                        rotate, prove, delete KID [--now] [--service URL]
    python -m oracle --check            look at what it needs, and print the fix for each problem
    python -m oracle --version

Exit codes: 0 done; 1 the command found a problem; 2 settings; 3 wrong chain, no contract there, or
a FINALITY tag that no node supports; 27 the event loop stood still for 120 s (`common.liveness`).
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from collections.abc import Sequence

from pymongo.errors import PyMongoError

from chain.abi import ArtifactError
from chain.rpc.errors import RpcError
from chain.send.signer import SignerError
from common import logs
from common.checks.command import run_check
from common.clock import SystemClock
from common.command_line import service_parser
from common.database_errors import DatabaseErrors
from common.playback_key import KID
from common.settings import OracleSettings, SettingsError, load
from oracle.cli import commands
from oracle.cli.doctor import look
from oracle.cli.playback_key import ACTIONS, KeyCommands, KeyRequest
from oracle.cli.run import WRONG, run
from oracle.cloudflare.errors import CloudflareError
from oracle.cloudflare.transport import http_client
from oracle.connections import command_client
from oracle.failures import one_line, shared_cause


def main(argv: Sequence[str] | None = None) -> int:
    """The process's exit code."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.check and arguments.command is not None:
        parser.error("--check goes without a command")
    command = str(arguments.command or "run")
    key = _key_request(parser, arguments, command)
    if arguments.check or command == "doctor":
        return run_check("oracle", OracleSettings, look, warnings_count=not arguments.check)
    try:
        settings = load(OracleSettings)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    level = settings.log_level if command == "run" else "error"
    logs.configure("oracle", fmt=settings.log_format, level=level)
    try:
        if command == "run":
            asyncio.run(run(settings))
            return 0
        result = asyncio.run(_ask(command, settings, key, dry_run=arguments.dry_run))
    except WRONG as error:
        print(error, file=sys.stderr)
        return 3
    except (SignerError, ValueError, ArtifactError, OSError) as error:
        print(f"cannot start: {error}", file=sys.stderr)
        return 2
    except (RpcError, PyMongoError, CloudflareError) as error:
        errors = DatabaseErrors.of(settings.mongodb_uri.get_secret_value())
        print(
            f"{shared_cause(error) or type(error).__name__}: {one_line(error, errors)}\n"
            "Run `python -m oracle doctor` for details.",
            file=sys.stderr,
        )
        return 1
    print(result.text)
    return result.code


def _parser() -> argparse.ArgumentParser:
    parser = service_parser("oracle", __doc__)
    choices = ["run", "status", "doctor", "sweep", "playback-key"]
    parser.add_argument("command", nargs="?", choices=choices, help="run by default")
    parser.add_argument(
        "action", nargs="?", choices=ACTIONS, help="playback-key: what to do with it"
    )
    parser.add_argument("kid", nargs="?", help="playback-key delete: which one")
    parser.add_argument("--dry-run", action="store_true", help="sweep: report only, change nothing")
    parser.add_argument(
        "--now",
        action="store_true",
        help="playback-key delete: a stolen key, or one that nobody holds, at once",
    )
    parser.add_argument(
        "--service",
        metavar="URL",
        help="playback-key delete: the playback service that is asked which key it uses",
    )
    return parser


def _key_request(
    parser: argparse.ArgumentParser, arguments: argparse.Namespace, command: str
) -> KeyRequest | None:
    """What `playback-key` is asked for; exits where the words do not go together."""
    if command != "playback-key":
        if arguments.action or arguments.now or arguments.service:
            parser.error("an action, --now and --service go with playback-key")
        return None
    if arguments.action is None:
        parser.error(f"playback-key needs one of {', '.join(ACTIONS)}")
    if (arguments.action == "delete") != (arguments.kid is not None):
        parser.error("playback-key delete, and it alone, needs a key's id")
    if arguments.action != "delete" and (arguments.now or arguments.service):
        parser.error("--now and --service go with playback-key delete")
    if arguments.kid is not None and not KID.fullmatch(arguments.kid):
        parser.error("a key's id is letters, digits, - and _")
    return KeyRequest(arguments.action, arguments.kid or "", arguments.now, arguments.service or "")


async def _ask(
    command: str, settings: OracleSettings, key: KeyRequest | None, *, dry_run: bool
) -> commands.CommandResult:
    clock, rng = SystemClock(), random.Random()  # noqa: S311  (jitter)
    if key is not None:
        async with http_client() as http:
            client = command_client(settings, http, clock)
            return await KeyCommands(settings, client, http, clock).run(key)
    if command == "status":
        return await commands.show_status(settings, clock, rng)
    return await commands.sweep(settings, clock, rng, dry_run=dry_run)


if __name__ == "__main__":
    sys.exit(main())
