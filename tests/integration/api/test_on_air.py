"""Who is on air, through real workers and a real database; hints, to whoever listens there."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pymongo
import pytest

from localnet.services import ServiceProcess
from localnet.waiting import wait_until
from presence.documents import PRESENCE_ROOMS, PRESENCE_STATE, STATE_ID, presence_state
from tests.integration.api.conftest import StoredIndex


class StoredPresence:
    """Presence's database, written as presence would. The beat moves with every write."""

    def __init__(self, index: StoredIndex) -> None:
        self.name = f"{index.name}_presence"
        self.client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(index.uri)
        self.database = self.client[self.name]
        self.contract = index.story.contract
        self.rev = 0

    def tell(self, number: int, live: bool, since: int | None = None) -> None:
        self.rev += 1
        row = {
            "_id": number, "contract": self.contract, "live": live, "live_since": since,
            "viewers": None, "rev": self.rev, "off_at": None,
        }  # fmt: skip
        self.database[PRESENCE_ROOMS].replace_one({"_id": number}, row, upsert=True)
        state: Any = presence_state(self.rev, self.rev, int(time.time()))
        self.database[PRESENCE_STATE].replace_one({"_id": STATE_ID}, state, upsert=True)

    def close(self) -> None:
        self.client.drop_database(self.name)
        self.client.close()


@pytest.fixture
def presence(index: StoredIndex) -> Iterator[StoredPresence]:
    made = StoredPresence(index)
    yield made
    made.close()


@pytest.fixture
def hinted() -> Iterator[tuple[str, list[int]]]:
    """Where hints may be sent, and the rooms that came."""
    rooms: list[int] = []

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            rooms.extend(json.loads(body)["rooms"])
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Taker) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", rooms
        server.shutdown()
        thread.join()


def test_api__beside_presence__tells_what_it_notes_and_passes_hints_on(
    index: StoredIndex,
    presence: StoredPresence,
    hinted: tuple[str, list[int]],
    start_api: Callable[..., ServiceProcess],
) -> None:
    url, rooms = hinted
    server = start_api(
        index, env={"PRESENCE_DATABASE": presence.name, "PRESENCE_URL": url, "API_WORKERS": "1"}
    )
    join, listed = "/api/livestream/join?room_id=live_1", "/api/livestream/rooms?live=true"
    assert server.get(join).json()["live"] is None
    assert server.get(listed).json()["presence"] == "unknown"
    stream = f"{server.url}/api/livestream/stream?room_id=live_1"
    with httpx.stream("GET", stream, timeout=30) as answer:
        lines = answer.iter_lines()
        assert any(line == "event: position" for line in lines)
        presence.tell(1, True, 1_795_000_000)
        assert any(line == "event: presence" for line in lines)
        data = json.loads(next(lines).removeprefix("data: "))
        assert data["rooms"][0] == {
            "room_id": "live_1", "live": True, "live_since": 1_795_000_000, "viewers": None,
        }  # fmt: skip
    assert server.get(join).json()["live"] is True
    found = server.get(listed).json()
    assert ([room["room_id"] for room in found["rooms"]], found["presence"]) == (
        ["live_1"],
        "known",
    )
    presence.tell(1, False)
    wait_until(lambda: server.get(join).json()["live"] is False, what="the room off air")
    given = httpx.post(f"{server.url}/api/livestream/rooms/live_1/hint", timeout=30)
    assert (given.status_code, given.json()) == (202, {})
    wait_until(lambda: rooms == [1], what="the hint")
