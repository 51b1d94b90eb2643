"""What happens on the benchmark's chains: whole lives of rooms, block by block.

Promises: a pure function of its arguments. Every block holds exactly `events` events of the
contract: rooms are created, renamed, fulfilled in batches (a `Credited` each), ended and released;
what is left of a block is filled with renamings. A room waits 2 blocks for its live input, lives 12
to 40 blocks and is released 3 blocks after its end.
Assumes: transactions of a block are mined in the order given, and nothing else happens.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from chain import calldata
from chain.enums import Mode
from chain.hexes import ZERO_ADDRESS
from chain.history import room_tag
from chain.units import GWEI

TERMS = calldata.Terms(
    deposit=1_000_000 * GWEI,
    fee=100_000 * GWEI,
    max_room_seconds=30 * 86_400,
    fulfill_deadline_seconds=86_400,
    max_open_rooms=1000,
    max_room_events=4000,
    rekey_cooldown=60,
)
CHAIN_ID = 31337
PLAYBACK_BASE = "https://customer-m033z5x00ks6nunl.cloudflarestream.com"
CREATED_SHARE = 0.15  # of a block's events; a room has 4 events and its part of a batch's Credited
SEALED_BYTES = 250  # WHIP or RTMPS address and SRT passphrase, sealed
TITLES = (
    "Lớp học đàn tranh buổi sáng",
    "Chung kết bóng đá, trực tiếp",
    "Live cooking from Hà Nội",
    "Yoga in the morning",
    "Chess, round 7",
    "Night market radio",
)


class WorkloadTx(NamedTuple):
    """A transaction. `sender`: an index into the accounts; `value` in wei."""

    sender: int
    data: bytes
    value: int = 0


@dataclass
class _Room:
    number: int
    host: int
    tag: bytes
    ends_in: int


class Workload:
    """Tells the blocks in order. Account 0 owns the contract, 1 operates, the others host."""

    def __init__(self, contract: str, accounts: list[str], events: int, seed: int = 7) -> None:
        self._contract = contract.lower()
        self._accounts = [account.lower() for account in accounts]
        self._events = events
        self._random = Random(seed)
        self._owed_rooms = 0.0
        self.rooms = 0
        self._open: list[_Room] = []
        self._waiting: dict[str, deque[tuple[int, _Room]]] = {
            step: deque() for step in ("fulfill", "end", "release")
        }

    def blocks(self, count: int) -> Iterator[list[WorkloadTx]]:
        """`count` blocks of transactions."""
        for block in range(count):
            yield self._block(block)

    def _block(self, block: int) -> list[WorkloadTx]:
        left = self._events
        txs: list[WorkloadTx] = []
        ready = self._due("release", block, left)
        if ready:
            entries = [calldata.Release(room.number, room.tag) for room in ready]
            txs.append(WorkloadTx(1, calldata.release(entries)))
            left -= len(ready)
        for room in self._due("end", block, left):
            self._open.remove(room)
            txs.append(WorkloadTx(room.host, calldata.end_room(room.number)))
            self._waiting["release"].append((block + 3, room))
            left -= 1
        ready = self._due("fulfill", block, left - 1)
        if ready:
            txs.append(WorkloadTx(1, calldata.fulfill([self._fulfillment(room) for room in ready])))
            left -= len(ready) + 1
            self._end_later(block, ready)
        self._owed_rooms += self._events * CREATED_SHARE
        while left and (self._owed_rooms >= 1 or not self._open):
            self._owed_rooms -= 1
            txs.append(self._create(block))
            left -= 1
        for _ in range(left):
            room = self._random.choice(self._open)
            txs.append(WorkloadTx(room.host, calldata.update_room(room.number, self._title())))
        return txs

    def _due(self, step: str, block: int, most: int) -> list[_Room]:
        queue = self._waiting[step]
        found: list[_Room] = []
        while queue and queue[0][0] <= block and len(found) < most:
            found.append(queue.popleft()[1])
        return found

    def _end_later(self, block: int, rooms: list[_Room]) -> None:
        queue = self._waiting["end"]
        queue.extend((block + room.ends_in, room) for room in rooms)
        self._waiting["end"] = deque(sorted(queue, key=lambda item: item[0]))

    def _create(self, block: int) -> WorkloadTx:
        self.rooms += 1
        host = self._random.randrange(2, len(self._accounts))
        mode = Mode.BROADCAST if self._random.random() < 0.3 else Mode.WEBRTC
        ingest_key = self._random.randbytes(32)
        tag = room_tag(
            CHAIN_ID, self._contract, self.rooms, self._accounts[host], 1, mode, ZERO_ADDRESS,
            ingest_key, 1,
        )  # fmt: skip
        room = _Room(self.rooms, host, tag, self._random.randint(12, 40))
        self._open.append(room)
        self._waiting["fulfill"].append((block + 2, room))
        data = calldata.create_room(1, 1, mode, ZERO_ADDRESS, ingest_key, self._title())
        return WorkloadTx(host, data, TERMS.deposit + TERMS.fee)

    def _fulfillment(self, room: _Room) -> calldata.Fulfillment:
        uid, sealed = self._random.randbytes(16), self._random.randbytes(SEALED_BYTES)
        return calldata.Fulfillment(room.number, room.tag, uid, sealed)

    def _title(self) -> bytes:
        return f"{self._random.choice(TITLES)} {self._random.randrange(1000)}".encode()
