"""A service in a container, by runc, the OCI runtime that container engines use.

Promises: the container ends with its `with`, and with us. `end` asks with SIGTERM and tells how
long it took and the exit code.
Assumes: root; the root file system is not written to, or nobody else uses it.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from localnet.process import Program
from tools.image.bundle import runtime_config
from tools.image.compose import ContainerSpec

RUNTIME = "runc"


class ContainerEnd(NamedTuple):
    """How a container ended."""

    seconds: float
    code: int


class ContainerUsage(NamedTuple):
    """What a container has used: of the processors, and of memory now."""

    cpu_seconds: float
    megabytes: float


class Container(Program):
    """A running container of `spec`; its output goes to `<folder>/<name>.log`."""

    def __init__(
        self,
        spec: ContainerSpec,
        image: Mapping[str, Any],
        root: Path,
        folder: Path,
    ) -> None:
        self.spec = spec
        folder.mkdir(parents=True)
        config = runtime_config(spec, image, root)
        (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        self._runtime = [RUNTIME, "--root", str(folder / "state")]
        self._id = f"livestream-rooms-{folder.name}"
        self._started = time.monotonic()
        command = [*self._runtime, "run", "--bundle", str(folder), self._id]
        super().__init__(spec.name, command, folder / f"{spec.name}.log")

    def seconds(self) -> float:
        """Since its start."""
        return time.monotonic() - self._started

    def runs(self) -> bool:
        """Whether its program has been started."""
        done = self._ask("state", self._id)
        return done.returncode == 0 and json.loads(done.stdout)["status"] == "running"

    def healthy(self) -> bool:
        """Whether the health check of compose.yaml says so."""
        return self._ask("exec", self._id, *self.spec.probe).returncode == 0

    def usage(self) -> ContainerUsage:
        """Since its start, by its control groups."""
        stats = json.loads(self._ask("events", "--stats", self._id).stdout)["data"]
        held = stats["memory"]["usage"]["usage"] - stats["memory"]["raw"].get("inactive_file", 0)
        return ContainerUsage(stats["cpu"]["usage"]["total"] / 1e9, held / 2**20)

    def end(self) -> ContainerEnd:
        """Ask it to end; it is killed when its grace period is over, as by an engine."""
        asked = time.monotonic()
        self._ask("kill", self._id, "TERM")
        try:
            code = self.wait(self.spec.grace_seconds)
        except subprocess.TimeoutExpired:
            self._ask("kill", self._id, "KILL")
            code = self.wait()
        return ContainerEnd(time.monotonic() - asked, code)

    def close(self) -> None:
        """Kill it, if it still runs, and forget it."""
        self._ask("delete", "--force", self._id)
        self.kill()

    def _ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._runtime, *arguments], capture_output=True, text=True, timeout=40, check=False
        )
