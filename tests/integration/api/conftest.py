"""A real API over the embedded database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pymongo
import pytest

from chain import calldata
from indexer.documents import CHECKPOINT
from localnet.anvil import LocalNode
from localnet.mongo import MongoServer
from localnet.rooms_on_anvil import RoomsOnAnvil
from localnet.runner import Runner
from localnet.services import ServiceProcess, api_rate_limits, chain_settings
from tests.support.indexer.contract_story import DEPOSIT, FEE, ContractStory, add_indexes

NOBODY = "http://127.0.0.1:9"  # a node that is not there
TERMS = calldata.Terms(DEPOSIT, FEE, 86400, 3600, 5, 200, 60)


class StoredIndex:
    """A database that holds a story as the indexer would, and adds what it grows by."""

    def __init__(self, mongo: MongoServer, name: str, story: ContractStory) -> None:
        self.uri, self.name, self.story = mongo.uri, name, story
        self.client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(mongo.uri)
        self.database = self.client[name]
        add_indexes(self.database)
        self._written = 0
        self.write()

    def write(self) -> None:
        """What the story has grown by."""
        self.story.write(self.database, since=self._written)
        self._written = self.story.seq

    def fork(self, story: ContractStory) -> None:
        """What a reorg makes of it."""
        for name in story.documents():
            if name != CHECKPOINT:
                self.database[name].delete_many({})
        self.story, self._written = story, 0
        self.write()

    def close(self) -> None:
        self.client.close()


@pytest.fixture
def index(mongo: MongoServer, mongo_database: str) -> Iterator[StoredIndex]:
    """An index with a few rooms: 1 active, 2 pending, 3 ended, 4 active and gated."""
    story = ContractStory()
    story.live(title="Lớp học đàn")
    story.create(title="Chờ một chút")
    story.end(story.live(title="Đã qua"))
    story.live(title="Kín", gate="0x" + "6a" * 20)
    found = StoredIndex(mongo, mongo_database, story)
    yield found
    found.close()


def start_server(
    folder: Path, index: StoredIndex, *, rpc_url: str = NOBODY, env: Mapping[str, str] | None = None
) -> ServiceProcess:
    """`python -m api` over the index, once it answers. `env`: settings over those of tests, which
    limit nothing."""
    settings = chain_settings(
        [rpc_url],
        [f"{index.story.contract}@1"],
        index.uri,
        MONGODB_DATABASE=index.name,
        API_WORKERS="2",
        TMPDIR=str(folder),
        **api_rate_limits("off"),
    )
    server = ServiceProcess("api", folder / "api.log", {**settings, **(env or {})})
    try:
        server.wait_until(server.answers, 60, "an answer of the API")
    except BaseException:
        server.close()
        raise
    return server


@pytest.fixture(scope="session")
def shared_api(
    mongo: MongoServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServiceProcess]:
    """One API for tests that change nothing: room 1 is active."""
    story = ContractStory()
    story.live()
    index = StoredIndex(mongo, "shared_api", story)
    with start_server(tmp_path_factory.mktemp("shared-api"), index) as server:
        yield server
    index.client.drop_database(index.name)
    index.close()


@pytest.fixture
def start_api(children: Runner) -> Callable[..., ServiceProcess]:
    """`start_api(index, rpc_url=..., env={...})`."""

    def start(index: StoredIndex, **options: Any) -> ServiceProcess:
        return children.keep(start_server(children.new_folder("api"), index, **options))

    return start


@pytest.fixture
def api(index: StoredIndex, start_api: Callable[..., ServiceProcess]) -> ServiceProcess:
    return start_api(index)


def deploy(node: LocalNode) -> str:
    """The contract with an operator; its address, lower case."""
    return RoomsOnAnvil.deploy(node, terms=TERMS).address
