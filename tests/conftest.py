"""Fixtures for every test: processes that always stop, free ports, a chain, a database.

The suite's rules (kinds, no skips, no sockets in unit tests): tests/support/suite_rules.py.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pymongo
import pytest

from localnet import ports
from tests.support.anvil import Anvil
from tests.support.mongo import MongoServer
from tests.support.processes import Children

pytest_plugins = ["tests.support.suite_rules"]


@pytest.fixture
def free_port() -> Callable[[], int]:
    """`free_port()` gives a loopback port that is free now; a new one at each call."""
    return ports.free_port


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    """Starts programs that are stopped with the test: `children.start("name", [program, ...])`."""
    with Children(tmp_path / "children") as children:
        yield children


@pytest.fixture(scope="session")
def anvil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anvil]:
    """One chain for the session: instant blocks, id 31337. Share it only through snapshots."""
    with Anvil(tmp_path_factory.mktemp("anvil")) as chain:
        yield chain


@pytest.fixture
def anvil_factory(children: Children) -> Callable[..., Anvil]:
    """`anvil_factory("--no-mining", ...)` starts a chain of the test's own."""

    def start(*options: str, port: int = 0) -> Anvil:
        return children.keep(Anvil(children.new_folder("anvil"), *options, port=port))

    return start


@pytest.fixture(scope="session")
def mongo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    """One database server for the session; each test takes its own database (`mongo_database`)."""
    with MongoServer(tmp_path_factory.mktemp("mongo")) as server:
        yield server


@pytest.fixture
def mongo_factory(children: Children) -> Callable[..., MongoServer]:
    """`mongo_factory(storage=folder, sync=True)` starts a server of the test's own."""

    def start(*, storage: Path | None = None, sync: bool = False, port: int = 0) -> MongoServer:
        folder = children.new_folder("mongo")
        return children.keep(MongoServer(folder, storage=storage, sync=sync, port=port))

    return start


@pytest.fixture
def mongo_database_names(mongo: MongoServer) -> Iterator[Callable[[], str]]:
    """`mongo_database_names()` gives a fresh name on `mongo`; all are dropped afterwards."""
    names: list[str] = []

    def fresh() -> str:
        names.append(f"test_{uuid.uuid4().hex[:12]}")
        return names[-1]

    yield fresh
    with pymongo.MongoClient[dict[str, object]](mongo.uri) as client:
        for name in names:
            client.drop_database(name)


@pytest.fixture
def mongo_database(mongo_database_names: Callable[[], str]) -> str:
    """A fresh database name on `mongo`, dropped after the test."""
    return mongo_database_names()
