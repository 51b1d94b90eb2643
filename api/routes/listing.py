"""Rooms in a list, as every list shows them.

Promises: `Listing` says of each room what holds at that moment (whether it is expirable, how final,
whether on air), and of all of them together an ETag, which viewers who come and go do not change.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response

from api import response_shapes
from api.cached_room import CachedRoom
from api.http_responses import least_final
from api.index_watch import IndexSnapshot
from api.response_types import ListedRoomJson
from api.services import Services
from common.web.responses import digest, encode


class Listing:
    """What one answer shows of rooms, by the index of `snapshot`."""

    def __init__(self, services: Services, snapshot: IndexSnapshot) -> None:
        self._services = services
        self._snapshot = snapshot
        self._tags: list[str] = []
        self._finalities: list[str] = []
        self.presence = services.presence.word()

    def show(self, entry: CachedRoom) -> ListedRoomJson:
        """A room of the answer."""
        services = self._services
        finality = services.finality(self._snapshot.positions[entry.contract], entry.last_block)
        expirable = entry.expirable(services.now(), services.revoked(entry.contract))
        on_air = services.on_air(entry)
        self._tags.append(f"{entry.digest}{on_air.tag}-{expirable:d}-{finality}")
        self._finalities.append(finality)
        return response_shapes.listed_room(entry.content, on_air.json(), expirable, finality)

    def rooms(self, found: Sequence[CachedRoom], next_cursor: str | None) -> Response:
        """A page of them."""
        shown = [self.show(entry) for entry in found]
        content = response_shapes.rooms(shown, next_cursor, self.presence)
        return self.answer(encode(content), next_cursor or "")

    def answer(self, body: bytes, tag: str) -> Response:
        """The answer. `tag`: what of it no room's tag has."""
        main = self._snapshot.main
        named = digest("\n".join([*self._tags, self.presence, tag]).encode())
        finality = least_final(self._finalities, self._services.finality(main, main.block))
        return self._services.responses.json(body, named, main, finality)
