"""What the routes work with, wired together.

Promises: one `Services` per process; every question to the index goes through `memory`, guarded by
a fresh snapshot.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from api.cache import IndexMemory
from api.cached_room import Absent, RoomEntry, load_room, revoked_operators
from api.config import ApiConfig
from api.index_position import Position, Standing
from api.index_source import Document, IndexSource, IndexUnavailable
from api.index_watch import IndexWatch, Snapshot
from api.metrics import Metrics
from api.problems import Problem
from api.responses import Answers
from api.stream import Hub
from chain.enums import room_name
from chain.rpc.blocking import SyncNode


class Services:
    """`now`: unix seconds."""

    def __init__(
        self,
        config: ApiConfig,
        source: IndexSource,
        node: SyncNode,
        *,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        background: bool = True,
    ) -> None:
        self.config = config
        self.source = source
        self.node = node
        self.now = now
        self.metrics = Metrics()
        self.memory = IndexMemory(self.metrics.lookup)
        self.watch = IndexWatch(
            source, config.addresses, monotonic=monotonic, background=background
        )
        self.hub = Hub(self.watch, config.addresses, config.listeners, self.metrics.listeners)
        self.watch.observe(self.memory.changed)
        self.watch.observe(self.hub.changed)
        self.answers = Answers(f"{config.public_url or ''}/docs", now)

    def close(self) -> None:
        """Stop the background thread and end every event stream."""
        self.hub.close()
        self.watch.close()
        self.source.close()
        self.node.close()

    def room(self, number: int, snapshot: Snapshot) -> RoomEntry:
        """A room. Raises the 404 problem."""
        entry = self.memory.room(number, lambda: load_room(self.source, number))
        # a room of a contract that is indexed, but not served here, is unknown here
        if isinstance(entry, Absent) or entry.contract not in snapshot.positions:
            position = snapshot.main
            raise Problem(
                "room-unknown",
                f"no room {room_name(number)} up to block {position.block}",
                extra={"room_id": room_name(number)},
                max_age=1,
                standing=self.standing(position, position.block),
            )
        return entry

    def finality(self, position: Position, block: int) -> str:
        return position.finality(block, self.config.confirmations)

    def standing(self, position: Position, block: int) -> Standing:
        """Where an answer about something of that block stands."""
        return Standing(position, self.finality(position, block))

    def last_standing(self) -> Standing | None:
        """Where the index stood when it was last looked at, without looking again."""
        known = self.watch.known()
        return None if known is None else self.standing(known.main, known.main.block)

    def current_standing(self) -> Standing | None:
        """Where the index stands now, or else stood last."""
        try:
            main = self.watch.snapshot().main
        except IndexUnavailable:
            return self.last_standing()
        return self.standing(main, main.block)

    def operators(self, contract: str) -> list[Document]:
        return self.memory.administration(
            ("operators", contract), lambda: self.source.operators(contract)
        )

    def revoked(self, contract: str) -> frozenset[int]:
        return self.memory.administration(
            ("revoked", contract), lambda: revoked_operators(self.source.operators(contract))
        )

    def terms(self, contract: str, terms_id: int | None) -> Document | None:
        if terms_id is None:
            return None
        return self.memory.administration(
            ("terms", contract, terms_id), lambda: self.source.terms(contract, terms_id)
        )
