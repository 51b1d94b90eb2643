"""Which documents events affect: what a fold must have read, and what a rollback must restore.

Promises: pure; holds names only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import get_args

from chain import events as t
from indexer.projection.contract import OperatorEvent, account_changes

# Events of an existing room, but for its end and its transfer, which affect accounts, too.
_OF_ROOM = frozenset(
    (
        t.RoomUpdated,
        t.RoomDescribed,
        t.RoomRekeyed,
        t.RoomTransferStarted,
        t.RoomProvisioned,
        t.RoomReleased,
    )
)
_OF_OPERATOR = frozenset(get_args(OperatorEvent))


@dataclass
class Affected:
    """`made`: rooms that came into being; `rooms`: all others. `ended`: how many rooms ended.

    `accounts`: the sum of differences per address: credit, open rooms, rooms, events.
    """

    count: int = 0
    made: set[int] = field(default_factory=set)
    rooms: set[int] = field(default_factory=set)
    ended: int = 0
    operators: set[int] = field(default_factory=set)
    serving: set[int] = field(default_factory=set)
    terms: set[int] = field(default_factory=set)
    offers: set[int] = field(default_factory=set)
    moderators: set[str] = field(default_factory=set)
    accounts: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def by(cls, events: Iterable[t.ChainEvent]) -> Affected:
        """What `events` affect. `serving`, `offers`: operators and terms of the new rooms."""
        affected = cls()
        for event in events:
            affected.add(event)
        return affected

    def add(self, event: t.ChainEvent) -> None:
        """One more event."""
        self.count += 1
        if type(event) in _OF_ROOM:
            self._room(event.room_id)  # type: ignore[union-attr]
            return
        if isinstance(event, t.RoomCreated):
            self.made.add(event.room_id)
            self.serving.add(event.operator_id)
            self.offers.add(event.terms_id)
        elif isinstance(event, t.RoomEnded):
            self._room(event.room_id)
            self.ended += 1
        elif isinstance(event, t.RoomTransferred):
            self._room(event.room_id)
        elif type(event) in _OF_OPERATOR:
            self.operators.add(event.operator_id)  # type: ignore[union-attr]
        elif isinstance(event, t.TermsSet):
            self.terms.add(event.terms_id)
        elif isinstance(event, t.ModeratorChanged):
            self.moderators.add(event.account)
        self._charge(account_changes(event))

    def _room(self, room_id: int) -> None:
        if room_id not in self.made:
            self.rooms.add(room_id)

    def _charge(self, changes: Iterable[tuple[str, int, int, int]]) -> None:
        for address, *differences in changes:
            total = self.accounts.setdefault(address, [0, 0, 0, 0])
            for i, difference in enumerate((*differences, 1)):
                total[i] += difference
