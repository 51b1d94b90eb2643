"""What a local stack has left behind: ports on which somebody listens, processes that are its own.

Promises: looks only. Assumes Linux (/proc), and that no other stack's path has the folder's in it.
"""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

from localnet.stack_state import PORTS


def open_ports(state: Path) -> list[str]:
    """Names of the stack's ports on which somebody listens. Raises FileNotFoundError if the folder
    is not a stack's."""
    ports = json.loads((state / "ports.json").read_text())
    found = []
    for name in PORTS:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", ports[name])) == 0:
                found.append(name)
    return found


def processes_of(state: Path) -> list[str]:
    """Numbers of the processes, this one left out, whose command line or environment names the
    state folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if str(state).encode() in told:
                found.append(entry.name)
    return found
