"""The health check of compose.yaml, as the container engine runs it, at another port."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import yaml

COMPOSE = Path(__file__).resolve().parents[2] / "compose.yaml"


def compose_services() -> dict[str, Any]:
    """What compose.yaml says of each service."""
    services: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    return services


def probe(service: str, port: int, *, patience: float | None = None) -> int:
    """The probe's exit code. `patience`: seconds that it waits for an answer, if not its own."""
    kind, *command, url = compose_services()[service]["healthcheck"]["test"]
    assert kind == "CMD"
    # compose takes `$$` for `$`
    command = [word.replace("$$", "$") for word in command]
    if patience is not None:
        command = [word.replace("-t 25 ", f"-t {patience} ") for word in command]
    own = url.rpartition(":")[2].partition("/")[0]
    done = subprocess.run(
        [*command, url.replace(own, str(port))], capture_output=True, timeout=30, check=False
    )
    return done.returncode
