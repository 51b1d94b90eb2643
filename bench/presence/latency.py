"""From going on air to being shown, for a thousand active rooms of which a tenth is hot.

The real service with its database, at 20 questions a second; the playback host is ours, on this
machine, and rooms go on and off air at random. Shown is what a reader of the database sees. Beside
it: a room that only the oracle's look at its live input's status finds, one room a second in turn.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from random import Random
from typing import Any, NamedTuple

from pymongo import AsyncMongoClient, MongoClient

from bench.output import SuiteOutput
from bench.presence.playback_host import PlaybackHost
from bench.rows import BenchRow
from chain.enums import Mode
from localnet.made_up_index import CONTRACT, DAY, MadeUpIndex
from localnet.runner import Runner
from localnet.services import chain_settings
from presence.reader import PresenceReader

ROOMS, HOT = 1000, 100
SECONDS = 180.0
WARM = 100.0
AWAITED = 90.0
"""A room that went on air is waited for so long before it goes off again."""
INDEX, OWN = "livestream", "livestream_presence"
TABLE = "presence: from going on air to shown"


class _Room(NamedTuple):
    n: int
    uid: str


class _Watch:
    """Rooms that go on air, and when a reader sees it."""

    def __init__(self, host: PlaybackHost, reader: PresenceReader) -> None:
        self._host = host
        self._reader = reader
        self._waiting: dict[int, tuple[float, _Room]] = {}
        self._rev = 0
        self.seconds: dict[int, float] = {}

    def on_air(self, room: _Room) -> None:
        self._host.on_air.add(room.uid)
        self._waiting[room.n] = (time.monotonic(), room)

    def off_air(self, room: _Room) -> None:
        self._host.on_air.discard(room.uid)

    def look(self) -> list[int]:
        """Rooms that have been shown since the last look."""
        state = self._reader.state()
        rows, more = self._reader.changes(self._rev)
        while more is not None:
            further, more = self._reader.changes(more)
            rows += further
        if state is not None:
            self._rev = state["rev"]
        now, shown = time.monotonic(), []
        for row in rows:
            if row["live"] and row["n"] in self._waiting:
                began, _ = self._waiting.pop(row["n"])
                self.seconds[row["n"]] = now - began
                shown.append(row["n"])
        return shown

    def never(self) -> int:
        return len(self._waiting)


def measure(out: SuiteOutput) -> list[BenchRow]:
    """`--minutes`: how long rooms go on and off air (three)."""
    with PlaybackHost() as host, Runner(out.folder) as runner:
        mongo = runner.mongo()
        hot, others = asyncio.run(_make_index(mongo.uri, host.base))
        service = runner.service("presence", _settings(mongo.uri))
        service.wait_ready(service.ready, 60.0)
        out.say(f"{ROOMS} rooms; {WARM:.0f} s until each was looked at")
        with MongoClient[dict[str, Any]](mongo.uri) as client:
            watch = _Watch(host, PresenceReader(client[OWN]))
            _wait(out, WARM)
            watch.look()
            of_hot, of_others = _go_on_air(out, watch, hot, others)
            never = watch.never()
        asked, most = len(host.asked), host.most_in_a_second()
    out.say(f"{len(of_hot)} hot and {len(of_others)} others shown, {never} never; {asked} asked")
    return [*_rows(of_hot, of_others, never, most), _by_status_alone(len(hot))]


def _settings(uri: str) -> dict[str, str]:
    return chain_settings(
        ("http://127.0.0.1:9",), [f"{CONTRACT}@1"], uri, MONGODB_DATABASE=INDEX,
        PRESENCE_DATABASE=OWN, LOG_LEVEL="warning",
    )  # fmt: skip


async def _make_index(uri: str, base: str) -> tuple[list[_Room], list[_Room]]:
    """A tenth of the rooms is new, the others were made days ago."""
    chance = Random(36)
    async with AsyncMongoClient[dict[str, Any]](uri) as client:
        index = MadeUpIndex(client[INDEX], base)
        rooms = []
        for number in range(ROOMS):
            age = chance.uniform(0, 600) if number < HOT else chance.uniform(0.1, 20) * DAY
            uid = f"{number + 1:032x}"
            mode = Mode.BROADCAST if number % 2 else Mode.WEBRTC
            rooms.append(_Room(index.room(uid, mode, made_at=time.time() - age), uid))
        await index.write()
    return rooms[:HOT], rooms[HOT:]


def _go_on_air(
    out: SuiteOutput, watch: _Watch, hot: list[_Room], others: list[_Room]
) -> tuple[list[float], list[float]]:
    """Hot rooms come and go, a room of the others goes on air every few seconds."""
    chance = Random(1)
    until = time.monotonic() + out.seconds(SECONDS)
    off, on = list(hot), dict[int, tuple[float, _Room]]()
    seen_hot: list[float] = []
    quiet = chance.sample(others, len(others))
    kinds = {room.n for room in hot}
    seen_others: list[float] = []
    next_hot = next_other = time.monotonic()
    while (now := time.monotonic()) < until + AWAITED and not out.stopped.is_set():
        if now >= next_hot and off and now < until:
            room = off.pop(chance.randrange(len(off)))
            watch.on_air(room)
            next_hot = now + chance.uniform(0.5, 1.5)
        if now >= next_other and now < until:
            watch.on_air(quiet.pop())
            next_other = now + chance.uniform(4, 8)
        for n in watch.look():
            (seen_hot if n in kinds else seen_others).append(watch.seconds[n])
            if n in kinds:
                on[n] = (now + chance.uniform(10, 30), hot[n - hot[0].n])
        for n, (ends, room) in list(on.items()):
            if now >= ends:
                del on[n]
                watch.off_air(room)
                # it is shown off air, too, before it comes again
                on_again = now + 30
                _later(off, on_again, room)
        _due(off, now)
        if now >= until and not watch.never():
            break
        out.stopped.wait(0.1)
    return sorted(seen_hot), sorted(seen_others)
