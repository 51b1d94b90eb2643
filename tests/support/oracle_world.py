"""A small world for the oracle's tests: chain, contract, database, index, Cloudflare stand-in.

Everything is real but the index (`MiniIndex`); the oracle itself runs as its own process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pymongo
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from eth_account.signers.local import LocalAccount

from chain import artifact, calls
from chain.enums import Mode, Status
from chain.hexes import ZERO_ADDRESS
from chain.rooms import RoomView, decode_rooms, view_call
from chain.units import GWEI
from localnet.accounts import cast
from localnet.ports import free_port
from localnet.stream.control import StandIn
from oracle.ingest import Ingest
from oracle.sealing import open_sealed
from tests.support.anvil import Anvil
from tests.support.mini_index import MiniIndex
from tests.support.oracle_process import OracleProcess
from tests.support.processes import Children
from tests.support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
TERMS = calls.Terms(
    deposit=1_000_000 * GWEI,
    fee=100_000 * GWEI,
    max_room_seconds=24 * 3600,
    fulfill_deadline_seconds=3600,
    max_open_rooms=1000,
    max_room_events=200,
    rekey_cooldown=0,
)
PRICE = TERMS.deposit + TERMS.fee


@dataclass
class World:
    """See the module. Rooms are hosted by anvil's unlocked accounts from the fourth on."""

    anvil: Anvil
    mongo_uri: str
    standin: StandIn
    children: Children
    folder: Path
    databases: Callable[[], str]
    contract: str = ""
    start_block: int = 0
    index_database: str = ""
    oracle_database: str = ""
    keys: dict[int, X25519PrivateKey] = field(default_factory=dict)
    index: MiniIndex | None = None
    operators: int = 0
    more_standins: list[StandIn] = field(default_factory=list)

    def deploy(self, terms: calls.Terms = TERMS) -> None:
        """The contract with one operator, and the index following it."""
        owner = cast().owner.address
        code = artifact.load().bytecode + calls.constructor(owner, 1, terms)
        receipt = self.send(owner, None, code)
        self.contract = str(receipt["contractAddress"]).lower()
        self.start_block = int(receipt["blockNumber"], 16)
        self.add_operator(cast().operator.address, self.standin.public_base)
        self.send(owner, self.contract, calls.set_moderator(cast().moderator.address, True))
        self.index_database, self.oracle_database = self.databases(), self.databases()
        self.follow(self.mongo_uri)

    def follow(self, mongo_uri: str) -> None:
        """Keep the index, and the oracle's database, on this server from now on."""
        if self.index is not None:
            self.index.close()
        self.mongo_uri = mongo_uri
        self.index = MiniIndex(self.anvil.url, mongo_uri, self.index_database, self.contract)

    def close(self) -> None:
        if self.index is not None:
            self.index.close()
        for standin in self.more_standins:
            standin.stop()

    def add_operator(self, account: str, base: str) -> int:
        self.send(cast().owner.address, self.contract, calls.add_operator(account, base))
        self.operators += 1
        return self.operators

    def second_operator(self, account: LocalAccount) -> dict[str, str]:
        """Operator 2 with a key and a Cloudflare account of its own; its oracle's settings."""
        standin = StandIn.start(self.folder / "stream2")
        self.more_standins.append(standin)
        number = self.add_operator(account.address, standin.public_base)
        key, token = self.folder / "second.key", self.folder / "second.token"
        key.write_text("0x" + bytes(account.key).hex())
        token.write_text(standin.token)
        return {
            "ORACLE_OPERATOR_ID": str(number),
            "ORACLE_PRIVATE_KEY_FILE": str(key),
            "CLOUDFLARE_ACCOUNT_ID": standin.account_id,
            "CLOUDFLARE_API_TOKEN_FILE": str(token),
            "CLOUDFLARE_API_BASE": standin.api_base,
        }

    # --- the chain ------------------------------------------------------------------------------

    def send(
        self, sender: str, to: str | None, data: bytes, value: int = 0, wait: bool = True
    ) -> dict[str, Any]:
        """A transaction of an unlocked account; its receipt (mined at once unless told not to)."""
        tx = {"from": sender, "data": "0x" + data.hex(), "value": hex(value)}
        # A limit of our own: anvil's estimate for a call on a room that is not mined yet may be the
        # whole block, and then no other transaction fits beside it.
        tx |= {"to": to, "gas": hex(2_000_000)} if to else {}
        tx_hash = self.anvil.rpc("eth_sendTransaction", tx)
        if not wait:
            return {"transactionHash": tx_hash}
        receipt = wait_until(
            lambda: self.anvil.rpc("eth_getTransactionReceipt", tx_hash), what="a receipt"
        )
        assert receipt["status"] == "0x1", f"reverted: {receipt}"
        return dict(receipt)

    def host(self, n: int = 0) -> str:
        return self.anvil.accounts[3 + n]

    @staticmethod
    def new_key() -> X25519PrivateKey:
        return X25519PrivateKey.generate()

    def create_room(
        self,
        *,
        host: int = 0,
        mode: Mode = Mode.WEBRTC,
        gate: str = ZERO_ADDRESS,
        key: bytes | None = None,
        operator: int = 1,
        title: bytes = b"Lop hoc",
        wait: bool = True,
    ) -> int:
        """A room of `host`; its number (0 if not waited for)."""
        private = X25519PrivateKey.generate()
        public = key if key is not None else private.public_key().public_bytes_raw()
        data = calls.create_room(operator, mode, gate, public, title)
        self.send(self.host(host), self.contract, data, PRICE, wait)
        if not wait:
            return 0
        room_id = self.count_rooms()
        self.keys[room_id] = private
        return room_id

    def rekey(self, room_id: int, *, host: int = 0, key: bytes | None = None) -> None:
        private = X25519PrivateKey.generate()
        public = key if key is not None else private.public_key().public_bytes_raw()
        self.send(self.host(host), self.contract, calls.rekey_room(room_id, public))
        self.keys[room_id] = private

    def end_room(self, room_id: int, *, host: int = 0) -> None:
        self.send(self.host(host), self.contract, calls.end_room(room_id))

    def take_down(self, room_id: int) -> None:
        self.send(cast().moderator.address, self.contract, calls.take_down(room_id, 1))

    def count_rooms(self) -> int:
        data = "0x" + view_call("roomCount").hex()
        return int(self.anvil.rpc("eth_call", {"to": self.contract, "data": data}, "latest"), 16)

    def room(self, room_id: int) -> RoomView:
        data = "0x" + view_call("rooms", [room_id]).hex()
        answer = self.anvil.rpc("eth_call", {"to": self.contract, "data": data}, "latest")
        (room,) = decode_rooms(answer)
        return room

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
            self.keys[room_id],
            bytes.fromhex(doc["sealed"]["tag"][2:]),
            bytes.fromhex(doc["uid"]),
            bytes.fromhex(doc["sealed"]["data"][2:]),
        )

    def _sealed(self, room_id: int) -> dict[str, Any] | None:
        doc, tag = self.document(room_id), "0x" + self.room(room_id).tag.hex()
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

    def environment(self, port: int, **more: str) -> dict[str, str]:
        key = self.folder / "operator.key"
        key.write_text("0x" + bytes(cast().operator.key).hex())
        token = self.folder / "token"
        token.write_text(self.standin.token)
        settings = {
            "PYTHONPATH": str(ROOT),
            "CHAIN_ID": "31337",
            "RPC_URLS": f"{self.anvil.url},{self.anvil.ws_url}",
            "CONTRACTS": f"{self.contract}@{self.start_block}",
            "CONFIRMATIONS": "0",
            "FINALITY": "depth:2",
            "POLL_SECONDS": "0.2",
            "MONGODB_URI": self.mongo_uri,
            "MONGODB_DATABASE": self.index_database,
            "ORACLE_DATABASE": self.oracle_database,
            "ORACLE_OPERATOR_ID": "1",
            "ORACLE_PRIVATE_KEY_FILE": str(key),
            "ORACLE_HTTP": f"127.0.0.1:{port}",
            "ORACLE_LEASE_SECONDS": "3",
            "CLOUDFLARE_ACCOUNT_ID": self.standin.account_id,
            "CLOUDFLARE_API_TOKEN_FILE": str(token),
            "CLOUDFLARE_API_BASE": self.standin.api_base,
            "CLOUDFLARE_TIMEOUT_SECONDS": "2",
        }
        return {k: v for k, v in (settings | more).items() if v != ""}

    def start_oracle(self, **more: str) -> OracleProcess:
        """`python -m oracle` with these settings besides; an empty value unsets one."""
        port = free_port()
        child = self.children.start(
            "oracle", [sys.executable, "-m", "oracle"], env=self.environment(port, **more), cwd=ROOT
        )
        process = OracleProcess(child, port)
        wait_until(process.answers, 30, "the oracle has begun")
        return process

    def command(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """`python -m oracle` with a command, as an operator runs it; `more`: settings besides."""
        return subprocess.run(
            [sys.executable, "-m", "oracle", *arguments],
            env={**os.environ, **self.environment(free_port(), **more)},
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def wait_status(self, room_id: int, status: Status, timeout: float = 20) -> RoomView:
        """Wait until the chain says so; anvil mines with every transaction."""

        def there() -> RoomView | None:
            view = self.room(room_id)
            return view if view.status is status else None

        view = wait_until(there, timeout, f"room {room_id} is {status.word}")
        assert view is not None
        return view

    def wait_released(self, room_id: int, timeout: float = 20) -> RoomView:
        """Wait until the oracle has attested that the input is gone, mining towards finality."""

        def there() -> RoomView | None:
            self.anvil.mine()
            view = self.room(room_id)
            return view if view.released else None

        view = wait_until(there, timeout, f"room {room_id} is released")
        assert view is not None
        return view
