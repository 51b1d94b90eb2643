"""What the command line of every service begins with: `--check` and `--version`.

Promises: the same words for each service. Imports next to nothing, so that the API can read its
command line before gevent changes the standard library.
"""

from __future__ import annotations

import argparse

from common.version import version_line

CHECK_HELP = (
    "look at everything the service needs (settings, files, nodes, chain, database, index, clock), "
    "start nothing, write nothing; a row for each, with the fix; exit code 0: nothing fails, "
    "1: something does, 2: settings"
)


def service_parser(service: str, description: str | None) -> argparse.ArgumentParser:
    """The parser of `python -m <service>`, to which it adds its own commands."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {service}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=version_line(service))
    parser.add_argument("--check", action="store_true", help=CHECK_HELP)
    return parser
