"""Scenario 35: a school is one address, and a fresh installation's own limits let it in."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from common.settings.model import ApiSettings
from localnet import loopback
from localnet.services import ServiceProcess
from localnet.waiting import wait_until
from tests.integration.api.conftest import StoredIndex

pytestmark = pytest.mark.alone

VIEWERS = 300
AT_ONCE = 30
# of a page in its busiest minute, attempts at a stream among them: dapp/test/school.test.ts
QUESTIONS = 15
FILES = 12
ROOM = "/api/livestream/rooms/live_1"


def defaults() -> dict[str, str]:
    """The limits as they are where nobody sets them."""
    names = [name for name in ApiSettings.model_fields if name.startswith("api_")]
    kept = [name for name in names if "limit" in name or "per_client" in name]
    return {name.upper(): str(ApiSettings.model_fields[name].default) for name in kept}


@pytest.fixture
def api(index: StoredIndex, start_api: Callable[..., ServiceProcess]) -> ServiceProcess:
    return start_api(index, env=defaults())


def arrive(client: httpx.Client) -> Counter[Any]:
    """What a browser with an empty cache asks in its first minute."""
    page = ["/room/live_1", "/config.json", *["/assets/a-file.js"] * FILES]
    questions = [ROOM, f"{ROOM}/recordings"] * (QUESTIONS // 2) + [ROOM] * (QUESTIONS % 2)
    return Counter(client.get(path).status_code for path in [*page, *questions])


def everybody(api: ServiceProcess, does: Callable[[httpx.Client], Counter[Any]]) -> Counter[Any]:
    """What 300 viewers were answered."""

    def some(_: int) -> Counter[Any]:
        with loopback.client(api.url) as client:
            return sum((does(client) for _ in range(VIEWERS // AT_ONCE)), Counter[Any]())

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(some, range(AT_ONCE)), Counter[Any]())


def test_scenario_35__300_viewers_behind_one_address__nobody_sees_429_or_a_stale_room(
    index: StoredIndex, api: ServiceProcess
) -> None:
    statuses = everybody(api, arrive)
    assert statuses[429] == 0
    assert statuses[200] >= VIEWERS * QUESTIONS
    index.story.end(1)
    index.write()

    def told() -> bool:
        with loopback.client(api.url) as client:
            return bool(client.get(ROOM).json()["status"] == "ended")

    wait_until(told, what="a worker knows of the end")

    def all_told() -> bool:
        # a problem's own "status" is a number
        found = everybody(api, lambda client: Counter([client.get(ROOM).json()["status"]]))
        assert 429 not in found
        return found == {"ended": VIEWERS}

    wait_until(all_told, what="every worker tells everybody of the end")


def test_scenario_35__300_event_streams_from_one_address__all_are_opened(
    api: ServiceProcess,
) -> None:
    asks = b"GET /api/livestream/stream?room_id=live_1 HTTP/1.1\r\nHost: here\r\n\r\n"
    with ExitStack() as stack:
        streams = []
        for _ in range(VIEWERS):
            streams.append(
                stack.enter_context(socket.create_connection(("127.0.0.1", api.port), 10))
            )
            streams[-1].sendall(asks)
        heads = Counter(stream.recv(12) for stream in streams)
    assert heads == {b"HTTP/1.1 200": VIEWERS}


def test_one_address__ever_new_searches__refused_while_what_memory_knows_is_still_answered(
    api: ServiceProcess,
) -> None:
    with loopback.client(api.url) as client:
        assert client.get(ROOM).status_code == 200
        # 600 a minute, and a minute may end on the way
        answers = (
            client.get(f"/api/livestream/rooms?q=word{number}").status_code
            for number in range(1_300)
        )
        assert 429 in answers
        assert client.get(ROOM).status_code == 200
