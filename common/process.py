"""A name for this process that tells whether its former self is dead.

Promises: `name` is unique; `is_dead(name)` is True only if the process that bore the name ran under
the same kernel and process namespace and no longer exists. Anything else is False: unknown.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def _home() -> str:
    """This machine's boot and this process namespace, or "" where that cannot be told."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return ""


def name() -> str:
    """This process's name; another one at each call."""
    return f"{_home()}/{os.getpid()}/{secrets.token_hex(4)}"


def is_dead(other: str) -> bool:
    """Whether the process that bore this name is certainly gone."""
    home, _, rest = other.rpartition("/")
    home, _, pid = home.rpartition("/")
    if not rest or not home or home != _home() or not pid.isdigit():
        return False
    if int(pid) == os.getpid():
        return True  # we are its successor: the caller asks about names other than its own
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
