"""Fixtures: the contract on a chain of the test's own, and `python -m indexer` on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pymongo
import pytest

from localnet.anvil import Anvil
from localnet.mongo import MongoServer
from localnet.process import Program
from localnet.rooms_on_anvil import RoomsOnAnvil
from localnet.runner import Runner
from localnet.services import ServiceProcess, chain_settings
from localnet.waiting import wait_until, wait_until_async
from tests.support.indexer.expected_index import dump, expected

PATIENCE = 30.0


class Indexer:
    """`python -m indexer` with settings of its own; `start` and `kill` at will."""

    def __init__(self, children: Runner, port: int, settings: Mapping[str, str]) -> None:
        self._children = children
        self._port = port
        self.settings = settings
        self.client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(
            settings["MONGODB_URI"]
        )
        self.db = self.client[settings["MONGODB_DATABASE"]]
        self.process: ServiceProcess

    def start(self) -> ServiceProcess:
        self.process = self._children.service("indexer", self.settings, port=self._port)
        return self.process

    def kill(self) -> None:
        self.process.kill()

    def command(self, *arguments: str, timeout: float = 60.0) -> tuple[int, str]:
        """Another command to its end; exit code and output."""
        child = self.start_command(*arguments)
        return child.wait(timeout), child.output()

    def start_command(self, *arguments: str) -> Program:
        """Another command, beside what runs."""
        listens = {"INDEXER_HTTP": f"127.0.0.1:{self._port}"}
        return self._children.command("indexer", {**self.settings, **listens}, *arguments)

    def checkpoint(self, chain: RoomsOnAnvil) -> dict[str, Any] | None:
        return self.db["checkpoint"].find_one({"_id": chain.address})

    def readiness(self) -> tuple[int, str]:
        """The status and body of /readyz; (0, why) if it does not listen."""
        return self.process.readiness()

    def metric(self, name: str) -> dict[str, float]:
        """The samples of a metric, by their labels as text."""
        return self.process.metrics(name)

    def at_head(self, chain: RoomsOnAnvil) -> bool:
        """The index stands at the chain's newest block and its history."""
        point, told = self.checkpoint(chain), chain.history()
        head = chain.node.block()["hash"]
        return point is not None and (
            point["block_hash"], point["seq"], point["history"], point["pending"]
        ) == (head, told.count, "0x" + told.hash.hex(), None)  # fmt: skip

    def wait_head(self, chain: RoomsOnAnvil, timeout: float = PATIENCE) -> None:
        wait_until(lambda: self.at_head(chain), timeout, "the index reaches the head")

    async def reach_head(self, chain: RoomsOnAnvil, timeout: float = PATIENCE) -> None:
        """The same while the event loop serves a proxy."""
        await wait_until_async(lambda: self.at_head(chain), timeout, "the index reaches the head")

    def assert_equals(self, chain: RoomsOnAnvil) -> None:
        """The documents are the fold of the chain's events, document for document."""
        stored, true = dump(self.db, chain.address), expected(chain)
        for kind in true:
            assert stored[kind] == true[kind], kind


MakeIndexer = Callable[..., Indexer]


def indexer_settings(
    chains: Sequence[RoomsOnAnvil], mongo_uri: str, database: str, urls: str = ""
) -> dict[str, str]:
    """`urls`: other nodes than the chains' own."""
    node = chains[0].node
    return chain_settings(
        urls.split(",") if urls else (node.url, node.ws_url),
        [chain.ref for chain in chains],
        mongo_uri,
        MONGODB_DATABASE=database,
        POLL_SECONDS="0.2",
    )


@pytest.fixture
def chain(anvil_factory: Callable[..., Anvil]) -> RoomsOnAnvil:
    """The contract on a chain with a short finality: safe = head - 4, finalized = head - 8."""
    return RoomsOnAnvil.deploy(anvil_factory("--slots-in-an-epoch", "4"))


@pytest.fixture
def make_indexer(
    children: Runner,
    mongo: MongoServer,
    mongo_database_names: Callable[[], str],
    free_port: Callable[[], int],
) -> Iterator[MakeIndexer]:
    """`make_indexer(chain, urls, **env)`: an indexer that is not started yet."""
    made: list[Indexer] = []

    def make(*chains: RoomsOnAnvil, urls: str = "", mongo_uri: str = "", **env: str) -> Indexer:
        own = indexer_settings(chains, mongo_uri or mongo.uri, mongo_database_names(), urls)
        made.append(Indexer(children, free_port(), own | env))
        return made[-1]

    yield make
    for indexer in made:
        indexer.client.close()
