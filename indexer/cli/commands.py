"""The commands of `python -m indexer`: their names, arguments and functions."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from common.settings import IndexerSettings
from indexer.cli import export, rebuild, rewind, verify
from indexer.cli import run as running


@dataclass(frozen=True)
class Command:
    """`arguments`: what argparse's add_argument takes."""

    help: str
    run: Callable[[IndexerSettings, argparse.Namespace], Coroutine[Any, Any, int]]
    arguments: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = field(default=())


_CONTRACT = (("--contract",), {"help": "only this one of CONTRACTS (0x...)", "default": None})

COMMANDS: dict[str, Command] = {
    "run": Command("keep the index at the chain's head (the default)", running.run),
    "verify": Command(
        "compare the index with the chain: history, then every document; exit code 1 if it differs",
        verify.run,
        (_CONTRACT, (("--quiet",), {"action": "store_true", "help": "no progress bar"})),
    ),
    "rebuild": Command("make the index anew beside the live one, then swap it in", rebuild.run),
    "rewind": Command(
        "go back to the last block that is still in the chain (or to --to-block)",
        rewind.run,
        (
            _CONTRACT,
            (("--to-block",), {"type": int, "default": None, "help": "go back at least so far"}),
        ),
    ),
    "export": Command(
        "write every event as NDJSON, to be folded and checked by anybody",
        export.run,
        (_CONTRACT, (("--output",), {"default": "-", "help": "a file; - is standard output"})),
    ),
}
