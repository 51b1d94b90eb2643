"""The journal's open entries, held in memory by the one oracle that may write them.

Promises: what `save` returns is durable; `get` finds closed entries in the journal. A save that
failed may have taken effect all the same, so any failure empties the book, as a lost lease does; it
is then loaded again, and nothing that is in the journal is ever forgotten.
Assumes: the lease is held while the book is used; `fence` tells for which hold it was loaded, since
between two holds somebody else may have written.
On restart: `load` reads the open entries.
"""

from __future__ import annotations

from collections.abc import Sequence

from oracle.entry import Entry
from oracle.journal import Journal


class Book:
    """See the module."""

    def __init__(self, journal: Journal, contract: str, operator_id: int) -> None:
        self._journal = journal
        self._contract = contract
        self._operator_id = operator_id
        self._open: dict[str, Entry] = {}
        self._saved: dict[str, Entry] = {}
        self.fence: int | None = None

    async def load(self, fence: int) -> None:
        """Read all open entries, for the hold of the lease with this token.

        What is saved meanwhile is newer than what was read.
        """
        self._saved = {}
        found = await self._journal.open_entries(self._contract, self._operator_id)
        entries = {entry.id: entry for entry in found} | self._saved
        self._open = {name: entry for name, entry in entries.items() if not entry.closed}
        self.fence = fence

    def forget(self) -> None:
        """Somebody else may write, or have written."""
        self._open = {}
        self.fence = None

    @property
    def open(self) -> list[Entry]:
        """All entries that are not at rest."""
        return list(self._open.values())

    def known(self, entry_id: str) -> Entry | None:
        """The open entry of that name."""
        return self._open.get(entry_id)

    async def get(self, ids: Sequence[str]) -> dict[str, Entry]:
        """The entries that are there, open or closed."""
        found = {i: self._open[i] for i in ids if i in self._open}
        missing = [i for i in ids if i not in found]
        return found | (await self._journal.get(missing) if missing else {})

    async def save(self, entry: Entry) -> Entry:
        """Write one. Raises JournalConflict."""
        return (await self.save_all([entry]))[0]

    async def save_all(self, entries: Sequence[Entry]) -> list[Entry]:
        """Write several. Raises JournalConflict and the database's errors."""
        try:
            saved = await self._journal.save(entries)
        except BaseException:
            self.forget()
            raise
        for entry in saved:
            if self.fence is None:
                self._saved[entry.id] = entry
            if entry.closed:
                self._open.pop(entry.id, None)
            else:
                self._open[entry.id] = entry
        return saved
