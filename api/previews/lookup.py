"""What the address of a page is about, as the index has it now.

Promises: `Lookup.preview` answers for any path; what names no room or host that is known is
`contents.UNKNOWN`. A room is read from the database for whoever asks for it, within their limit of
such reads (`api.rate_limits`); over it, the page is as that of an unknown room.
"""

from __future__ import annotations

import re
from typing import Literal

from api.host_channel import host_channel, is_over
from api.previews.contents import UNKNOWN, Preview, home_preview, host_preview, room_preview
from api.services import Services
from chain.enums import room_number
from chain.field_kinds import ADDRESS
from chain.hexes import checksum
from common.web.problems import Problem

PageOf = Literal["home", "room", "host"]
_ADDRESS = re.compile(ADDRESS[1:-1])


class Lookup:
    """One per process."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def preview(self, of: PageOf, name: str) -> Preview:
        """`name`: of the room or host, as the address has it. Raises `IndexUnavailable`."""
        if of == "home":
            return home_preview()
        try:
            return self._room(name) if of == "room" else self._host(name)
        except (ValueError, Problem):
            return UNKNOWN

    def _room(self, name: str) -> Preview:
        services = self._services
        number = room_number(name)
        entry = services.room(number, services.index_watch.snapshot())
        live = services.on_air(entry).live
        return room_preview(entry.content, live, is_over(services, entry), services.now())

    def _host(self, name: str) -> Preview:
        if not _ADDRESS.fullmatch(name):
            raise ValueError("not an address")
        services = self._services
        found = host_channel(services, services.index_watch.snapshot(), name.lower())
        room = found.room
        live = None if room is None else services.on_air(room).live
        content = None if room is None else room.content
        return host_preview(checksum(name), found.shown, content, live, services.now())
