"""Everything that a running system is made of, started and stopped by one owner.

Promises: each program has a folder of its own; leaving the `with` stops them all, whatever
happened.
Assumes: `make setup` was run.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localnet.anvil import Anvil
from localnet.mongo import MongoServer
from localnet.process import Program, Programs
from localnet.services import ServiceProcess, given


class Runner(Programs):
    """Starts chains, databases and services, beside plain programs."""

    def anvil(
        self, *options: str, port: int = 0, name: str = "anvil", start: float = 20.0
    ) -> Anvil:
        """A chain; see `Anvil`."""
        return self.keep(Anvil(self.new_folder(name), *options, port=port, start=start))

    def mongo(
        self,
        *,
        storage: Path | None = None,
        sync: bool = False,
        auth: bool = False,
        port: int = 0,
        name: str = "mongo",
    ) -> MongoServer:
        """A database server; see `MongoServer`."""
        folder = self.new_folder(name)
        return self.keep(MongoServer(folder, storage=storage, sync=sync, auth=auth, port=port))

    def service(self, name: str, settings: Mapping[str, str], **more: Any) -> ServiceProcess:
        """The indexer, the oracle or the API, not waited for; see `ServiceProcess`."""
        log = self.new_folder(name) / f"{name}.log"
        return self.keep(ServiceProcess(name, log, settings, **more))

    def command(self, name: str, settings: Mapping[str, str], *arguments: str) -> Program:
        """`python -m <service> <command>`, as an operator runs it; not waited for."""
        return self.start(
            f"{name}-command", [sys.executable, "-m", name, *arguments], given(settings)
        )
