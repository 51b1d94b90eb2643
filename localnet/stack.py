"""The whole system, started in order, watched and stopped.

Promises: `start` returns when every part is ready, or raises with the reason in words and leaves
nothing running. A second start goes on where the first stopped. `require_alive` raises when a part
has ended by itself. `stop` leaves no process and no open port.
Assumes: one stack a state directory (`StackState` sees to it).
On restart: if the kept chain does not continue the index (anvil was killed and lost its last
blocks), it says so and offers to start over.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pymongo
from pymongo.errors import PyMongoError

from chain.hexes import to_bytes
from localnet import stack_programs
from localnet.anvil import LocalNode
from localnet.deploy import TERMS, deploy, make_playback_key
from localnet.loopback import client
from localnet.process import ROOT, Program
from localnet.rooms_on_anvil import RoomsOnAnvil
from localnet.services import ServiceProcess
from localnet.stack_programs import Pace
from localnet.stack_state import StackState, StackStateError
from localnet.stream.control import StandInControl

# Stopped in this order; the programs of one line at the same time.
STOP_ORDER = (("api", "presence", "playback", "oracle", "indexer"), ("stream", "mongo"), ("anvil",))
READY_SECONDS = 60.0
Told = Callable[[str, str], None]


class Stack:
    """A running local stack on `state`."""

    def __init__(
        self, state: StackState, pace: Pace | None = None, tell: Told = lambda *_: None
    ) -> None:
        """`tell(name, what)` is called as each part gets ready."""
        self.state = state
        self.pace = pace or Pace()
        self.node = LocalNode(state.url("anvil"))
        self._tell = tell
        self._running: dict[str, Program] = {}

    @property
    def deployment(self) -> dict[str, Any]:
        """address, block, operator_id, cloudflare_account_id ..."""
        return self.state.read("deployment") or {}

    def stream_control(self) -> StandInControl:
        """The stand-in's own controls, for the caller to close; it need not listen yet."""
        token = self.state.path("stream", "control-token").read_text().strip()
        return StandInControl(self.state.url("stream"), token)

    @property
    def rooms(self) -> RoomsOnAnvil:
        """The contract, to be driven."""
        kept = self.deployment
        return RoomsOnAnvil(self.node, kept["address"], kept["block"], TERMS)

    def start(self) -> None:
        """Start every part. Raises `ProgramError` or `StackStateError`, and nothing is left
        running."""
        try:
            self.start_surroundings()
            for service in [self.launch_service(name) for name in stack_programs.SERVICES]:
                self._await_service(service)
        except BaseException:
            self.stop()
            raise

    def start_surroundings(self) -> None:
        """Start what the services need: the chain with the contract, the database, the stand-in.

        Raises as `start`; what runs then is the caller's to stop.
        """
        kept = self.state.read("chain") is not None
        # What does not need each other starts at the same time.
        for name in stack_programs.COMMANDS:
            if not (name == "mongo" and os.environ.get(stack_programs.OTHER_DATABASE)):
                self.launch(name)
        self._await_chain(kept)
        self._await_database()
        self._await_stream()
        self._deploy()
        make_playback_key(self.state)
        self._check_index()

    def start_service(self, name: str) -> None:
        """Start (again) one of `SERVICES`, and wait until it is ready."""
        self._await_service(self.launch_service(name))

    def launch_service(self, name: str, **more: str) -> ServiceProcess:
        """Start (again) a service without waiting until it is ready; `more`: settings besides."""
        settings = stack_programs.service_settings(name, self.state, self.pace) | more
        port = self.state.ports[name]
        service = ServiceProcess(
            name, self._log(name), settings, port=port, orphaned=signal.SIGTERM
        )
        self._running[name] = service
        return service

    def launch(self, name: str) -> Program:
        """Start (again) one of anvil, mongo and stream without waiting until it is ready."""
        argv = stack_programs.COMMANDS[name](self.state, self.pace)
        # should we die, the chain has a state to write
        program = Program(name, argv, self._log(name), orphaned=signal.SIGTERM)
        self._running[name] = program
        return program

    def _log(self, name: str) -> Path:
        return self.state.path("logs", f"{name}.log")

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

    def _await_service(self, service: ServiceProcess) -> None:
        service.wait_ready(service.ready, READY_SECONDS)
        self._tell(service.name, service.url)

    def _await_chain(self, kept: bool) -> None:
        self._running["anvil"].wait_ready(self.node.ready, READY_SECONDS)
        if kept:
            # Of the blocks before this start only the last one's state is kept, and the services
            # ask at the finalized block: let that be one of this run.
            self.node.mine(2 * self.pace.epoch_slots + 1)
        self._tell("anvil", f"{self.state.url('anvil')}, block {self.node.block_number()}")

    def _await_database(self) -> None:
        if "mongo" not in self._running:
            self._tell("mongo", f"the one named by {stack_programs.OTHER_DATABASE}")
            return
        self._running["mongo"].wait_ready(self._database_answers, READY_SECONDS)
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
            stack_programs.mongodb_uri(self.state), serverSelectionTimeoutMS=1000, tz_aware=True
        )

    def _await_stream(self) -> None:
        endpoint = self.state.path("stream", "endpoint.json")

        def listens() -> bool:
            return endpoint.exists() and self._stream_answers()

        self._running["stream"].wait_ready(listens, READY_SECONDS)
        self._tell("stream", self.state.url("stream"))

    def _stream_answers(self) -> bool:
        try:
            with client(self.state.url("stream"), timeout=5.0) as http:
                http.get("/client/v4")
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
            raise StackStateError(f"{path} is damaged: start over with FRESH=1")
        if not to_bytes(self.node.rpc("eth_getCode", kept["address"], "latest")):
            raise StackStateError(
                f"the saved chain no longer has the contract {kept['address']} (it was killed "
                "before it saved its state): start over with FRESH=1"
            )
        self._tell("contract", f"{kept['address']}, from an earlier run")

    def _check_index(self) -> None:
        """Whether the kept chain still holds the block that the index stands on."""
        with self._client() as client:
            checkpoint = client["livestream"]["checkpoint"].find_one(
                {"_id": self.deployment["address"].lower()}
            )
        if checkpoint is None or checkpoint.get("block") is None:
            return
        number = int(checkpoint["block"])
        block = self.node.rpc("eth_getBlockByNumber", hex(number), False)
        if block is None or block["hash"] != checkpoint.get("block_hash"):
            raise StackStateError(
                f"the saved chain does not have block {number} of the index (it was killed before "
                "it saved its state): start over with FRESH=1"
            )


def default_directory() -> Path:
    """Where the demo keeps its state."""
    return ROOT / ".localnet"
