"""A real API over the embedded database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pymongo
import pytest

from chain import artifact, calls
from tests.support.anvil import Anvil
from tests.support.api_server import ApiServer
from tests.support.index_story import DEPOSIT, FEE, Story, add_indexes
from tests.support.mongo import MongoServer
from tests.support.processes import Children
from tests.support.waiting import wait_until

TERMS = calls.Terms(DEPOSIT, FEE, 86400, 3600, 5, 200, 60)


class Index:
    """A database that holds stories as the indexer would, and tells on."""

    def __init__(self, mongo: MongoServer, name: str, story: Story) -> None:
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

    def close(self) -> None:
        self.client.close()


@pytest.fixture
def index(mongo: MongoServer, mongo_database: str) -> Iterator[Index]:
    """An index with a few rooms: 1 active, 2 pending, 3 ended, 4 active and gated."""
    story = Story()
    story.live(title="Lớp học đàn")
    story.create(title="Chờ một chút")
    story.end(story.live(title="Đã qua"))
    story.live(title="Kín", gate="0x" + "6a" * 20)
    found = Index(mongo, mongo_database, story)
    yield found
    found.close()


@pytest.fixture(scope="session")
def shared_api(mongo: MongoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """One API for tests that change nothing: room 1 is active."""
    story = Story()
    story.live()
    index = Index(mongo, "shared_api", story)
    with ApiServer(
        tmp_path_factory.mktemp("shared-api"),
        mongo_uri=index.uri,
        database=index.name,
        contracts=f"{story.contract}@1",
    ) as server:
        yield server
    index.client.drop_database(index.name)
    index.close()


@pytest.fixture
def start_api(children: Children) -> Callable[..., ApiServer]:
    """`start_api(index, rpc_url=..., env={...})`."""

    def start(index: Index, **options: Any) -> ApiServer:
        server = ApiServer(
            children.new_folder("api"),
            mongo_uri=index.uri,
            database=index.name,
            contracts=f"{index.story.contract}@1",
            **options,
        )
        children.keep(server)
        return server

    return start


@pytest.fixture
def api(index: Index, start_api: Callable[..., ApiServer]) -> ApiServer:
    return start_api(index)


def deploy(anvil: Anvil) -> str:
    """The contract with an operator; its address, lower case."""
    owner = anvil.accounts[0]
    code = artifact.load().bytecode + calls.constructor(owner, 1, TERMS)
    address = str(_send(anvil, {"from": owner, "data": "0x" + code.hex()})["contractAddress"])
    data = calls.add_operator(anvil.accounts[1], "https://customer-abc123.cloudflarestream.com")
    _send(anvil, {"from": owner, "to": address, "data": "0x" + data.hex()})
    return address.lower()


def _send(anvil: Anvil, tx: dict[str, Any]) -> dict[str, Any]:
    sent = anvil.rpc("eth_sendTransaction", tx)
    receipt = wait_until(lambda: anvil.rpc("eth_getTransactionReceipt", sent), what="a receipt")
    assert receipt["status"] == "0x1"
    return dict(receipt)
