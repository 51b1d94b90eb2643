"""Who was there, from when, until when: noted in batches, told to the host of that time.

Promises: `note` costs no question to the database; what is noted is written within about a second
by `flush`, which a background thread calls, and again if it fails. `left` in the answer is when a
browser said so, or its last renewal, once a token's life has passed since. Times are those of entry
and renewals, to a second. After a crash the last second may be missing.
On restart: what was not written is lost; the next renewal notes its browser again.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from chain.hexes import checksum
from playback.response_types import AttendanceRowJson
from playback.store import AttendanceRow, PlaybackStore

MOST_WAITING = 100_000


class AttendanceNotes:
    """Rows that wait to be written, by their ids."""

    def __init__(self, store: PlaybackStore) -> None:
        self._store = store
        self._waiting: dict[str, AttendanceRow] = {}
        self._lock = threading.Lock()

    def note(self, row: AttendanceRow) -> None:
        """One more moment of a stay; never waits."""
        with self._lock:
            if len(self._waiting) < MOST_WAITING or row.id in self._waiting:
                self._waiting[row.id] = _joined(self._waiting.get(row.id), row)

    def flush(self) -> None:
        """Write what waits. Raises `StoreUnavailable`; it waits on then."""
        with self._lock:
            rows, self._waiting = self._waiting, {}
        if not rows:
            return
        try:
            self._store.attend(list(rows.values()))
        except BaseException:
            with self._lock:
                for key, row in rows.items():
                    newer = self._waiting.get(key)
                    self._waiting[key] = row if newer is None else _joined(row, newer)
            raise


def told(rows: Sequence[AttendanceRow], now: int, token_seconds: int) -> list[AttendanceRowJson]:
    """The rows as the host sees them."""
    return [_row(row, now, token_seconds) for row in rows]


def _row(row: AttendanceRow, now: int, token_seconds: int) -> AttendanceRowJson:
    kind, _, value = row.who.partition(":")
    gone = row.left or (row.last if now > row.last + token_seconds else 0)
    return {
        "who": {
            "number": int(value) if kind == "n" else None,
            "address": checksum(value) if kind == "w" else None,
        },
        "role": row.role,
        "link_hash": row.link or None,
        "entered": row.entered,
        "last": row.last,
        "left": gone or None,
    }


def _joined(row: AttendanceRow | None, newer: AttendanceRow) -> AttendanceRow:
    if row is None:
        return newer
    return row._replace(last=max(row.last, newer.last), left=newer.left)
