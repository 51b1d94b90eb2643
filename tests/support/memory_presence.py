"""Presence's database in memory, for tests of the API: `api.presence_source.PresenceSource`."""

from __future__ import annotations

from collections.abc import Callable

from api.presence_source import PresenceUnavailable
from presence.documents import PresenceState, RoomPresence, presence_state


class MemoryPresence:
    """`now`: unix seconds, for the state's `at`. `down`: every question fails; `stopped`: the beat
    stands still. `asked` counts questions for the state."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._rows: dict[int, tuple[int, RoomPresence]] = {}
        self._rev = 0
        self._beat = 0
        self._at = 0
        self.down = False
        self.stopped = False
        self.empty = False
        self.page = 2
        self.asked = 0

    def tell(
        self, n: int, live: bool | None, since: int | None = None, viewers: int | None = None
    ) -> None:
        """A room's row changes."""
        self._rev += 1
        row: RoomPresence = {
            "n": n, "contract": "0x" + "c0" * 20, "live": live,
            "live_since": since if live else None, "viewers": viewers,
        }  # fmt: skip
        self._rows[n] = self._rev, row

    def forget(self, n: int) -> None:
        """Its row is removed."""
        del self._rows[n]

    def lose_everything(self) -> None:
        """The database is dropped, and presence begins anew."""
        self._rows.clear()
        self._rev = self._beat = 0

    def state(self) -> PresenceState | None:
        self.asked += 1
        self._ask()
        if self.empty:
            return None
        if not self.stopped:
            self._beat += 1
            self._at = int(self._now())
        return presence_state(self._rev, self._beat, self._at)

    def changes(self, after_rev: int) -> tuple[list[RoomPresence], int | None]:
        self._ask()
        found = sorted((rev, n) for n, (rev, _) in self._rows.items() if rev > after_rev)
        rows = [self._rows[n][1] for _, n in found[: self.page]]
        return rows, found[self.page - 1][0] if len(found) > self.page else None

    def _ask(self) -> None:
        if self.down:
            raise PresenceUnavailable("MONGODB_URI: nothing listens at db:27017: start it")
