"""What the routes work with, wired together.

Promises: one `Services` per process; every question to the index goes through `cache`, after
a fresh snapshot.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

from api.app_config import ApiConfig
from api.cache import IndexCache
from api.cached_room import Absent, CachedRoom, load_room, load_rooms, revoked_operators
from api.event_hub import EventHub
from api.hint_forwarder import HintForwarder
from api.http_responses import Responses
from api.index_position import IndexPosition, Provenance
from api.index_source import Document, IndexSource, IndexUnavailable
from api.index_watch import IndexSnapshot, IndexWatch
from api.metrics import ApiMetrics
from api.on_air import UNKNOWN, OnAir
from api.on_air_list import OnAirList
from api.presence_feed import PresenceFeed
from api.presence_source import PresenceSource
from api.presence_watch import PresenceWatch
from api.previews.pictures import Pictures
from api.problems import IndexedProblem
from chain.enums import Status, room_name
from chain.rpc.blocking import SyncNode
from common.clock import SystemClock
from common.task_keeper import TaskKeeper


class Services:
    """`now`: unix seconds; `monotonic`: seconds since whenever. `presence` None: nobody looks who
    is on air."""

    def __init__(
        self,
        config: ApiConfig,
        source: IndexSource,
        node: SyncNode,
        presence: PresenceSource | None = None,
        *,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        background: bool = True,
    ) -> None:
        self.config = config
        self.source = source
        self.node = node
        self.now = now
        self.monotonic = monotonic
        self.metrics = ApiMetrics()
        self.cache = IndexCache(self.metrics.lookup)
        self.keeper = TaskKeeper(
            SystemClock(),
            random.Random(),  # noqa: S311  (jitter)
            count=self.metrics.task_restarts,
        )
        self.index_watch = IndexWatch(
            source,
            config.addresses,
            monotonic=monotonic,
            background=background,
            on_read=lambda snapshot: self.metrics.index_read(snapshot, now()),
            keeper=self.keeper,
        )
        # what goes wrong with presence never hinders us, so it is kept apart from what would
        self.aside = TaskKeeper(
            SystemClock(),
            random.Random(),  # noqa: S311  (jitter)
            count=self.metrics.task_restarts,
        )
        self.presence = PresenceWatch(
            presence,
            monotonic=monotonic,
            now=now,
            background=background,
            on_read=self.metrics.presence_read,
            keeper=self.aside,
        )
        self.on_air_list = OnAirList(self.presence, self.rooms)
        self.may_hint: Callable[[int], bool] = lambda number: True
        self.hints = HintForwarder(config.presence_url, keeper=self.aside, count=self.metrics.hints)
        self.hub = EventHub(
            self.index_watch, config.addresses, config.listeners, self.metrics.listeners
        )
        self.index_watch.observe(self.cache.changed)
        self.index_watch.observe(self.hub.changed)
        self.presence_feed = PresenceFeed(self.hub, self, monotonic)
        self.presence.observe(self.presence_feed.changed)
        self.pictures = Pictures()
        self.responses = Responses(f"{config.public_url or ''}/docs", now)

    def close(self) -> None:
        """Stop the background thread and end every event stream."""
        self.hub.close()
        self.hints.close()
        self.presence.close()
        self.pictures.close()
        self.index_watch.close()
        self.source.close()
        self.node.close()

    def room(self, number: int, snapshot: IndexSnapshot) -> CachedRoom:
        """A room. Raises the 404 problem."""
        entry = self.cache.room(number, lambda: load_room(self.source, number))
        # a room of a contract that is indexed, but not served here, is unknown here
        if isinstance(entry, Absent) or entry.contract not in snapshot.positions:
            position = snapshot.main
            raise IndexedProblem(
                "room-unknown",
                f"no room {room_name(number)} up to block {position.block}",
                extra={"room_id": room_name(number)},
                max_age=1,
                provenance=self.provenance(position, position.block),
            )
        return entry

    def rooms(self, numbers: Sequence[int], snapshot: IndexSnapshot) -> list[CachedRoom]:
        """Those of these rooms that exist, in their order."""
        found = self.cache.rooms(numbers, lambda missing: load_rooms(self.source, missing))
        entries = [found[number] for number in numbers]
        return [
            entry
            for entry in entries
            if isinstance(entry, CachedRoom) and entry.contract in snapshot.positions
        ]

    def on_air(self, entry: CachedRoom) -> OnAir:
        """Whether a room is on air: only one that can be watched may be."""
        if entry.status != Status.ACTIVE.word:
            return UNKNOWN
        return self.presence.room(int(entry.doc["n"]))

    def on_air_now(self, number: int) -> OnAir:
        """The same by what is cached of the room, if anything is."""
        entry = self.cache.known_room(number)
        return self.on_air(entry) if isinstance(entry, CachedRoom) else self.presence.room(number)

    def public_on_air(self, numbers: Sequence[int]) -> dict[int, OnAir]:
        """Of those of these rooms that exist and anybody may watch."""
        entries = self.rooms(numbers, self.index_watch.snapshot())
        return {int(entry.doc["n"]): self.on_air(entry) for entry in entries if not entry.gated}

    def finality(self, position: IndexPosition, block: int) -> str:
        return position.finality(block, self.config.confirmations)

    def provenance(self, position: IndexPosition, block: int) -> Provenance:
        """Where an answer about something of that block stands."""
        return Provenance(position, self.finality(position, block))

    def last_provenance(self) -> Provenance | None:
        """Where the index stood when it was last looked at, without looking again."""
        known = self.index_watch.known()
        return None if known is None else self.provenance(known.main, known.main.block)

    def current_provenance(self) -> Provenance | None:
        """Where the index stands now, or else stood last."""
        try:
            main = self.index_watch.snapshot().main
        except IndexUnavailable:
            return self.last_provenance()
        return self.provenance(main, main.block)

    def operators(self, contract: str) -> list[Document]:
        return self.cache.administration(
            ("operators", contract), lambda: self.source.operators(contract)
        )

    def revoked(self, contract: str) -> frozenset[int]:
        return self.cache.administration(
            ("revoked", contract), lambda: revoked_operators(self.source.operators(contract))
        )

    def terms(self, contract: str, terms_id: int | None) -> Document | None:
        if terms_id is None:
            return None
        return self.cache.administration(
            ("terms", contract, terms_id), lambda: self.source.terms(contract, terms_id)
        )
