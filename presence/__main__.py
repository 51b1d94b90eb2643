"""`python -m presence`: says which rooms are on air, from what their playback hosts answer.

    python -m presence            run until SIGTERM or SIGINT
    python -m presence --check    look at what it needs, and print the fix for each problem
    python -m presence --version

Exit codes: 0 done; 1 --check found a problem; 2 settings; 27 the event loop stood still for 120 s
(`common.liveness`).
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from common import logs
from common.checks.command import run_check
from common.command_line import service_parser
from common.ops_server import CannotListen
from common.settings import PresenceSettings, SettingsError, load
from presence.check import look
from presence.run import run


def main(argv: Sequence[str] | None = None) -> int:
    """The process's exit code."""
    arguments = service_parser("presence", __doc__).parse_args(argv)
    if arguments.check:
        return run_check("presence", PresenceSettings, look)
    try:
        settings = load(PresenceSettings)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    logs.configure("presence", fmt=settings.log_format, level=settings.log_level)
    try:
        asyncio.run(run(settings))
    except CannotListen as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
