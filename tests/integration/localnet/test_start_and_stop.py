"""A start with a wrong login says so at once, and goes on by itself when it is right.

SIGTERM at any moment, the database away or not: the services end soon, and log no error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pymongo
import pytest

from localnet.anvil import Anvil
from localnet.mongo import MongoServer
from localnet.mongo_proxy import MongoProxy
from localnet.runner import Runner
from localnet.services import ServiceProcess, chain_settings
from localnet.stream.control import StandIn
from tests.support.oracle.oracle_stack import OracleStack

SECONDS = 9.0
"""Less than the ten after which a container engine kills."""
USER, PASSWORD = "ann", "a-Rotating-Word"
REFUSED = f"MONGODB_URI: the database refuses user '{USER}' or its password"
Start = Callable[..., list[ServiceProcess]]


@pytest.fixture
def proxy(mongo: MongoServer) -> Iterator[MongoProxy]:
    with MongoProxy(mongo.port, credentials=f"{USER}:{PASSWORD}@") as proxy:
        yield proxy


@pytest.fixture
def start(
    anvil_factory: Callable[..., Anvil],
    mongo: MongoServer,
    mongo_database_names: Callable[[], str],
    children: Runner,
    tmp_path: Path,
    proxy: MongoProxy,
) -> Iterator[Start]:
    """Starts services on one index, behind the proxy."""
    with StandIn.start(tmp_path / "stream") as standin:
        world = OracleStack(
            anvil_factory(), mongo.uri, standin, children, tmp_path, mongo_database_names
        )
        world.deploy()
        world.close()  # the real indexer writes it
        chain = chain_settings(
            (world.anvil.url, world.anvil.ws_url), [world.rooms.ref], proxy.uri,
            MONGODB_DATABASE=mongo_database_names(), PRESENCE_DATABASE=mongo_database_names(),
            POLL_SECONDS="0.2", FINALITY="depth:2",
            API_WORKERS="1",
        )  # fmt: skip
        yield lambda *names, **more: [
            children.service(name, world.settings() | chain | more) for name in names
        ]


def wrong_lines(output: str) -> list[str]:
    """Lines that an operator would take for a failure."""
    found = []
    for line in output.splitlines():
        fields = json.loads(line) if line.startswith("{") else {}
        wrong = fields.get("level") in ("error", "critical") or "exception" in fields
        if wrong or "Traceback" in line or (not fields and "rror" in line):
            found.append(line)
    return found


def not_ready(service: ServiceProcess) -> bool:
    return not service.ready()


def stop(services: list[ServiceProcess]) -> None:
    """All at once; each ends in order and in silence."""
    before = [len(service.output()) for service in services]
    for service in services:
        service.ask_to_stop()
    for service, length in zip(services, before, strict=True):
        assert service.wait(SECONDS) == 0, service.last_words()
        assert wrong_lines(service.output()[length:]) == [], service.name
        assert "skipped" not in service.output()


def says(service: ServiceProcess, words: str) -> bool:
    return any(words in line for line in service.reasons())


def test_start_and_stop__wrong_login_and_no_node__both_said_and_an_orderly_end(
    start: Start,
) -> None:
    services = start("indexer", "oracle", RPC_URLS="http://127.0.0.1:1")
    for service in services:
        service.wait_until(partial(says, service, REFUSED), 30, "it names the user")
        service.wait_until(partial(says, service, "127.0.0.1:1"), 30, "and the node")
        assert PASSWORD not in service.output() + service.readiness()[1]
    stop(services)


def test_start_and_stop__the_login_becomes_right_then_the_database_goes__ready_then_an_orderly_end(
    start: Start, proxy: MongoProxy, mongo: MongoServer
) -> None:
    services = start("indexer", "oracle", "presence", "api")
    for service in services:
        service.wait_until(partial(says, service, REFUSED), 30, "it names the user")
    with pymongo.MongoClient[dict[str, Any]](mongo.uri) as client:
        client["admin"].command("createUser", USER, pwd=PASSWORD, roles=["root"])
        try:
            for service in services:
                service.wait_ready(service.ready, 30)
        finally:
            client["admin"].command("dropUser", USER)
    proxy.go_away()
    for service in services:
        service.wait_until(partial(not_ready, service), 60, "it misses the database")
    stop(services)
    assert not any(PASSWORD in service.output() for service in services)
