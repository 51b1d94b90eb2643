"""The brownie scripts, called as `brownie run` calls them, on the session's chain.

Each test starts from the same empty chain and has a deployments folder of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localnet.anvil import Anvil
from scripts.support import deployment_records

Run = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where records go."""
    monkeypatch.setattr(deployment_records, "FOLDER", tmp_path / "deployments")
    return tmp_path / "deployments"


@pytest.fixture
def chain(project: Any, isolated: None, brownie_chain: Anvil, folder: Path) -> Anvil:
    """brownie's chain, as it was afterwards."""
    return brownie_chain


@pytest.fixture
def run(chain: Anvil, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run(function, word, ...)`: what it printed."""

    def call(function: Callable[..., None], *words: str) -> str:
        capsys.readouterr()
        function(*words)
        return capsys.readouterr().out

    return call


@pytest.fixture
def deployed(run: Run) -> str:
    """A deployment by account 0; what the script told."""
    from scripts import deploy

    return run(deploy.main, "from=0", "chain=31337", "yes")
