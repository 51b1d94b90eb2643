"""A small world for the oracle's tests: chain, contract, database, index, Cloudflare stand-in.

Everything is real but the index (`MiniIndex`); the oracle itself runs as its own process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pymongo
from eth_account.signers.local import LocalAccount

from chain.enums import Status
from chain.views import RoomView
from localnet.accounts import cast
from localnet.anvil import Anvil
from localnet.process import Program
from localnet.rooms_on_anvil import RoomsOnAnvil
from localnet.runner import Runner
from localnet.services import Service, chain_settings, oracle_settings
from localnet.stream.control import StandIn
from localnet.waiting import wait_until
from oracle.ingest import Ingest
from oracle.sealing import open_sealed
from tests.support.mini_index import MiniIndex


@dataclass
class World:
    """See the module."""

    anvil: Anvil
    mongo_uri: str
    standin: StandIn
    children: Runner
    folder: Path
    databases: Callable[[], str]
    rooms: RoomsOnAnvil = field(init=False)
    index_database: str = ""
    oracle_database: str = ""
    index: MiniIndex | None = None
    more_standins: list[StandIn] = field(default_factory=list)

    def deploy(self) -> None:
        """The contract with one operator, and the index following it."""
        self.rooms = RoomsOnAnvil.deploy(self.anvil, self.standin.public_base)
        self.index_database, self.oracle_database = self.databases(), self.databases()
        self.follow(self.mongo_uri)

    def follow(self, mongo_uri: str) -> None:
        """Keep the index, and the oracle's database, on this server from now on."""
        if self.index is not None:
            self.index.close()
        self.mongo_uri = mongo_uri
        self.index = MiniIndex(self.anvil.url, mongo_uri, self.index_database, self.rooms.address)

    def close(self) -> None:
        if self.index is not None:
            self.index.close()
        for standin in self.more_standins:
            standin.stop()

    def second_operator(self, account: LocalAccount) -> dict[str, str]:
        """Operator 2 with a key and a Cloudflare account of its own; its oracle's settings."""
        standin = StandIn.start(self.folder / "stream2")
        self.more_standins.append(standin)
        number = self.rooms.add_operator(account.address, standin.public_base)
        return self._operator(account, standin, self.folder / "second", number)

    @staticmethod
    def _operator(
        account: LocalAccount, standin: StandIn, folder: Path, number: int
    ) -> dict[str, str]:
        return oracle_settings(
            folder,
            key=bytes(account.key),
            account=standin.account_id,
            token=standin.token,
            api_base=standin.api_base,
            operator_id=number,
        )

    def finalize(self) -> None:
        """Mine until everything so far is final."""
        self.anvil.mine(70)

    # --- the index and Cloudflare ---------------------------------------------------------------

    def document(self, room_id: int) -> dict[str, Any] | None:
        with pymongo.MongoClient[dict[str, Any]](self.mongo_uri) as client:
            return client[self.index_database]["livestreams"].find_one({"_id": room_id})

    def open_credentials(self, room_id: int) -> Ingest:
        """What the host reads: the sealed credentials of the index, opened with the host's key."""
        doc = wait_until(lambda: self._sealed(room_id), what="sealed credentials in the index")
        assert doc is not None
        return open_sealed(
            self.rooms.keys[room_id],
            bytes.fromhex(doc["sealed"]["tag"][2:]),
            bytes.fromhex(doc["uid"]),
            bytes.fromhex(doc["sealed"]["data"][2:]),
        )

    def _sealed(self, room_id: int) -> dict[str, Any] | None:
        doc, tag = self.document(room_id), "0x" + self.rooms.room(room_id).tag.hex()
        return doc if doc and doc["sealed"] and doc["sealed"]["tag"] == tag else None

    def inputs(self) -> list[dict[str, Any]]:
        """All live inputs that exist, in every account."""
        return [live for s in (self.standin, *self.more_standins) for live in s.control.inputs()]

    def videos(self) -> list[str]:
        """The recordings that the first account keeps."""
        url = f"{self.standin.api_base}/accounts/{self.standin.account_id}/stream"
        answer = httpx.get(url, headers=self.standin.headers, trust_env=False)
        return [video["uid"] for video in answer.json()["result"]]

    def creates(self) -> int:
        """How many live inputs were ever made."""
        return len(self.standin.control.inputs(deleted=True))

    # --- the oracle -----------------------------------------------------------------------------

    def settings(self, **more: str) -> dict[str, str]:
        """The oracle's, of operator 1; an empty value unsets one."""
        return {
            **chain_settings(
                (self.anvil.url, self.anvil.ws_url),
                [self.rooms.ref],
                self.mongo_uri,
                CONFIRMATIONS="0",
                FINALITY="depth:2",
                POLL_SECONDS="0.2",
                MONGODB_DATABASE=self.index_database,
                ORACLE_DATABASE=self.oracle_database,
                ORACLE_LEASE_SECONDS="3",
                CLOUDFLARE_TIMEOUT_SECONDS="2",
            ),
            **self._operator(cast().operator, self.standin, self.folder, 1),
            **more,
        }

    def start_oracle(self, **more: str) -> Service:
        """`python -m oracle` with these settings besides."""
        oracle = self.children.service("oracle", self.settings(**more))
        oracle.wait_until(oracle.begun, 30, "the oracle has begun")
        return oracle

    def command(self, *arguments: str, **more: str) -> Program:
        """`python -m oracle` with a command, as an operator runs it, to its end."""
        done = self.children.command("oracle", self.settings(**more), *arguments)
        done.wait(60)
        return done

    def wait_status(self, room_id: int, status: Status, timeout: float = 20) -> RoomView:
        """Wait until the chain says so; anvil mines with every transaction."""

        def there() -> RoomView | None:
            view = self.rooms.room(room_id)
            return view if view.status is status else None

        view = wait_until(there, timeout, f"room {room_id} is {status.word}")
        assert view is not None
        return view

    def wait_released(self, room_id: int, timeout: float = 20) -> RoomView:
        """Wait until the oracle has attested that the input is gone, mining towards finality."""

        def there() -> RoomView | None:
            self.anvil.mine()
            view = self.rooms.room(room_id)
            return view if view.released else None

        view = wait_until(there, timeout, f"room {room_id} is released")
        assert view is not None
        return view
