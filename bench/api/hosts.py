"""Hosts that go on creating rooms and renaming them, in a process of their own.

`python -m bench.api.hosts NODE CONTRACT PER_SECOND` goes on until it is stopped: beside the load
generator, whose clock must not be held up.
"""

from __future__ import annotations

import sys
import time

from chain import calldata
from chain.units import GWEI
from localnet.anvil import Node
from localnet.rooms_on_anvil import RoomsOnAnvil

TERMS = calldata.Terms(1000 * GWEI, 100 * GWEI, 86400, 3600, 60_000, 4000, 0)


def live_room(rooms: RoomsOnAnvil, title: str = "Lớp học đàn") -> int:
    """A room that is provisioned, of one host after the other; its number."""
    number = rooms.create(title.encode(), host=rooms.room_count() % len(rooms.hosts))
    rooms.fulfill(number, sealed=b"\x22" * 350)
    return number


def keep_writing(rooms: RoomsOnAnvil, per_second: float) -> None:
    """Create rooms at an even pace; every fifth time rename the first one instead."""
    started = time.monotonic()
    turn = 0
    while True:
        turn += 1
        time.sleep(max(0.0, started + turn / per_second - time.monotonic()))
        if turn % 5 == 0:
            rooms.rename(1, f"Tên {turn}".encode())
        else:
            live_room(rooms)


if __name__ == "__main__":
    keep_writing(RoomsOnAnvil(Node(sys.argv[1]), sys.argv[2], 0, TERMS), float(sys.argv[3]))
