"""The whole system, started in order, watched and stopped.

Promises: `start` returns when every part is ready, or raises with the reason in words and leaves
nothing running. A second start goes on where the first stopped. `require_alive` raises when a part
has ended by itself. `stop` leaves no process and no open port.
Assumes: one stack a state directory (`State` sees to it).
On restart: if the kept chain does not continue the index (anvil was killed and lost its last
blocks), it says so and offers to start over.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pymongo
from pymongo.errors import PyMongoError

from chain.identity import code_of
from localnet import programs
from localnet.deploy import deploy
from localnet.node import Node
from localnet.process import Program
from localnet.programs import Command, Pace
from localnet.state import State, StateError

# Stopped in this order; the programs of one line at the same time.
STOP_ORDER = (("api", "oracle", "indexer"), ("stream", "mongo"), ("anvil",))
READY_SECONDS = 60.0
Told = Callable[[str, str], None]


class Stack:
    """A running local stack on `state`."""

    def __init__(
        self, state: State, pace: Pace | None = None, tell: Told = lambda *_: None
    ) -> None:
        """`tell(name, what)` is called as each part gets ready."""
        self.state = state
        self.pace = pace or Pace()
        self.node = Node(state.url("anvil"))
        self._tell = tell
        self._running: dict[str, Program] = {}

    @property
    def deployment(self) -> dict[str, Any]:
        """address, block, operator_id, cloudflare_account_id ..."""
        return self.state.read("deployment") or {}

    def start(self) -> None:
        """Start every part. Raises `ProgramError` or `StateError`, and nothing is left running."""
        try:
            self._start_chain()
            self._start_database()
            self._start_stream()
            self._deploy()
            self._check_index()
            for name in ("indexer", "oracle", "api"):
                self.start_service(name)
        except BaseException:
            self.stop()
            raise

    def start_service(self, name: str) -> None:
        """Start (again) one of indexer, oracle and API, and wait until it is ready."""
        command: Command = getattr(programs, name)(self.state, self.pace)
        program = self._launch(name, command)
        program.wait_ready(lambda: self.is_ready(name), READY_SECONDS)
        self._tell(name, self.state.url(name))

    def start_backing(self, name: str) -> None:
        """Start (again) one of anvil, mongo and stream, and wait until it is ready."""
        {
            "anvil": self._start_chain,
            "mongo": self._start_database,
            "stream": self._start_stream,
        }[name]()

    def is_ready(self, name: str) -> bool:
        """What /readyz of a service says. Raises OSError while it does not answer."""
        try:
            answer = httpx.get(self.state.url(name) + "/readyz", timeout=5.0, trust_env=False)
        except httpx.HTTPError as error:
            raise ConnectionError(str(error)) from None
        return answer.status_code == 200

    def program(self, name: str) -> Program:
        """A running part."""
        return self._running[name]

    def require_alive(self) -> None:
        """Raise `ProgramError` if a part has ended by itself."""
        for program in self._running.values():
            program.require_alive()

    def stop_one(self, name: str) -> None:
        """Stop one part."""
        self._running.pop(name).stop()

    def stop(self) -> None:
        """Stop every part, services first, the chain last."""
        for names in STOP_ORDER:
            leaving = [self._running.pop(name) for name in names if name in self._running]
            for program in leaving:
                program.ask_to_stop()
            for program in leaving:
                program.stop()
        self.node.close()

    def _launch(self, name: str, command: Command) -> Program:
        log = self.state.path("logs", f"{name}.log")
        program = Program(name, command.argv, log, command.env, programs.ROOT)
        self._running[name] = program
        return program

    def _start_chain(self) -> None:
        kept = self.state.read("chain") is not None
        program = self._launch("anvil", programs.anvil(self.state, self.pace))
        program.wait_ready(self.node.ready, READY_SECONDS)
        if kept:
            # Of the blocks before this start only the last one's state is kept, and the services
            # ask at the finalized block: let that be one of this run.
            for _ in range(2 * self.pace.epoch_slots + 1):
                self.node.call("evm_mine")
        self._tell("anvil", f"{self.state.url('anvil')}, block {self.node.block_number()}")

    def _start_database(self) -> None:
        if os.environ.get("DEMO_MONGODB_URI"):
            self._tell("mongo", "the one named by DEMO_MONGODB_URI")
            return
        program = self._launch("mongo", programs.mongo(self.state))
        program.wait_ready(self._database_answers, READY_SECONDS)
        self._tell("mongo", self.state.url("mongo", "mongodb"))

    def _database_answers(self) -> bool:
        try:
            with self._client() as client:
                client.admin.command("ping")
        except PyMongoError as error:
            raise ConnectionError(str(error)) from None
        return True

    def _client(self) -> pymongo.MongoClient[dict[str, Any]]:
        return pymongo.MongoClient(
            programs.mongodb_uri(self.state), serverSelectionTimeoutMS=1000, tz_aware=True
        )

    def _start_stream(self) -> None:
        program = self._launch("stream", programs.stream(self.state))
        endpoint = self.state.path("stream", "endpoint.json")

        def listens() -> bool:
            return endpoint.exists() and self._stream_answers()

        program.wait_ready(listens, READY_SECONDS)
        self._tell("stream", self.state.url("stream"))

    def _stream_answers(self) -> bool:
        try:
            httpx.get(self.state.url("stream") + "/client/v4", timeout=5.0, trust_env=False)
        except httpx.HTTPError as error:
            raise ConnectionError(str(error)) from None
        return True

    def _deploy(self) -> None:
        kept = self.state.read("deployment")
        if kept is None:
            document = deploy(self.state, self.node)
            self.state.write("deployment", document)
            self._tell("contract", f"{document['address']}, deployed in block {document['block']}")
            return
        if "address" not in kept or "operator_id" not in kept:
            path = self.state.path("deployment.json")
            raise StateError(f"{path} is damaged: start over with FRESH=1")
        if not code_of(self.node.call("eth_getCode", kept["address"], "latest")):
            raise StateError(
                f"the kept chain no longer holds the contract {kept['address']} (it was killed "
                "before it could save its state): start over with FRESH=1"
            )
        self._tell("contract", f"{kept['address']}, kept from before")

    def _check_index(self) -> None:
        """Whether the kept chain still holds the block that the index stands on."""
        with self._client() as client:
            checkpoint = client["livestream"]["checkpoint"].find_one(
                {"_id": self.deployment["address"].lower()}
            )
        if checkpoint is None or checkpoint.get("block") is None:
            return
        number = int(checkpoint["block"])
        block = self.node.call("eth_getBlockByNumber", hex(number), False)
        if block is None or block["hash"] != checkpoint.get("block_hash"):
            raise StateError(
                f"the kept chain ends before, or differs from, block {number} that the index "
                "stands on (the chain was killed before it could save its state): start over "
                "with FRESH=1"
            )


def default_directory() -> Path:
    """Where the demo keeps its state."""
    return programs.ROOT / ".localnet"
