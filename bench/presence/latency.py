"""From going on air to being shown, for a thousand active rooms of which a tenth is hot.

The real service with its database, at 20 questions a second; the playback host is ours, on this
machine, and rooms go on and off air at random. Shown is what a reader of the database sees.

By status alone: /lifecycle knows nothing of WHIP, and the oracle's notes tell all; a loop of ours
writes them as the oracle does, one room a second in turn.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from random import Random
from typing import Any, NamedTuple

from pymongo import AsyncMongoClient, MongoClient
from pymongo.collection import Collection

from bench.output import SuiteOutput
from bench.presence.playback_host import PlaybackHost
from bench.rows import BenchRow
from chain.enums import Mode
from common import live_status
from localnet.made_up_index import CONTRACT, DAY, MadeUpIndex
from localnet.runner import Runner
from localnet.services import chain_settings
from presence.reader import PresenceReader

ROOMS, HOT = 1000, 100
SECONDS = 180.0
WARM = 100.0
AWAITED = 90.0
"""A room that went on air is waited for so long before it goes off again."""
NOTED = 100
INDEX, OWN, ORACLE = "livestream", "livestream_presence", "livestream_oracle"
TABLE = "presence: from going on air to shown"


class _AirRoom(NamedTuple):
    n: int
    uid: str


class _AirWatch:
    """Rooms that go on air, and when a reader sees it."""

    def __init__(self, host: PlaybackHost, reader: PresenceReader) -> None:
        self._host = host
        self._reader = reader
        self._waiting: dict[int, tuple[float, _AirRoom]] = {}
        self._rev = 0
        self.seconds: dict[int, float] = {}

    def on_air(self, room: _AirRoom) -> None:
        self._host.on_air.add(room.uid)
        self._waiting[room.n] = (time.monotonic(), room)

    def off_air(self, room: _AirRoom) -> None:
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
        hot, others = asyncio.run(_make_index(mongo.uri, host.base, HOT, ROOMS - HOT))
        service = runner.service("presence", _settings(mongo.uri))
        service.wait_ready(service.ready, 60.0)
        out.say(f"{ROOMS} rooms; {WARM:.0f} s until each was looked at")
        with MongoClient[dict[str, Any]](mongo.uri) as client:
            watch = _AirWatch(host, PresenceReader(client[OWN]))
            out.stopped.wait(WARM)
            watch.look()
            of_hot, of_others = _go_on_air(out, watch, hot, others)
            never = watch.never()
        asked, most = len(host.asked), host.most_in_a_second()
    out.say(f"{len(of_hot)} hot and {len(of_others)} others shown, {never} never; {asked} asked")
    return _rows(of_hot, of_others, never, most)


def measure_status(out: SuiteOutput) -> list[BenchRow]:
    """`--minutes`: how long rooms go on air (three)."""
    with PlaybackHost(deaf=True) as host, Runner(out.folder) as runner:
        mongo = runner.mongo()
        rooms, _ = asyncio.run(_make_index(mongo.uri, host.base, NOTED, 0, Mode.WEBRTC))
        service = runner.service("presence", _settings(mongo.uri))
        service.wait_ready(service.ready, 60.0)
        with MongoClient[dict[str, Any]](mongo.uri) as client:
            watch = _AirWatch(host, PresenceReader(client[OWN]))
            notes = client[ORACLE][live_status.COLLECTION]
            seen = sorted(_note_in_turn(out, watch, rooms, host, notes))
    if not seen:
        raise RuntimeError("no room was shown: see presence.log")
    note = (
        f"{len(seen)} times; {NOTED} WEBRTC rooms, one call a second: more rooms take longer alike"
    )
    return [
        BenchRow(TABLE, "by status alone, median", statistics.median(seen), "s", note=note),
        BenchRow(TABLE, "by status alone, p95", _quantile(seen, 0.95), "s"),
    ]


def _note_in_turn(
    out: SuiteOutput,
    watch: _AirWatch,
    rooms: list[_AirRoom],
    host: PlaybackHost,
    notes: Collection[Any],
) -> list[float]:
    """Each second one room's note is written, and every few seconds a room goes on air."""
    chance = Random(1)
    quiet = chance.sample(rooms, len(rooms))
    until = time.monotonic() + out.seconds(SECONDS)
    next_room, turn = time.monotonic(), 0
    while (now := time.monotonic()) < until + NOTED and not out.stopped.is_set():
        if now >= next_room and now < until and quiet:
            watch.on_air(quiet.pop())
            next_room = now + chance.uniform(2, 4)
        room = rooms[turn % len(rooms)]
        live = room.uid in host.on_air
        note = {"contract": CONTRACT, "live": live, "at": int(time.time())}
        notes.replace_one({"_id": room.n}, note, upsert=True)
        turn += 1
        while time.monotonic() < now + 1.0:
            watch.look()
            out.stopped.wait(0.1)
        if now >= until and not watch.never():
            break
    return list(watch.seconds.values())


