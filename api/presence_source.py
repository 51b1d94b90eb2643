"""Where the API learns who is on air: the database of `python -m presence`, as two questions.

Promises: nothing is written, each question is bounded in time and in what it answers. Any trouble
is a `PresenceUnavailable`.
"""

from __future__ import annotations

from typing import Any, Protocol

from pymongo import MongoClient

from common.database_errors import DatabaseErrors
from presence.documents import PresenceState, RoomPresence
from presence.reader import PresenceReader


class PresenceUnavailable(Exception):
    """The database does not answer; the text, for the operator, says why and what to do."""


class PresenceSource(Protocol):
    """Questions to presence's database; each raises `PresenceUnavailable`."""

    def state(self) -> PresenceState | None:
        """How far presence is; None: it has never worked here."""
        ...

    def changes(self, after_rev: int) -> tuple[list[RoomPresence], int | None]:
        """Some rows that changed after `after_rev`, and the rev to go on after; None: no more."""
        ...


class MongoPresenceSource:
    """A `PresenceSource` over pymongo. `errors` explains, to the operator, what they mean."""

    def __init__(
        self, client: MongoClient[dict[str, Any]], database: str, errors: DatabaseErrors
    ) -> None:
        self._reader = PresenceReader(client[database])
        self._errors = errors

    def state(self) -> PresenceState | None:
        return self._errors.told(self._reader.state, _away)

    def changes(self, after_rev: int) -> tuple[list[RoomPresence], int | None]:
        return self._errors.told(lambda: self._reader.changes(after_rev), _away)


def _away(text: str, for_operator: str) -> PresenceUnavailable:
    return PresenceUnavailable(for_operator)
