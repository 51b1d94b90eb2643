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
BASE = "https://customer-m033z5x00ks6nunl.cloudflarestream.com"


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


def operator_words(chain: Anvil) -> tuple[str, ...]:
    """Account 1 as operator, account 6 as its payee, added by the owner."""
    one, payee = chain.accounts[1], chain.accounts[6]
    return ("from=0", f"account={one}", f"payee={payee}", f"base={BASE}")


@pytest.fixture
def deployed(run: Run) -> str:
    """A deployment by account 0; what the script told."""
    from scripts import deploy

    return run(deploy.main, "from=0", "chain=31337", "yes")
