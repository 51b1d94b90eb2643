"""CPU seconds and peak memory of a process with all its descendants, from /proc; and the machine's.

Promises: CPU seconds are user and system time of the living and of those that have ended and were
waited for; peak memory is the sum of each living process's own peak: an upper bound.
Assumes: Linux.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")


class Usage(NamedTuple):
    """`cpu` in seconds, `peak` in bytes."""

    cpu: float
    peak: int

    def since(self, earlier: Usage) -> Usage:
        """CPU spent since then; the peak is the whole life's."""
        return Usage(self.cpu - earlier.cpu, self.peak)


def _stat(pid: int) -> list[str]:
    # the name in parentheses may hold spaces; what follows does not
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def tree(pid: int) -> list[int]:
    """The process and its living descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int(_stat(int(entry.name))[1])
            except (OSError, IndexError):
                continue  # it has just ended
            children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def usage(pid: int) -> Usage:
    """Of the process and its descendants. Raises OSError if the process is gone."""
    cpu, peak = 0.0, 0
    for one in tree(pid):
        try:
            fields = _stat(one)
            cpu += sum(int(ticks) for ticks in fields[11:15]) / _TICKS
            peak += _memory(one, "VmHWM:")
        except OSError:
            if one == pid:
                raise
    return Usage(cpu, peak)


def resident(pid: int) -> int:
    """Bytes of memory that a process holds now; 0 if it is gone."""
    return _memory(pid, "VmRSS:")


def share_of_memory(pid: int) -> int:
    """The same, of what several processes hold together only its share; 0 if it is gone."""
    return _memory(pid, "Pss:", "smaps_rollup")


def machine() -> float:
    """CPU seconds that the whole machine has spent working since it started."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    user, nice, system, _idle, _waiting, irq, softirq = (int(ticks) for ticks in fields[:7])
    return (user + nice + system + irq + softirq) / _TICKS


class Others:
    """How many cores' worth of CPU programs that are not ours have taken since this was made:
    what a measurement on a machine that is not its own was disturbed by."""

    def __init__(self) -> None:
        self._at, self._all, self._ours = time.perf_counter(), machine(), usage(os.getpid()).cpu

    def cores(self) -> float:
        """Since the beginning."""
        ours = usage(os.getpid()).cpu - self._ours
        return max(0.0, machine() - self._all - ours) / (time.perf_counter() - self._at)


def _memory(pid: int, name: str, file: str = "status") -> int:
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))
