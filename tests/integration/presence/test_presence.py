"""`python -m presence` on real parts: the database, the stand-in for Cloudflare, real HTTP.

/lifecycle does not know WHIP, unless a test says that it does.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import AsyncMongoClient, MongoClient

from chain.enums import Mode
from chain.hexes import ZERO_ADDRESS
from common import live_status
from localnet import loopback
from localnet.made_up_index import CONTRACT, MadeUpIndex
from localnet.mongo import MongoServer
from localnet.runner import Runner
from localnet.services import ServiceProcess, chain_settings
from localnet.stream.control import StandIn
from localnet.waiting import wait_until
from presence.documents import PRESENCE_HOSTS, PRESENCE_ROOMS
from presence.reader import PresenceReader

PATIENCE = 60.0


@dataclass
class Scene:
    """One operator's rooms, and who looks at them."""

    children: Runner
    standin: StandIn
    mongo: MongoServer
    names: Callable[[], str]

    def __post_init__(self) -> None:
        self.client: MongoClient[dict[str, Any]] = MongoClient(self.mongo.uri)
        self.index, self.own, self.oracle = (self.names() for _ in range(3))
        self.reader = PresenceReader(self.client[self.own])
        self.standin.control.set_quirks(whip_lifecycle="unknown")
        self._loop = asyncio.new_event_loop()
        self._async: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(self.mongo.uri)
        self.made_up = MadeUpIndex(self._async[self.index], self.standin.public_base)
        self.uids: dict[int, str] = {}

    def close(self) -> None:
        self.client.close()
        self._loop.run_until_complete(self._async.close())
        self._loop.close()

    def room(self, mode: Mode, gate: str = "") -> int:
        path = f"{self.standin.api_base}/accounts/{self.standin.account_id}/stream/live_inputs"
        with loopback.client(headers=self.standin.headers) as http:
            uid = http.post(path, json={}).json()["result"]["uid"]
        n = self.made_up.room(uid, mode, gate=gate or ZERO_ADDRESS)
        self.uids[n] = uid
        return n

    def write_index(self) -> None:
        self._loop.run_until_complete(self.made_up.write())

    def start(self, **more: str) -> ServiceProcess:
        settings = chain_settings(
            ("http://127.0.0.1:9",), [f"{CONTRACT}@1"], self.mongo.uri,
            MONGODB_DATABASE=self.index, PRESENCE_DATABASE=self.own, ORACLE_DATABASE=self.oracle,
            PRESENCE_LEASE_SECONDS="3", **more,
        )  # fmt: skip
        return self.children.service("presence", settings)

    def says(self, n: int) -> bool | str | None:
        row = self.reader.rows([n]).get(n)
        return "no row" if row is None else row["live"]

    def wait_for(self, n: int, live: bool | None) -> None:
        wait_until(lambda: self.says(n) is live, PATIENCE)

    def since(self, n: int) -> int | None:
        return self.reader.rows([n])[n]["live_since"]

    def note(self, n: int, live: bool) -> None:
        note = {"contract": CONTRACT, "live": live, "at": int(time.time())}
        self.client[self.oracle][live_status.COLLECTION].replace_one({"_id": n}, note, upsert=True)


@pytest.fixture
def scene(
    children: Runner, mongo: MongoServer, mongo_database_names: Callable[[], str], tmp_path: Path
) -> Iterator[Scene]:
    with (
        StandIn.start(tmp_path / "stream") as standin,
        contextlib.closing(Scene(children, standin, mongo, mongo_database_names)) as scene,
    ):
        yield scene