def _settings(uri: str) -> dict[str, str]:
    return chain_settings(
        ("http://127.0.0.1:9",), [f"{CONTRACT}@1"], uri, MONGODB_DATABASE=INDEX,
        PRESENCE_DATABASE=OWN, ORACLE_DATABASE=ORACLE, LOG_LEVEL="warning",
    )  # fmt: skip


async def _make_index(
    uri: str, base: str, hot: int, others: int, *modes: Mode
) -> tuple[list[_AirRoom], list[_AirRoom]]:
    """The hot rooms are new, the others were made days ago. `modes`: in turn, both if none."""
    chance = Random(36)
    async with AsyncMongoClient[dict[str, Any]](uri) as client:
        index = MadeUpIndex(client[INDEX], base)
        rooms = []
        modes = modes or tuple(Mode)
        for number in range(hot + others):
            age = chance.uniform(0, 600) if number < hot else chance.uniform(0.1, 20) * DAY
            uid = f"{number + 1:032x}"
            mode = modes[number % len(modes)]
            rooms.append(_AirRoom(index.room(uid, mode, made_at=time.time() - age), uid))
        await index.write()
    return rooms[:hot], rooms[hot:]


def _go_on_air(
    out: SuiteOutput, watch: _AirWatch, hot: list[_AirRoom], others: list[_AirRoom]
) -> tuple[list[float], list[float]]:
    """Each second a hot room goes on air, and every few seconds one of the others. A hot one that
    was shown goes off again, and may come back once that was shown for sure."""
    chance = Random(1)
    by_number = {room.n: room for room in hot}
    off, quiet = list(hot), chance.sample(others, len(others))
    ends: list[tuple[float, _AirRoom, bool]] = []  # when a room goes off air, or may come again
    of_hot: list[float] = []
    of_others: list[float] = []
    until = time.monotonic() + out.seconds(SECONDS)
    next_hot = next_other = time.monotonic()
    while (now := time.monotonic()) < until + AWAITED and not out.stopped.is_set():
        if now >= next_hot and now < until and off:
            watch.on_air(off.pop(chance.randrange(len(off))))
            next_hot = now + chance.uniform(0.5, 1.5)
        if now >= next_other and now < until:
            watch.on_air(quiet.pop())
            next_other = now + chance.uniform(4, 8)
        for n in watch.look():
            if n in by_number:
                of_hot.append(watch.seconds[n])
                ends.append((now + chance.uniform(10, 30), by_number[n], False))
            else:
                of_others.append(watch.seconds[n])
        for end in [end for end in ends if now >= end[0]]:
            ends.remove(end)
            _, room, was_off = end
            if was_off:
                off.append(room)
            else:
                watch.off_air(room)
                ends.append((now + 30.0, room, True))
        if now >= until and not watch.never():
            break
        out.stopped.wait(0.1)
    return sorted(of_hot), sorted(of_others)


def _rows(
    hot: list[float], others: list[float], never: int, most_in_a_second: int
) -> list[BenchRow]:
    if not hot or not others:
        raise RuntimeError("no room was shown: see presence.log")
    all_shown = never == 0
    return [
        BenchRow(
            TABLE, "hot rooms, median", statistics.median(hot), "s", aim="<= 6 s",
            met=all_shown and statistics.median(hot) <= 6,
            note=f"{len(hot)} times; {HOT} of {ROOMS} rooms are hot",
        ),
        BenchRow(
            TABLE, "hot rooms, p95", _quantile(hot, 0.95), "s", aim="<= 20 s",
            met=all_shown and _quantile(hot, 0.95) <= 20,
        ),
        BenchRow(
            TABLE, "the others, slowest", others[-1], "s", aim="<= 90 s",
            met=all_shown and others[-1] <= 90,
            note=f"{len(others)} times; {never} rooms were not shown within {AWAITED:.0f} s",
        ),
        BenchRow(
            TABLE, "most questions in a second, as they arrive", most_in_a_second, "",
            note="the service begins 20 at most; on their way some catch up with others",
        ),
    ]  # fmt: skip


def _quantile(values: list[float], part: float) -> float:
    return values[min(len(values) - 1, int(part * len(values)))]
