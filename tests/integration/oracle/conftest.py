"""A world for the oracle: chain, contract, database, index and stand-in of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localnet.anvil import Anvil
from localnet.mongo import MongoServer
from localnet.runner import Runner
from localnet.stream.control import StandIn
from tests.support.oracle.oracle_stack import OracleStack


@pytest.fixture
def chain_options() -> tuple[str, ...]:
    """What anvil is started with; a test may parametrize it."""
    return ()


@pytest.fixture
def world(
    anvil_factory: Callable[..., Anvil],
    mongo: MongoServer,
    mongo_database_names: Callable[[], str],
    children: Runner,
    tmp_path: Path,
    chain_options: tuple[str, ...],
) -> Iterator[OracleStack]:
    """Everything but the oracle; `world.start_oracle()` starts that."""
    with StandIn.start(tmp_path / "stream") as standin:
        world = OracleStack(
            anvil_factory(*chain_options),
            mongo.uri,
            standin,
            children,
            tmp_path,
            mongo_database_names,
        )
        try:
            world.deploy()
            yield world
        finally:
            world.close()
