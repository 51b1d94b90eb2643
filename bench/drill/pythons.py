"""The other Pythons that we support: the lock installed, the demo, tests of what differs most."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from bench.drill.demo import run_demo
from bench.drill.drill import Drill
from localnet.process import ROOT

VERSIONS = ("3.12", "3.13")
KEPT = ROOT / "build" / "drill"
"""Where the environments are kept between runs."""
PYENV = Path.home() / ".pyenv" / "versions"
UV = ROOT / ".venv" / "bin" / "uv"
TESTS = (
    "tests/unit/common", "tests/unit/test_settings.py", "tests/contract/scripts/test_command.py",
)  # fmt: skip
TEST_SECONDS = 900.0


def python(drill: Drill) -> None:
    """Python 3.12 and 3.13: the lock installs, the demo's room lives, brownie runs a script."""
    for version in VERSIONS:
        found = find(version)
        if found is None:
            drill.cannot_try(
                f"no Python {version} on this machine: install it, or put python{version} on PATH"
            )
            continue
        drill.say(f"Python {version} is {found}")
        own = _environment(version, found)
        drill.check(f"{version}: requirements.lock installs", own is not None)
        if own is not None:
            _try(drill, version, own)


def find(version: str) -> Path | None:
    """An interpreter that answers: on PATH, else one of pyenv's."""
    on_path = shutil.which(f"python{version}")
    candidates = [Path(on_path)] if on_path else []
    candidates += sorted(PYENV.glob(f"{version}.*/bin/python"))
    for candidate in candidates:
        done = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout.startswith(f"Python {version}."):
            return candidate
    return None


def _environment(version: str, interpreter: Path) -> Path | None:
    """Its Python with everything of the lock; None if that fails."""
    home = KEPT / f"python{version}"
    own = home / "bin" / "python"
    env = {**os.environ, "BROWNIE_NOCOMPILE": "1"}
    steps = [[UV, "pip", "sync", "--quiet", "--python", own, ROOT / "requirements.lock"]]
    if not own.exists():
        steps.insert(0, [UV, "venv", "--quiet", "--python", interpreter, home])
    for step in steps:
        done = subprocess.run([str(word) for word in step], env=env, cwd=ROOT, check=False)
        if done.returncode:
            return None
    return own


def _try(drill: Drill, version: str, own: Path) -> None:
    code, said = run_demo(drill.folder / f"demo-{version}", "--once", python=(str(own),))
    drill.check(f"{version}: one room from creation to release", code == 0, said)
    log = drill.folder / f"tests-{version}.log"
    with log.open("w") as output:
        done = subprocess.run(
            [own, "-m", "pytest", "-q", *TESTS], cwd=ROOT, stdout=output,
            stderr=subprocess.STDOUT, timeout=TEST_SECONDS, check=False,
            env={**os.environ, "PATH": f"{own.parent}:{os.environ['PATH']}"},
        )  # fmt: skip
    last = log.read_text().rstrip().splitlines()[-1:]
    drill.check(
        f"{version}: tests of settings, common and brownie pass", done.returncode == 0, *last
    )
