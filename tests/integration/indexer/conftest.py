"""Fixtures: the contract on a chain of the test's own, and `python -m indexer` on it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pymongo
import pytest

from tests.support.anvil import Anvil
from tests.support.mongo import MongoServer
from tests.support.processes import ChildProcess, Children
from tests.support.rooms_chain import RoomsChain, dump, expected
from tests.support.waiting import wait_until, wait_until_async

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 30.0


class Indexer:
    """`python -m indexer` with settings of its own; `start` and `kill` at will."""

    def __init__(
        self, children: Children, mongo_uri: str, database: str, port: int, env: Mapping[str, str]
    ) -> None:
        self._children = children
        self.port = port
        self.env = {
            "CHAIN_ID": "31337",
            "MONGODB_URI": mongo_uri,
            "MONGODB_DATABASE": database,
            "INDEXER_HTTP": f"127.0.0.1:{port}",
            "POLL_SECONDS": "0.2",
            "LOG_FORMAT": "json",
            **env,
        }
        self.client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(mongo_uri)
        self.db = self.client[database]
        self.process: ChildProcess | None = None

    def start(self) -> ChildProcess:
        command = [sys.executable, "-m", "indexer"]
        self.process = self._children.start("indexer", command, env=self.env, cwd=ROOT)
        return self.process

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()

    def command(self, *arguments: str, timeout: float = 60.0) -> tuple[int, str]:
        """Another command to its end; exit code and output."""
        child = self.start_command(*arguments)
        return child.wait(timeout), child.output()

    def start_command(self, *arguments: str) -> ChildProcess:
        """Another command, beside what runs."""
        command = [sys.executable, "-m", "indexer", *arguments]
        return self._children.start("command", command, env=self.env, cwd=ROOT)

    def checkpoint(self, chain: RoomsChain) -> dict[str, Any] | None:
        return self.db["checkpoint"].find_one({"_id": chain.address})

    def readiness(self) -> tuple[int, str]:
        """The status and body of /readyz; (0, why) if it does not listen."""
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5, trust_env=False)
        except httpx.HTTPError as error:
            return 0, str(error)
        return answer.status_code, answer.text

    def metric(self, name: str) -> dict[str, float]:
        """The samples of a metric, by their labels as text."""
        text = httpx.get(f"http://127.0.0.1:{self.port}/metrics", timeout=5, trust_env=False).text
        lines = [line.rpartition(" ") for line in text.splitlines() if line.startswith(name)]
        return {label: float(value) for label, _, value in lines}

    def at_head(self, chain: RoomsChain) -> bool:
        """The index stands at the chain's newest block and its history."""
        point, told = self.checkpoint(chain), chain.history()
        head = chain.anvil.rpc("eth_getBlockByNumber", "latest", False)["hash"]
        return point is not None and (
            point["block_hash"], point["seq"], point["history"], point["pending"]
        ) == (head, told.count, "0x" + told.hash.hex(), None)  # fmt: skip

    def wait_head(self, chain: RoomsChain, timeout: float = PATIENCE) -> None:
        wait_until(lambda: self.at_head(chain), timeout, "the index reaches the head")

    async def reach_head(self, chain: RoomsChain, timeout: float = PATIENCE) -> None:
        """The same while the event loop serves a proxy."""
        await wait_until_async(lambda: self.at_head(chain), timeout, "the index reaches the head")

    def assert_equals(self, chain: RoomsChain) -> None:
        """The documents are the fold of the chain's events, document for document."""
        stored, true = dump(self.db, chain.address), expected(chain)
        for kind in true:
            assert stored[kind] == true[kind], kind


MakeIndexer = Callable[..., Indexer]


@pytest.fixture
def chain(anvil_factory: Callable[..., Anvil]) -> RoomsChain:
    """The contract on a chain with a short finality: safe = head - 4, finalized = head - 8."""
    return RoomsChain(anvil_factory("--slots-in-an-epoch", "4"))


@pytest.fixture
def make_indexer(
    children: Children,
    mongo: MongoServer,
    mongo_database_names: Callable[[], str],
    free_port: Callable[[], int],
) -> Iterator[MakeIndexer]:
    """`make_indexer(chain, urls, **env)`: an indexer that is not started yet."""
    made: list[Indexer] = []

    def make(*chains: RoomsChain, urls: str = "", mongo_uri: str = "", **env: str) -> Indexer:
        anvil = chains[0].anvil
        settings = {
            "RPC_URLS": urls or f"{anvil.url},{anvil.ws_url}",
            "CONTRACTS": ",".join(chain.ref for chain in chains),
            **env,
        }
        uri, database = mongo_uri or mongo.uri, mongo_database_names()
        made.append(Indexer(children, uri, database, free_port(), settings))
        return made[-1]

    yield make
    for indexer in made:
        indexer.client.close()
