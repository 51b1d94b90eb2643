"""Where the API is measured: a chain, the contract, a database, the real indexer, and the API."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Any

import httpx

from bench.api.hosts import TERMS
from common.settings.model import ApiSettings
from localnet.process import Program
from localnet.rooms_on_anvil import RoomsOnAnvil
from localnet.runner import Runner
from localnet.services import ServiceProcess, api_rate_limits, chain_settings

DATABASE = "bench"
NO_LIMIT = "100000000/minute"


class ApiBench:
    """Started by `with`; `api()` starts the API on it. `sync`: the database syncs each write."""

    def __init__(self, folder: Path, *, sync: bool = True) -> None:
        self.runner = Runner(folder)
        self._sync = sync
        self._writer: Program | None = None

    def __enter__(self) -> ApiBench:
        with contextlib.ExitStack() as undo:
            undo.enter_context(self.runner)
            self.node = self.runner.anvil()
            self.mongo = self.runner.mongo(
                storage=self.runner.new_folder("data"), sync=self._sync
            ).uri
            self.rooms = RoomsOnAnvil.deploy(self.node, terms=TERMS)
            undo.pop_all()
        return self

    def __exit__(self, *error: Any) -> None:
        self.runner.stop()

    # --- services ------------------------------------------------------------------------------

    def settings(self) -> dict[str, str]:
        return chain_settings(
            (self.node.url, self.node.ws_url),
            [self.rooms.ref],
            self.mongo,
            MONGODB_DATABASE=DATABASE,
            FINALITY="depth:64",
            LOG_LEVEL="warning",
        )

    def indexer(self) -> ServiceProcess:
        indexer = self.runner.service("indexer", self.settings())
        indexer.wait_ready(indexer.ready, 60.0)
        return indexer

    def api(self, **more: str) -> tuple[ServiceProcess, int]:
        """The API and its port, without limits."""
        settings = {
            **self.settings(),
            "API_WORKERS": "2",
            **api_rate_limits(NO_LIMIT),
            "API_CONNECTIONS_PER_CLIENT": "20000",
            "API_STREAM_LISTENERS": "20000",
            "API_STREAM_LISTENERS_PER_CLIENT": "20000",
            "API_CONNECTIONS": "20000",
            **more,
        }
        return self._serve(settings, int(settings["API_WORKERS"]))

    def api_as_installed(self) -> tuple[ServiceProcess, int]:
        """The API and its port, with every limit as it is where nobody sets it."""
        return self._serve(self.settings(), int(ApiSettings.model_fields["api_workers"].default))

    def _serve(self, settings: dict[str, str], workers: int) -> tuple[ServiceProcess, int]:
        api = self.runner.service("api", settings, module="bench.api_serve")
        api.wait_ready(api.answers, 60.0)
        _wait_for_workers(api, workers)
        return api, api.port

    # --- the indexer writes --------------------------------------------------------------------

    def start_writing(self, per_second: float) -> None:
        """Go on creating rooms, and now and then renaming the first one, in another process.
        `rooms` must rest meanwhile."""
        command = [sys.executable, "-m", "bench.api.hosts", self.node.url, self.rooms.address]
        self._writer = self.runner.start("writer", [*command, str(per_second)])
        began = self.node.block_number()
        self._writer.wait_ready(lambda: self.node.block_number() > began, 30.0)

    def stop_writing(self) -> None:
        """Raises `ProgramError` if it broke off before."""
        if self._writer is not None:
            self._writer.require_alive()
            self._writer.stop()
            self._writer = None


def _wait_for_workers(api: ServiceProcess, count: int) -> None:
    """Until each of them has answered: the first one up would get every connection."""
    with contextlib.ExitStack() as connections:
        found: set[str] = set()

        def all_there() -> bool:
            client = httpx.Client(base_url=api.url, trust_env=False)
            connections.enter_context(client)  # stays open: the next one goes to another worker
            found.add(client.get("/worker").text)
            return len(found) == count

        api.wait_ready(all_there, 60.0)
