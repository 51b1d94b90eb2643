"""Where the oracle is measured: a chain, the contract, a database, the indexer, the stand-in.

Everything is the real thing with real settings, but Cloudflare, whose stand-in answers at once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from bench.out import Out
from chain.event_codec import LAYOUTS
from chain.events import RoomProvisioned
from localnet.accounts import cast
from localnet.rooms_on_anvil import TERMS, RoomsOnAnvil
from localnet.runner import Runner
from localnet.services import Service, chain_settings, oracle_settings
from localnet.stream.control import StandIn

START_SECONDS = 60.0
PROVISIONED = next(layout.topic0 for layout in LAYOUTS if layout.type is RoomProvisioned)


class Place:
    """Started and stopped with the `with`."""

    def __init__(self, out: Out, name: str, *, rate: tuple[int, float], more: Mapping[str, str]):
        self._out = out
        self._stop = contextlib.ExitStack()
        self._folder = out.folder / name
        self._folder.mkdir(parents=True)
        self._rate = rate
        self._more = dict(more)
        self.created = 0

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stop.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.close()

    def _start(self) -> None:
        runner = self._stop.enter_context(Runner(self._folder))
        self._node = runner.anvil("--gas-limit", "300000000", "--order", "fifo")
        mongo = runner.mongo(storage=runner.new_folder("data"), sync=True)
        self.standin = self._stop.enter_context(
            StandIn.start(self._folder / "stream", rate=self._rate)
        )
        self._rooms = RoomsOnAnvil.deploy(
            self._node, self.standin.public_base, terms=TERMS._replace(max_open_rooms=5000)
        )
        settings = self._settings(mongo.uri)
        self._service(runner, "indexer", settings)
        self.oracle = self._service(runner, "oracle", settings)

    def _settings(self, mongo: str) -> dict[str, str]:
        return {
            **chain_settings(
                (self._node.url, self._node.ws_url),
                [self._rooms.ref],
                mongo,
                CONFIRMATIONS="0",
                FINALITY="depth:2",
                POLL_SECONDS="0.2",
                LOG_LEVEL="warning",
            ),
            **oracle_settings(
                self._folder,
                key=bytes(cast().operator.key),
                account=self.standin.account_id,
                token=self.standin.token,
                api_base=self.standin.api_base,
            ),
            **self._more,
        }

    def _service(self, runner: Runner, name: str, settings: Mapping[str, str]) -> Service:
        service = runner.service(name, settings)
        service.wait_ready(service.ready, START_SECONDS)
        return service

    # --- the chain ------------------------------------------------------------------------------

    def create_room(self) -> int:
        """Send a creation; the number that the room has, or will have once mined."""
        self._rooms.create_only(b"bench")
        self.created += 1
        return self.created

    def create_at_once(self, count: int) -> None:
        """So many rooms in one block."""
        self._node.rpc("evm_setAutomine", False)
        for _ in range(count):
            self.create_room()
        self._node.mine()
        self._node.rpc("evm_setAutomine", True)

    def provisioned(self) -> int:
        """How many RoomProvisioned there are."""
        return len(self._rooms.logs(PROVISIONED))

    def metrics(self) -> dict[str, float]:
        """The oracle's metrics."""
        return self.oracle.metrics()