def test_presence__rooms_on_and_off_air_and_a_restart__says_what_the_hosts_say(
    scene: Scene,
) -> None:
    broadcast, webrtc, gated = (
        scene.room(Mode.BROADCAST), scene.room(Mode.WEBRTC), scene.room(Mode.BROADCAST, CONTRACT),
    )  # fmt: skip
    scene.write_index()
    service = scene.start(OPERATOR_CONTACT="mailto:operator@example.org")
    service.wait_ready(service.ready, PATIENCE)
    scene.wait_for(broadcast, False)
    scene.wait_for(gated, False)
    scene.wait_for(webrtc, None)  # /lifecycle may not know WHIP, and said nothing of it yet
    for n in (broadcast, gated):
        scene.standin.control.mark_live(scene.uids[n], "rtmp")
    scene.standin.control.set_views(scene.uids[broadcast], 7)
    scene.standin.control.mark_live(scene.uids[webrtc], "webrtc")
    assert httpx.post(f"{service.url}/hints", json={"rooms": [gated]}).status_code == 202
    scene.wait_for(gated, True)
    scene.wait_for(broadcast, True)
    wait_until(lambda: scene.reader.rows([broadcast])[broadcast]["viewers"] == 7, PATIENCE)
    assert scene.reader.rows([gated])[gated]["viewers"] is None
    # the oracle speaks for the WEBRTC room until /lifecycle has shown that it knows WHIP
    assert scene.says(webrtc) is None
    scene.note(webrtc, True)
    scene.wait_for(webrtc, True)
    assert scene.client[scene.own][PRESENCE_HOSTS].count_documents({}) == 0
    since, rev = scene.since(broadcast), scene.reader.state()
    service.stop()
    # another process goes on, and knows nothing but the database
    scene.standin.control.set_quirks(whip_lifecycle="known")
    service = scene.start()
    service.wait_ready(service.ready, PATIENCE)
    scene.standin.control.mark_disconnected(scene.uids[gated])
    scene.wait_for(gated, False)
    assert scene.says(broadcast) is True
    assert scene.since(broadcast) == since
    wait_until(lambda: scene.client[scene.own][PRESENCE_HOSTS].count_documents({}) == 1, PATIENCE)
    scene.standin.control.mark_disconnected(scene.uids[webrtc])
    scene.wait_for(webrtc, False)
    scene.made_up.end(broadcast)
    scene.write_index()
    scene.wait_for(broadcast, None)
    state = scene.reader.state()
    assert state is not None
    assert rev is not None
    assert state["rev"] > rev["rev"]
    rows, more = scene.reader.changes(rev["rev"])
    assert more is None
    assert {row["n"] for row in rows} == {broadcast, webrtc, gated}
    revs = [row["rev"] for row in scene.client[scene.own][PRESENCE_ROOMS].find({})]
    assert len(set(revs)) == 3
    assert service.metrics("presence_ready")["presence_ready"] == 1.0
    asked = [
        request for request in scene.standin.control.requests() if "lifecycle" in request["path"]
    ]
    assert {request["method"] for request in asked} == {"GET"}
    service.stop()
    assert "internal error" not in service.output()


def test_presence__its_database_dropped__says_all_again_after_one_look(scene: Scene) -> None:
    n = scene.room(Mode.BROADCAST)
    scene.write_index()
    scene.standin.control.mark_live(scene.uids[n], "rtmp")
    service = scene.start()
    scene.wait_for(n, True)
    wait_until(lambda: scene.reader.state() is not None, PATIENCE)
    state = scene.reader.state()
    assert state is not None
    scene.client.drop_database(scene.own)
    scene.wait_for(n, True)
    wait_until(lambda: scene.reader.state() is not None, PATIENCE)
    again = scene.reader.state()
    assert again is not None
    assert again["rev"] >= state["rev"]
    assert service.ready()


def test_presence__a_second_process__waits_for_the_first_and_takes_over(scene: Scene) -> None:
    n = scene.room(Mode.BROADCAST)
    scene.write_index()
    first = scene.start()
    first.wait_ready(first.ready, PATIENCE)
    scene.wait_for(n, False)
    second = scene.start()
    wait_until(lambda: any("held by" in line for line in second.reasons()), PATIENCE)
    first.kill()
    second.wait_ready(second.ready, PATIENCE)
    scene.standin.control.mark_live(scene.uids[n], "rtmp")
    scene.wait_for(n, True)


def test_presence__no_database_and_no_index__says_so_and_begins_when_they_are_there(
    scene: Scene,
) -> None:
    service = scene.start()
    wait_until(lambda: any("start the indexer" in line for line in service.reasons()), PATIENCE)
    n = scene.room(Mode.BROADCAST)
    scene.write_index()
    service.wait_ready(service.ready, PATIENCE)
    scene.wait_for(n, False)
    answer = httpx.post(f"{service.url}/hints", json={"rooms": []})
    assert answer.status_code == 400
    assert "room numbers" in answer.text
    assert httpx.post(f"{service.url}/hints", content=b"x" * 5000).status_code == 413
    assert httpx.post(f"{service.url}/elsewhere", json={}).status_code == 404
    looked = scene.children.command(
        "presence",
        chain_settings(
            ("http://127.0.0.1:9",), [f"{CONTRACT}@1"], scene.mongo.uri,
            MONGODB_DATABASE=scene.index, PRESENCE_DATABASE=scene.own, RPC_TIMEOUT_SECONDS="1",
        ),
        "--check",
    )  # fmt: skip
    assert looked.wait(30.0) == 0, looked.output()
    assert "the lease is held by" in looked.output()
