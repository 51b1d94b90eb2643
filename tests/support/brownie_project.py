"""brownie as a library: this project loaded, connected to an anvil of ours.

brownie's pytest plugin stays off everywhere (it takes any folder with scripts for a project and
connects to 127.0.0.1:8545). Assumes one brownie project a process: brownie itself is a singleton.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from localnet.anvil import Anvil
from tools.compiler import compiling

ROOT = Path(__file__).resolve().parents[2]

# What brownie needs of anvil: traces for dev strings and coverage, no fee unless a test names one.
ANVIL_OPTIONS = ("--steps-tracing", "--gas-limit", "30000000", "--block-base-fee-per-gas", "0")


@contextmanager
def _environment(home: Path) -> Iterator[None]:
    """brownie's settings folder is made in HOME at import: give it one of ours, not the user's."""
    before = {name: os.environ.get(name) for name in ("HOME", "SOLCX_BINARY_PATH")}
    os.environ["HOME"] = str(home)
    os.environ["SOLCX_BINARY_PATH"] = str(ROOT / "tools" / "solc-bin")
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def brownie_project(chain: Anvil, home: Path) -> Iterator[Any]:
    """The loaded project (compiled if the sources changed), `brownie.network` connected to `chain`.

    The project's containers deploy and wrap contracts: `project.LivestreamRooms.deploy(...)`.
    """
    with _environment(home), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its imports warn of deprecations of their own
        import psutil
        from brownie import network, project
        from brownie._config import CONFIG
        from brownie.network import rpc
        from brownie.network.rpc import anvil as anvil_backend

        with compiling(ROOT / "build"):
            loaded = project.load(str(ROOT), "LivestreamRoomsProject")
        CONFIG.networks["development"]["cmd_settings"]["port"] = chain.port
        network.connect("development", launch_rpc=False)
        # What Rpc.attach does; it does not know anvil and would speak ganache's dialect.
        rpc.process, rpc.backend = psutil.Process(chain.pid), anvil_backend
        network.web3.reset_middlewares()
        network.chain._network_connected()
    try:
        yield loaded
    finally:
        network.disconnect(kill_rpc=False)
        loaded.close()
