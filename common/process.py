"""A name for this process that tells whether its former self is dead.

Promises: `name` is unique; `is_dead(name)` is True only if the process that bore the name ran under
the same kernel and process namespace and no longer exists. Anything else is False: unknown.
`describe(name)` says it to a person. A name is host/boot/namespace/process/chance; older versions
wrote it without the host, and both are understood.
"""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path


def _home() -> str:
    """This machine's boot and this process namespace, or "" where it is not known."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return ""


def name() -> str:
    """This process's name; another one at each call."""
    return f"{socket.gethostname()}/{_home() or '-/-'}/{os.getpid()}/{secrets.token_hex(4)}"


def describe(other: str) -> str:
    """The name as "process 4711 on myhost"; as it stands if it is not one of ours."""
    parts = other.split("/")
    if len(parts) not in (4, 5) or not parts[-2].isdigit():
        return other
    return f"process {parts[-2]}" + (f" on {parts[0]}" if len(parts) == 5 else "")


def is_dead(other: str) -> bool:
    """Whether the process that bore this name is certainly gone."""
    parts = other.split("/")
    if len(parts) not in (4, 5) or "/".join(parts[-4:-2]) != _home() or not parts[-2].isdigit():
        return False
    pid = int(parts[-2])
    if pid == os.getpid():
        return True  # we are its successor: the caller asks about names other than its own
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
