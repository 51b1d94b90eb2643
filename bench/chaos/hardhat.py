"""The whole road on another kind of node: hardhat from npm in place of anvil.

    python -m bench.chaos.hardhat [--rooms 6]

Indexer, oracle, API, database and stand-in are real. Rooms are created, one is given a new key, the
end of one is undone by a reorg (`evm_revert`), all are ended; at rest contract, MongoDB and
stand-in must agree as after the storm. Exit code 0 if they do.
Assumes: `tools/setup_node.sh bench/hardhat` was run (`make chaos` does).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.chaos.checks import INDEX, ORACLE, Picture, disagreements, provisioned, take_picture
from chain.enums import Status, room_name
from localnet.anvil import LocalNode
from localnet.dev_accounts import cast
from localnet.ports import free_port
from localnet.process import ROOT, Program
from localnet.rooms_on_anvil import RoomsOnAnvil
from localnet.runner import Runner
from localnet.services import ServiceProcess, chain_settings, oracle_settings
from localnet.stream.control import StandIn
from localnet.waiting import wait_until

HOME = ROOT / "bench" / "hardhat"
PATIENCE = 60.0


class HardhatNode(LocalNode, Program):
    """A running `hardhat node`: a block with each transaction, accounts as anvil's."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        command = ["node", str(HOME / "node_modules" / "hardhat" / "internal" / "cli" / "cli.js")]
        command += ["node", "--hostname", "127.0.0.1", "--port", str(port)]
        Program.__init__(self, "hardhat", command, folder / "hardhat.log", cwd=HOME)
        try:
            self.wait_for_output("Started HTTP", 60.0)
        except BaseException:
            Program.kill(self)
            raise
        self._connect(f"http://127.0.0.1:{port}")

    def kill(self) -> int:
        LocalNode.close(self)
        return super().kill()

    def close(self) -> None:
        self.kill()


@dataclass
class Road:
    """One run. `sealed_twice`: rooms whose credentials had to be published a second time."""

    node: LocalNode
    standin: StandIn
    rooms: RoomsOnAnvil
    mongo_uri: str
    api: ServiceProcess
    ids: list[int] = field(default_factory=list)
    sealed_twice: Counter[int] = field(default_factory=Counter)

    def walk(self, count: int) -> list[str]:
        """What is wrong at rest; [] if nothing is. Raises TimeoutError for a step that is late."""
        self.ids = [self.rooms.create(host=n) for n in range(count)]
        self._wait("all rooms are active", lambda: self._all(Status.ACTIVE))
        self._wait("they play", lambda: self._join(self.ids[0]) == 200)
        self.rooms.rekey(self.ids[1], host=1)
        self._sealed_again(self.ids[1], mines=True)
        before = self.node.snapshot()
        self.rooms.end(self.ids[2], host=2)
        self._wait("its input is disabled", lambda: not all(self._switches()))
        self.node.revert(before)
        self.node.mine(3)
        self._wait("its input is enabled again", lambda: all(self._switches()))
        self._sealed_again(self.ids[2], mines=False)
        for host, room in enumerate(self.ids):
            self.rooms.end(room, host=host)
        self._wait("all are released", self._released)
        self._wait("nobody can join", lambda: self._join(self.ids[0]) == 410)
        wrong: list[str] = []

        def at_rest() -> bool:
            self.node.mine()
            wrong[:] = disagreements(self._picture())
            return not wrong

        try:
            self._wait("contract, index and stand-in agree", at_rest)
        except TimeoutError:
            return wrong
        return []

    def _sealed_again(self, room: int, *, mines: bool) -> None:
        self.sealed_twice[room] += 1

        def published() -> bool:
            if mines:  # a new key waits for finality
                self.node.mine()
            return provisioned(self.rooms)[room] == 1 + self.sealed_twice[room]

        self._wait(f"credentials of {room_name(room)} are sealed anew", published)

    def _wait(self, what: str, holds: Any) -> None:
        wait_until(holds, PATIENCE, what)

    def _all(self, status: Status) -> bool:
        return all(view.status is status for view in self.rooms.rooms(self.ids))

    def _released(self) -> bool:
        self.node.mine()
        return all(view.released for view in self.rooms.rooms(self.ids))

    def _join(self, room: int) -> int:
        return self.api.get(f"/api/livestream/join?room_id={room_name(room)}").status_code

    def _switches(self) -> list[bool]:
        return [live["enabled"] for live in self.standin.control.inputs()]

    def _picture(self) -> Picture:
        control = self.standin.control
        return take_picture(self.rooms, control, self.mongo_uri, self.ids, self.sealed_twice)


def travel(folder: Path, count: int) -> list[str]:
    """What is wrong at the end of a road of its own; [] if nothing is."""
    with Runner(folder) as run, StandIn.start(folder / "stream") as standin:
        node = run.keep(HardhatNode(run.new_folder("hardhat")))
        rooms, mongo = RoomsOnAnvil.deploy(node, standin.public_base), run.mongo()
        settings = chain_settings(
            (node.url, node.ws_url), [rooms.ref], mongo.uri, CONFIRMATIONS="0", FINALITY="depth:2",
            POLL_SECONDS="0.2", MONGODB_DATABASE=INDEX, ORACLE_DATABASE=ORACLE,
        )  # fmt: skip
        operator = oracle_settings(
            folder / "operator", key=bytes(cast().operator.key), account=standin.account_id,
            token=standin.token, api_base=standin.api_base,
        )  # fmt: skip
        run.service("indexer", settings)
        run.service("oracle", settings | operator)
        api = run.service("api", settings)
        wait_until(api.answers, PATIENCE, "the API answers")
        return Road(node, standin, rooms, mongo.uri, api).walk(count)


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos.hardhat", description=__doc__)
    parser.add_argument("--rooms", type=int, default=6, help="3 to 10")
    arguments = parser.parse_args()
    wrong = travel(Path(tempfile.mkdtemp(prefix="hardhat-")), arguments.rooms)
    for line in wrong:
        print(f"  [hardhat] WRONG: {line}")
    print("  [hardhat] all agree" if not wrong else "  [hardhat] the road does not hold")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
