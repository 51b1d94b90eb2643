"""Whether a service could listen where its settings say.

Promises: never listens: a service that starts at this moment, or clients of one that runs, notice
nothing. An address in use is a warning, since the service itself may run already.
"""

from __future__ import annotations

import errno
import socket

from common.checks.rows import Check, CheckFailed, CheckLevel
from common.settings import Bind

FREE_IT = "stop the program that listens there, or choose another address"


def port_check(setting: str, bind: Bind) -> Check:
    """`setting`: the name of the one that says `bind`."""

    async def look() -> str:
        return check_port(setting, bind)

    return Check("port", look)


def check_port(setting: str, bind: Bind) -> str:
    """That it is free, in words. Raises `CheckFailed`."""
    family = socket.AF_INET6 if ":" in bind.host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            # as servers do: one that listens is noticed, one that begins to is not hindered
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((bind.host, bind.port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            fix = f"nothing, if this service runs already; else {FREE_IT} ({setting})"
            raise CheckFailed(f"{bind} is in use", fix, CheckLevel.WARN) from None
        why = error.strerror or type(error).__name__
        raise CheckFailed(
            f"{setting}: cannot listen on {bind} ({why})",
            f"choose an address of this machine, and a port that this user may use ({setting})",
        ) from None
    return f"{bind} is free"
