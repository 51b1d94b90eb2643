"""A host's rooms read from the index, and which of them their channel shows now (`api.channel`).

Promises: at most `MOST_OPEN` rooms of a status are looked at, the newest, however many the host
has; cached until the index changes.
"""

from __future__ import annotations

from typing import NamedTuple

from api.cached_room import CachedRoom
from api.channel import MOST_OPEN, Channel, ChannelRoom, choose
from api.index_source import RoomQuery
from api.index_watch import IndexSnapshot
from api.services import Services
from chain.enums import Status
from indexer.queries import OPEN


class _HostRooms(NamedTuple):
    """A host's newest rooms that are not ended, newest first, and the newest ended one."""

    open: list[CachedRoom]
    ended: list[CachedRoom]


def host_channel(services: Services, snapshot: IndexSnapshot, host: str) -> Channel:
    """`host`: lower case. Raises `IndexUnavailable`."""
    rooms = services.cache.anything(("channel", host), lambda: _load(services, snapshot, host))
    now = services.now()
    return choose(
        [
            ChannelRoom(entry, services.on_air(entry), is_over(services, entry))
            for entry in (*rooms.open, *rooms.ended)
        ],
        now,
    )


def is_over(services: Services, entry: CachedRoom) -> bool:
    """Whether a room has ended, or is so old that anybody may end it."""
    return entry.status == Status.ENDED.word or entry.expirable(
        services.now(), services.revoked(entry.contract)
    )


def _load(services: Services, snapshot: IndexSnapshot, host: str) -> _HostRooms:
    def newest(status: str, limit: int) -> list[CachedRoom]:
        numbers = snapshot.room_numbers
        if not numbers:
            return []
        wanted = RoomQuery(status=status, host=host)
        page = services.source.rooms(wanted, numbers[-1], numbers[0], limit)
        return [CachedRoom(doc) for doc in page.rooms if doc["contract"] in snapshot.positions]

    not_ended = [entry for status in OPEN for entry in newest(status, MOST_OPEN)]
    not_ended.sort(key=lambda entry: -int(entry.doc["n"]))
    return _HostRooms(not_ended, newest(Status.ENDED.word, 1))
