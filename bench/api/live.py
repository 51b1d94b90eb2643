"""What is on air: 2,000 of 200,000 rooms, rooms by name, a host's channel, through the API."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymongo

from api.cursors import OnAirPlace, of_place
from bench.api import many_rooms
from bench.api.api_bench import DATABASE, ApiBench
from bench.api.hosts import live_room
from bench.api.search import TRIES, Ask, asker, undisturbed
from bench.output import SuiteOutput
from bench.rows import BenchRow
from chain.enums import room_name
from presence.documents import (
    BEAT_SECONDS,
    PRESENCE_INDEXES,
    PRESENCE_ROOMS,
    PRESENCE_STATE,
    STATE_ID,
    presence_state,
)

PRESENCE = "livestream_presence"
LIVE = 2000
FIRST_SINCE = 1_795_000_000
NAMED = 50
LISTS = {
    "on air": "",
    "on air, one mode": "&mode=broadcast",
    "on air, one host": f"&host=0x{77:040x}",
    "on air, behind a gate (there is none)": "&access=gate",
}


def live(out: SuiteOutput) -> list[BenchRow]:
    """p99 of each kind of question, each asked from another place."""
    with ApiBench(out.folder, sync=False) as place:
        live_room(place.rooms)
        place.indexer().stop()
        out.say(f"writing {many_rooms.ROOMS_MADE:,} rooms")
        many_rooms.fill(place.mongo, DATABASE, place.rooms.address, active=LIVE)
        with _presence(place.mongo, place.rooms.address):
            _, port = place.api(API_WORKERS="1")
            ask = asker(port)
            return [_row(out, name, ask, kind) for name, kind in _kinds().items()]


def _kinds() -> dict[str, Any]:
    def listed(query: str) -> Any:
        def question(turn: int) -> str:
            at = OnAirPlace(FIRST_SINCE + LIVE * (TRIES - turn) // TRIES, 2**40)
            return f"rooms?live=true{query}" + (f"&cursor={of_place(at)}" if turn else "")

        return question

    def named(turn: int) -> str:
        chance = random.Random(turn)
        numbers = chance.sample(range(1, many_rooms.ROOMS_MADE), NAMED)
        return "rooms?" + "&".join(f"room_id={room_name(number)}" for number in numbers)

    return {
        **{name: listed(query) for name, query in LISTS.items()},
        f"{NAMED} rooms by name, of all": named,
        "a host's channel": lambda turn: f"hosts/0x{turn + 1:040x}",
    }


def _row(out: SuiteOutput, name: str, ask: Ask, question: Any) -> BenchRow:
    def times(_: float) -> Iterator[float]:
        for turn in range(TRIES):
            yield ask(question(turn))

    took, others = undisturbed(times)
    p99 = took[int(0.99 * len(took))] * 1000
    out.say(f"{name}: p99 {p99:.1f} ms; others took {others:.2f} of a core")
    return BenchRow(
        f"{LIVE:,} rooms on air of {many_rooms.ROOMS_MADE:,}, embedded database",
        name, p99, "ms", aim="p99 at most 50 ms", met=p99 <= 50,
        note=f"p50 {took[len(took) // 2] * 1000:.1f} ms over {len(took)} questions;"
        f" other programs took {others:.2f} of a core",
    )  # fmt: skip


@contextmanager
def _presence(uri: str, contract: str) -> Iterator[None]:
    """Presence's database: the newest rooms are on air, and the beat goes on."""
    over = threading.Event()
    with pymongo.MongoClient[dict[str, Any]](uri) as client:
        rooms, state = client[PRESENCE][PRESENCE_ROOMS], client[PRESENCE][PRESENCE_STATE]
        for fields in PRESENCE_INDEXES[PRESENCE_ROOMS]:
            rooms.create_index([(name, 1) for name in fields])
        rows: list[dict[str, Any]] = [
            {
                "_id": many_rooms.ROOMS_MADE - LIVE + rev, "contract": contract, "live": True,
                "live_since": FIRST_SINCE + rev, "viewers": None, "rev": rev, "off_at": None,
            }
            for rev in range(1, LIVE + 1)
        ]  # fmt: skip
        for start in range(0, LIVE, 200):
            rooms.insert_many(rows[start : start + 200])

        def beat() -> None:
            count = 0
            while not over.is_set():
                count += 1
                told: Any = presence_state(LIVE, count, int(time.time()))
                state.replace_one({"_id": STATE_ID}, told, upsert=True)
                over.wait(BEAT_SECONDS)

        thread = threading.Thread(target=beat)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
