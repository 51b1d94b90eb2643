"""compose.yaml without an engine: its services as processes of this machine.

Promises: a service gets the command and the environment that compose.yaml and `.env` give it, its
folder of keys in the place of the mounted one, and ports of its own; `up` starts what does not run
and starts anew what was configured otherwise, as compose does. A service of a profile is started
where COMPOSE_PROFILES names that; other containers than our services are not.
Assumes: the folder holds compose.yaml, `.env` and the keys.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml
from dotenv import dotenv_values

from localnet.ports import free_port
from localnet.process import environment
from localnet.runner import Runner
from localnet.services import LISTENS_AT, ServiceProcess
from tools.image.compose import services_of_the_image


class ComposeHere:
    """The services of the compose.yaml in `folder`. `stand_ins`: settings that a reader has not."""

    def __init__(self, folder: Path, runner: Runner, stand_ins: dict[str, str]) -> None:
        self._folder = folder
        self._runner = runner
        self._stand_ins = stand_ins
        self._ports = {name: free_port() for name in LISTENS_AT}
        self._running: dict[str, tuple[ServiceProcess, dict[str, str]]] = {}

    def url(self, service: str) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self._ports[service]}"

    def up(self, only: str = "") -> str:
        """`docker compose up --detach`."""
        for name in only.split() or self._wanted():
            settings = self.settings(name)
            process, before = self._running.get(name, (None, {}))
            if process is not None and process.returncode is None and before == settings:
                continue
            self.stop(name)
            started = self._runner.service(name, settings, port=self._ports[name], cwd=self._folder)
            self._running[name] = (started, settings)
        return ""

    def stop(self, name: str) -> str:
        """`docker compose stop`."""
        process, _ = self._running.pop(name, (None, {}))
        if process is not None:
            process.stop()
        return ""

    def run(self, name: str, command: str) -> str:
        """`docker compose run`, or `exec`: a command with a service's settings; what it prints."""
        words = command.split()
        assert words[0] == "python"
        env = self.settings(name) | {LISTENS_AT[name]: f"127.0.0.1:{free_port()}"}
        done = subprocess.run(
            [sys.executable, *words[1:]],
            cwd=self._folder, env=environment(env) | {"PYTHONPATH": str(self._folder)},
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def running(self) -> str:
        """`docker compose ps`: every service runs."""
        assert set(self._running) == set(self._wanted())
        for process, _ in self._running.values():
            process.require_alive()
        return "\n".join(self._running)

    def _wanted(self) -> list[str]:
        """Our services that `up` starts."""
        profiles = self._dotenv().get("COMPOSE_PROFILES", "").split(",")
        document = yaml.safe_load((self._folder / "compose.yaml").read_text(encoding="utf-8"))
        return [
            name
            for name in LISTENS_AT
            if set(document["services"][name].get("profiles", profiles)) & set(profiles)
        ]

    def _dotenv(self) -> dict[str, str]:
        values = dotenv_values(self._folder / ".env")
        return {name: value for name, value in values.items() if value is not None}

    def settings(self, name: str) -> dict[str, str]:
        """A service's environment, with its mounted folders where they are here."""
        given = self._dotenv()
        specs = services_of_the_image(self._folder / "compose.yaml", self._folder, given)
        (spec,) = [each for each in specs if each.name == name]
        assert spec.command == ["python", "-m", name]
        found = dict(spec.environment)
        for mount in spec.mounts:
            found = {k: v.replace(mount.target, str(mount.source)) for k, v in found.items()}
        if "PRESENCE_URL" in found:  # compose's own names are known to its engine alone
            found["PRESENCE_URL"] = self.url("presence")
        return found | self._stand_ins
