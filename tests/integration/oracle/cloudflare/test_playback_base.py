"""`python -m scripts.playback_base` against the stand-in: the address, or a sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from localnet.process import ROOT
from localnet.stream.control import StandIn


@pytest.fixture
def token(tmp_path: Path) -> Path:
    """A file for the token."""
    return tmp_path / "token"


def _ask(standin: StandIn, token: Path) -> subprocess.CompletedProcess[str]:
    words = [f"account={standin.account_id}", f"token_file={token}", f"api={standin.api_base}"]
    return subprocess.run(
        [sys.executable, "-m", "scripts.playback_base", *words],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_playback_base__token_that_may_write__is_told_and_nothing_is_left(
    tmp_path: Path, token: Path
) -> None:
    with StandIn.start(tmp_path / "stream") as standin:
        token.write_text(f"{standin.token}\n")
        done = _ask(standin, token)
        assert (done.returncode, done.stdout) == (0, f"{standin.public_base}\n"), done.stderr
        assert standin.control.inputs() == []
        assert len(standin.control.inputs(deleted=True)) == 1

        standin.control.fault("status", method="DELETE", status=503)
        done = _ask(standin, token)
        left = standin.control.inputs()
        assert done.returncode == 1
        assert f"delete the live input {left[0]['uid']} in the dashboard" in done.stderr


def test_playback_base__token_that_is_refused__a_sentence_without_it(
    tmp_path: Path, token: Path
) -> None:
    with StandIn.start(tmp_path / "stream") as standin:
        token.write_text("v1.0-not-a-token-of-this-account")
        done = _ask(standin, token)
        assert (done.returncode, done.stdout) == (1, "")
        assert "Account > Stream > Edit" in done.stderr
        assert "not-a-token" not in done.stderr and "Traceback" not in done.stderr
        token.unlink()
        assert "token_file: there is no such file" in _ask(standin, token).stderr
