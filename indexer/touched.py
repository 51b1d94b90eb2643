"""Which documents events touch: what a fold must have at hand, and what a reorg must restore.

Promises: pure; holds names only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from chain import eventtypes as t
from indexer.fold import OperatorEvent, account_changes

ROOM_EVENTS = (
    t.RoomUpdated, t.RoomRekeyed, t.RoomTransferStarted, t.RoomTransferred, t.RoomProvisioned,
    t.RoomEnded, t.RoomReleased,
)  # fmt: skip


@dataclass
class Touched:
    """`made`: rooms that came into being; `rooms`: all others. `ended`: rooms that ended, and
    what was credited to their hosts.

    `accounts`: the sum of differences per address: credit, open rooms, rooms, events; what an end
    does to its host's account is not in it, as the event does not name the host (`charge` adds it).
    """

    count: int = 0
    made: set[int] = field(default_factory=set)
    rooms: set[int] = field(default_factory=set)
    ended: dict[int, int] = field(default_factory=dict)
    operators: set[int] = field(default_factory=set)
    serving: set[int] = field(default_factory=set)
    terms: set[int] = field(default_factory=set)
    offers: set[int] = field(default_factory=set)
    moderators: set[str] = field(default_factory=set)
    accounts: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def by(cls, events: Iterable[t.ChainEvent]) -> Touched:
        """What `events` touch. `serving`, `offers`: operators and terms that new rooms refer to."""
        touched = cls()
        for event in events:
            touched.add(event)
        return touched

    def add(self, event: t.ChainEvent) -> None:
        """One more event."""
        self.count += 1
        if isinstance(event, t.RoomCreated):
            self.made.add(event.room_id)
            self.serving.add(event.operator_id)
            self.offers.add(event.terms_id)
        elif isinstance(event, ROOM_EVENTS):
            if event.room_id not in self.made:
                self.rooms.add(event.room_id)
            if isinstance(event, t.RoomEnded):
                self.ended[event.room_id] = event.amount
                return
        elif isinstance(event, OperatorEvent):
            self.operators.add(event.operator_id)
        elif isinstance(event, t.TermsSet):
            self.terms.add(event.terms_id)
        elif isinstance(event, t.ModeratorChanged):
            self.moderators.add(event.account)
        self.charge(account_changes(event, None))

    def charge(self, changes: Iterable[tuple[str, int, int, int]]) -> None:
        """Add one event's differences to accounts."""
        for address, *differences in changes:
            total = self.accounts.setdefault(address, [0, 0, 0, 0])
            for i, difference in enumerate((*differences, 1)):
                total[i] += difference
