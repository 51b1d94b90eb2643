"""python -m indexer [run | verify | rebuild | rewind | export]

Exit codes: 0 done, 1 the command found a fault, 2 settings, 3 wrong chain, no contract, or a
FINALITY that no node knows, 4 nodes or database do not answer, or the rest is not final yet.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from chain.finality import FinalityUnknown
from chain.identity import WrongChain
from chain.rpc.errors import RpcError
from common import logs
from common.ops_server import CannotListen
from common.settings import IndexerSettings, SettingsError, load
from indexer.assembly import Failed
from indexer.chain_sync import TooMuchUnfinal
from indexer.cli.commands import COMMANDS
from indexer.store import StoreError


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parsed = argparse.ArgumentParser(prog="python -m indexer", description=__doc__)
    parsed.set_defaults(command="run")
    commands = parsed.add_subparsers(dest="command")
    for name, command in COMMANDS.items():
        sub = commands.add_parser(name, help=command.help)
        for flags, options in command.arguments:
            sub.add_argument(*flags, **options)
    return parsed


def main(argv: list[str] | None = None) -> int:
    """Run a command; its exit code."""
    arguments = parser().parse_args(argv)
    try:
        settings = load(IndexerSettings)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    logs.configure("indexer", fmt=settings.log_format, level=settings.log_level)
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
    except Failed as error:
        print(error, file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
