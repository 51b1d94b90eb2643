"""The image: what the Dockerfile copies is there, is let through, and is all that services need."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
SERVICES = ("indexer", "oracle", "api")
SECRETS = (".env", ".git", "keys/operator.json", "dapp/.env.local", ".localnet/deployment.json")


def _copied() -> list[str]:
    """The sources of the Dockerfile's COPY lines that come from the repository."""
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copies = [line.split()[1:] for line in lines if line.startswith("COPY ")]
    return [source for words in copies if words[0][:2] != "--" for source in words[:-1]]


def _let_through(path: str) -> bool:
    """By the rules of .dockerignore: the last line that fits decides."""
    through = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        rule = line.removeprefix("!")
        pattern = re.escape(rule).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
        if re.fullmatch(f"{pattern}(/.*)?", path):
            through = line.startswith("!")
    return through


def test_dockerfile__every_source__exists_and_is_let_through() -> None:
    sources = _copied()
    assert {*SERVICES, "common", "chain"} <= set(sources)
    assert [s for s in sources if not (ROOT / s).exists() or not _let_through(s)] == []


def test_dockerignore__secrets_and_what_was_built_here__stay_out() -> None:
    built = (
        "dapp/node_modules/x",
        "dapp/dist/index.html",
        ".venv/bin/python",
        "oracle/__pycache__/x",
    )
    assert [path for path in (*SECRETS, *built) if _let_through(path)] == []


def test_compose__each_service__runs_and_is_looked_after() -> None:
    compose: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    assert set(compose["services"]) == set(SERVICES)
    for name, service in compose["services"].items():
        assert service["command"] == f"python -m {name}"
        assert service["restart"] == "unless-stopped" and service["read_only"]
        (port,) = re.findall(r":(\d+)$", next(iter(service["environment"].values())))
        assert f"127.0.0.1:{port}/healthz" in service["healthcheck"]["test"][-1]
    keys = [name for name, service in compose["services"].items() if "volumes" in service]
    assert keys == ["oracle"], "the keys are the oracle's alone"
