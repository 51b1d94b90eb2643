"""`POST /hints {"rooms": [7, 12]}`: somebody says that something happens in these rooms.

Promises: pure. A hint moves a room to the front of our own questions and is not believed.
"""

from __future__ import annotations

import json

from presence.documents import MOST_HINTS

MOST_ROOM = 2**53


def read_hints(body: bytes) -> list[int]:
    """The room numbers. Raises ValueError, which says what is needed."""
    needed = f'needs {{"rooms": [room numbers]}}, 1 to {MOST_HINTS} of them'
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError(needed) from None
    rooms = told.get("rooms") if isinstance(told, dict) else None
    if not isinstance(rooms, list) or not 1 <= len(rooms) <= MOST_HINTS:
        raise ValueError(needed)
    if not all(type(n) is int and 0 < n < MOST_ROOM for n in rooms):
        raise ValueError(needed)
    return rooms
