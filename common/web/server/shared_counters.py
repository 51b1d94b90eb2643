"""Rate-limit counters that all workers of one machine share: a file mapped into memory.

Promises: a `limits` storage (scheme `shared`) whose counts are exact over processes; an update
costs a few microseconds. A worker that is killed leaves no lock behind: the kernel frees it. The
table is bounded; when a neighbourhood is full, the counter that expires first gives way.
Assumes: processes on one machine. Several machines: put a shared limit in front of them.
On restart: the server makes a new file.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import ClassVar

from limits.storage import Storage

SCHEME = "shared"
SLOTS = 1 << 16
PROBES = 8  # slots looked at for one key
_SLOT = struct.Struct("<QdQ")  # key's hash, unix time of expiry, count


def create(path: Path) -> None:
    """Make an empty table."""
    with path.open("wb") as file:
        file.truncate(SLOTS * _SLOT.size)


class SharedCounters(Storage):
    """The table in the file that the address `shared:///path` names."""

    STORAGE_SCHEME: ClassVar[list[str]] = [SCHEME]  # type: ignore[misc]

    def __init__(self, uri: str, wrap_exceptions: bool = False, **_: float | str | bool) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._fd = os.open(uri.removeprefix(f"{SCHEME}://"), os.O_RDWR)
        self._table = mmap.mmap(self._fd, SLOTS * _SLOT.size)
        self._threads = threading.Lock()  # the file's lock is the process's

    @property
    def base_exceptions(self) -> type[Exception]:
        return OSError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        name, first = _hash(key)
        now = time.time()
        with self._locked(first):
            place, ends, count = self._find(name, first, now)
            if ends <= now:
                ends, count = now + expiry, 0
            count += amount
            _SLOT.pack_into(self._table, place, name, ends, count)
            return count

    def get(self, key: str) -> int:
        name, first = _hash(key)
        now = time.time()
        with self._locked(first):
            _, ends, count = self._find(name, first, now)
        return count if ends > now else 0

    def get_expiry(self, key: str) -> float:
        name, first = _hash(key)
        now = time.time()
        with self._locked(first):
            _, ends, _count = self._find(name, first, now)
        return max(now, ends)

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        self._table[:] = bytes(len(self._table))
        return None

    def clear(self, key: str) -> None:
        name, first = _hash(key)
        with self._locked(first):
            place, _, _ = self._find(name, first, time.time())
            _SLOT.pack_into(self._table, place, 0, 0.0, 0)

    def _find(self, name: int, first: int, now: float) -> tuple[int, float, int]:
        """Where the key's counter is (expiry in the past: where it may be put), expiry, count."""
        free, soonest = -1, float("inf")
        for probe in range(PROBES):
            place = (first + probe) * _SLOT.size
            owner, ends, count = _SLOT.unpack_from(self._table, place)
            if owner == name and ends > now:
                return place, ends, count
            if ends < soonest:
                free, soonest = place, ends
        return free, 0.0, 0

    @contextmanager
    def _locked(self, first: int) -> Iterator[None]:
        start, length = first * _SLOT.size, PROBES * _SLOT.size
        with self._threads:
            fcntl.lockf(self._fd, fcntl.LOCK_EX, length, start)
            try:
                yield
            finally:
                fcntl.lockf(self._fd, fcntl.LOCK_UN, length, start)


def _hash(key: str) -> tuple[int, int]:
    """The key's hash, never zero, and the first slot to look at."""
    number = int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) or 1
    return number, number % (SLOTS - PROBES)
