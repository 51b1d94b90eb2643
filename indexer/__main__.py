"""python -m indexer [run | verify | rebuild | rewind | export]
python -m indexer --check | --version

Exit codes: 0 done, 1 the command found a difference, a gap or another version's index, 2 settings,
3 wrong chain, no contract of our version, or a FINALITY tag that no node supports, 4 nodes or
database do not answer, the lease was not released or was lost, or the rest is not final yet,
27 the event loop stood still for 120 s (`common.liveness`).
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from chain.finality import FinalityUnknown
from chain.identity import WrongChain
from chain.rpc.errors import RpcError
from common import logs
from common.checks.command import run_check
from common.command_line import service_parser
from common.ops_server import CannotListen
from common.settings import IndexerSettings, SettingsError, load
from indexer.assembly import Failed
from indexer.chain_sync import TooMuchUnfinal
from indexer.cli import check, export, rebuild, rewind, run
from indexer.store import StoreError, UnreadableIndex


@dataclass(frozen=True)
class Command:
    """`arguments`: what argparse's add_argument takes."""

    help: str
    run: Callable[[IndexerSettings, argparse.Namespace], Coroutine[Any, Any, int]]
    arguments: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = field(default=())


async def _verify(settings: IndexerSettings, arguments: argparse.Namespace) -> int:
    # Imported here: it alone reads views through web3.py, which the service does without.
    from indexer.cli import verify

    return await verify.run(settings, arguments)


_CONTRACT = (("--contract",), {"help": "only this one of CONTRACTS (0x...)", "default": None})

COMMANDS: dict[str, Command] = {
    "run": Command("keep the index at the chain's head (the default)", run.run),
    "verify": Command(
        "compare the index with the chain: history, then every document; exit code 1 if it differs",
        _verify,
        (_CONTRACT, (("--quiet",), {"action": "store_true", "help": "no progress bar"})),
    ),
    "rebuild": Command("build a new index beside the live one, then swap it in", rebuild.run),
    "rewind": Command(
        "roll back to the last block that is still in the chain (or to --to-block)",
        rewind.run,
        (
            _CONTRACT,
            (
                ("--to-block",),
                {"type": int, "default": None, "help": "roll back at least to this block"},
            ),
        ),
    ),
    "export": Command(
        "write every event as NDJSON, so that anybody can check it",
        export.run,
        (_CONTRACT, (("--output",), {"default": "-", "help": "a file; - is standard output"})),
    ),
}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parsed = service_parser("indexer", __doc__)
    commands = parsed.add_subparsers(dest="command")
    for name, command in COMMANDS.items():
        sub = commands.add_parser(name, help=command.help)
        for flags, options in command.arguments:
            sub.add_argument(*flags, **options)
    return parsed


def main(argv: list[str] | None = None) -> int:
    """Run a command; its exit code."""
    parsed = parser()
    arguments = parsed.parse_args(argv)
    if arguments.check:
        if arguments.command is not None:
            parsed.error("--check goes without a command")
        return run_check("indexer", IndexerSettings, check.look)
    try:
        settings = load(IndexerSettings)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    logs.configure("indexer", fmt=settings.log_format, level=settings.log_level)
    return _carry_out(settings, arguments)


def _carry_out(settings: IndexerSettings, arguments: argparse.Namespace) -> int:
    try:
        return asyncio.run(COMMANDS[arguments.command or "run"].run(settings, arguments))
    except CannotListen as error:
        print(error, file=sys.stderr)
        return 2
    except (WrongChain, FinalityUnknown) as error:
        print(error, file=sys.stderr)
        return 3
    except TooMuchUnfinal as error:
        print(error, file=sys.stderr)
        return 4
    except (RpcError, StoreError) as error:
        print(f"{error}: check RPC_URLS and MONGODB_URI", file=sys.stderr)
        return 4
    except (UnreadableIndex, Failed) as error:
        print(error, file=sys.stderr)
        return error.code if isinstance(error, Failed) else 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
