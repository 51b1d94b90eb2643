"""Fixtures of the contract tests: this project in brownie, on a chain of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from localnet.anvil import Anvil
from tests.support.brownie_project import ANVIL_OPTIONS, brownie_project


@pytest.fixture(scope="session")
def brownie_chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anvil]:
    """The anvil that brownie talks to, with traces."""
    with Anvil(tmp_path_factory.mktemp("brownie-anvil"), *ANVIL_OPTIONS) as chain:
        yield chain


@pytest.fixture(scope="session")
def project(brownie_chain: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The loaded brownie project, connected: `project.LivestreamRooms.deploy(..., {"from": a})`."""
    with brownie_project(brownie_chain, tmp_path_factory.mktemp("brownie-home")) as loaded:
        yield loaded


@pytest.fixture
def isolated(project: Any) -> Iterator[None]:
    """What the test does to the chain is undone after it."""
    from brownie import chain

    chain.snapshot()
    yield
    chain.revert()
