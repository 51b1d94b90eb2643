"""Query parameters, read strictly.

Promises: an unknown or repeated parameter is a 400 that names it, so a misspelt filter never
answers an unfiltered list.
"""

from __future__ import annotations

from collections.abc import Mapping

from common.web.problems import malformed


def query(args: Mapping[str, str], allowed: frozenset[str]) -> dict[str, str]:
    """The parameters, each once. `args`: werkzeug's MultiDict."""
    given: dict[str, str] = {}
    for name, value in args.items(multi=True):  # type: ignore[call-arg]  # MultiDict's own
        if name not in allowed:
            known = ", ".join(sorted(allowed)) or "none"
            raise malformed(name[:64], f"unknown parameter; this route takes: {known}")
        if name in given:
            raise malformed(name, "given more than once")
        given[name] = value
    return given
