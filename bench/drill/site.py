"""A small installation: chain, contract, database, Cloudflare stand-in, and services on top.

Promises: services get an operator's settings, defaults wherever there is one; leaving the `with`
stops everything. `check_at_rest` holds contract, index and stand-in against each other (I1 to I5,
`bench.chaos.checks`).
Assumes: used from the main thread; `Hosts` and `Readers` are threads beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import pymongo

from bench.chaos.checks import PROVISIONED, disagreements, leaks, take_picture
from bench.drill.drill import Drill, within
from chain.event_codec import LAYOUTS
from chain.events import RoomCreated
from chain.hexes import to_int
from localnet.dev_accounts import cast
from localnet.process import Program
from localnet.rooms_on_anvil import RoomsOnAnvil
from localnet.runner import Runner
from localnet.services import ServiceProcess, chain_settings, oracle_settings
from localnet.stream.control import StandIn, StandInError

BLOCK_SECONDS = 0.5
READY_SECONDS = 60.0
REST_SECONDS = 120.0
STOP_SECONDS = 30.0
SERVICES = ("indexer", "oracle", "api")
CREATED = next(layout.topic0 for layout in LAYOUTS if layout.type is RoomCreated)


class Site:
    """See the module. `services`: those running, by the name that they were started under."""

    def __init__(
        self, drill: Drill, *, folder: Path | None = None, storage: Path | None = None
    ) -> None:
        """`folder`: for its files, else the drill's. `storage`: where the database keeps its files,
        else in memory."""
        self.drill = drill
        self.folder = folder or drill.folder
        self.services: dict[str, ServiceProcess] = {}
        with ExitStack() as stack:
            self.run = stack.enter_context(Runner(self.folder))
            pace = ("--block-time", str(BLOCK_SECONDS), "--slots-in-an-epoch", "2")
            self.node = self.run.anvil(*pace)
            self._storage = storage
            self.mongo = self.run.mongo(storage=storage, sync=storage is not None)
            self.standin = stack.enter_context(StandIn.start(self.folder / "stream"))
            self.rooms = RoomsOnAnvil.deploy(self.node, self.standin.public_base)
            self._stack = stack.pop_all()
        self.mongo_uri = self.mongo.uri
        drill.say("chain, database, stand-in and contract are up")

    def settings(self, name: str) -> dict[str, str]:
        """A service's, as an operator would give them."""
        shared = chain_settings(
            (self.node.url, self.node.ws_url), [self.rooms.ref], self.mongo_uri, CONFIRMATIONS="1"
        )
        if name != "oracle":
            return shared
        return shared | oracle_settings(
            self.folder / "operator", key=bytes(cast().operator.key),
            account=self.standin.account_id, token=self.standin.token,
            api_base=self.standin.api_base,
        )  # fmt: skip

    def restart_mongo(self) -> None:
        """The database again, on the same files and port."""
        self.mongo.kill()
        self.mongo = self.run.mongo(storage=self._storage, sync=True, port=self.mongo.port)

    def launch(
        self, name: str, label: str = "", settings: Mapping[str, str] | None = None, *,
        log: Path | None = None, program: Mapping[str, Any] | None = None,
    ) -> ServiceProcess:  # fmt: skip
        """Start a service, known as `label`, without waiting. `settings`: besides ours; `program`:
        as `ServiceProcess` takes them."""
        label = label or name
        log = log or self.run.new_folder(label) / f"{label}.log"
        given = self.settings(name) | dict(settings or {})
        service = ServiceProcess(name, log, given, **(program or {}))
        self.services[label] = self.run.keep(service)
        return service

    def start(
        self, name: str, label: str = "", settings: Mapping[str, str] | None = None, **more: Any
    ) -> ServiceProcess:
        """The same, and wait until it is ready."""
        service = self.launch(name, label, settings, **more)
        service.wait_ready(service.ready, READY_SECONDS)
        return service

    def start_all(self, settings: Mapping[str, str] | None = None, **more: Any) -> None:
        """Indexer, oracle and API, ready."""
        for name in SERVICES:
            self.launch(name, settings=settings, **more)
        for name in SERVICES:
            self.wait_ready(name)
        self.drill.say("indexer, oracle and API are ready")

    def wait_ready(self, label: str, seconds: float = READY_SECONDS) -> None:
        service = self.services[label]
        service.wait_ready(service.ready, seconds)

    def stop(self, label: str) -> int:
        """SIGTERM, as an operator stops it; the exit code."""
        return self.services.pop(label).stop(STOP_SECONDS)

    def command(self, name: str, *arguments: str, seconds: float = 60.0) -> Program:
        """`python -m <service> <command>` to its end."""
        done = self.run.command(name, self.settings(name), *arguments)
        done.wait(seconds)
        return done

    # --- at rest ----------------------------------------------------------------------------------

    def check_at_rest(self, numbers: Iterable[int], account: str = "") -> None:
        """Note whether I1 to I5 come to hold for the rooms `numbers`, all there are. `account`: as
        `take_picture` takes it."""
        rooms = sorted(numbers)
        wrong = ["nothing was seen"]

        def agree() -> bool:
            try:
                picture = take_picture(
                    self.rooms, self.standin.control, self.mongo_uri, rooms, account=account
                )
            except (httpx.HTTPError, pymongo.errors.PyMongoError, StandInError) as error:
                wrong[:] = [f"{type(error).__name__}: {error}"]
                return False
            wrong[:] = disagreements(picture)
            return not wrong

        within(REST_SECONDS, agree)
        if not wrong:
            wrong += self._leaks()
        figure = f"{len(rooms)} rooms, slowest live input after {self.slowest():.0f} s"
        self.drill.check(
            "at rest contract, index and Cloudflare agree, no secret is in clear (I1 to I5)",
            not wrong, "; ".join(wrong) or figure,
        )  # fmt: skip

    def _leaks(self) -> list[str]:
        secrets = [secret["value"] for secret in self.standin.control.secrets()]
        logs = [service.log for service in self.services.values()]
        urls = {name: service.url for name, service in self.services.items()}
        return leaks(secrets, logs, self.node, self.mongo_uri, urls)

    def slowest(self) -> float:
        """The longest time from a room's creation to its live input, by the chain's clock."""
        made = self._first_blocks(CREATED)
        served = self._first_blocks(PROVISIONED)
        return max((BLOCK_SECONDS * (served[n] - made[n]) for n in served), default=0.0)

    def _first_blocks(self, topic: str) -> dict[int, int]:
        logs = reversed(self.rooms.logs(topic))
        return {to_int(log["topics"][2]): to_int(log["blockNumber"]) for log in logs}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()


def lines_with(service: Program, *levels: str) -> Sequence[str]:
    """Log lines of these levels, and tracebacks."""
    marks = [f'"level": "{level}"' for level in levels] + ["Traceback"]
    return [line for line in service.output().splitlines() if any(mark in line for mark in marks)]
