"""`python -m playback`: reads the settings, checks the chain, serves until SIGTERM or SIGINT.

    python -m playback              serve
    python -m playback --check      look at what it needs, and print the fix for each problem
    python -m playback --version

Ends with 2 if a setting is missing or malformed, 3 if the node is of another chain or the contract
has no code.
"""

from __future__ import annotations

import sys

from common.command_line import service_parser


def main() -> int:
    """The process's exit code."""
    if service_parser("playback", __doc__).parse_args().check:
        return _check()
    return _serve()


def _check() -> int:
    from common.checks.command import run_check
    from common.settings import PlaybackSettings
    from playback.check import look

    return run_check("playback", PlaybackSettings, look)


def _serve() -> int:
    import common.web.server.gevent_patch  # noqa: F401  # before anything that waits
    from common.web.server.shared_folder import shared_folder

    with shared_folder("playback") as folder:
        from playback.run import main as serve

        return serve(folder)


if __name__ == "__main__":
    sys.exit(main())
