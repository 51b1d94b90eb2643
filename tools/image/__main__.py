"""`python -m tools.image ENGINE TAG`: does the built image run as compose.yaml says?

`make image ARGS=--try` calls it, as root, in a network namespace of its own. The chain, the
database and Cloudflare are localnet's. Each service starts in a container as compose.yaml describes
it, must be found healthy by its probe and ready by /readyz, and ends on SIGTERM with exit code 0
within its grace period; asked before it can handle a signal, it may end by it. The exit code is 0
if all of that holds.
"""

from __future__ import annotations

import argparse
import re
import resource
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import httpx

from common.version import VERSION
from localnet.loopback import client
from localnet.process import ProgramError
from localnet.stack import Stack
from localnet.stack_state import StackState
from tools.image.built import BuiltImage, faults, opened
from tools.image.compose import ComposeError, ContainerSpec, services_of_the_image
from tools.image.container import Container
from tools.image.project import write_project

COMPOSE = Path(__file__).resolve().parents[2] / "compose.yaml"
PATIENCE_SECONDS = 180.0  # of a busy machine; what it took is told
ENDED_BY_SIGTERM = 128 + signal.SIGTERM


def say(what: str, how: str) -> None:
    """One line of progress, as the other tools print it."""
    print(f"  {what:<9} {how}", flush=True)


def within_this_machine(spec: ContainerSpec) -> ContainerSpec:
    """With no more open files than this machine lets root give."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if spec.open_files is None or spec.open_files <= most:
        return spec
    say(
        spec.name, f"{most} open files: this machine allows no more, compose.yaml {spec.open_files}"
    )
    return replace(spec, open_files=most)


class Trial:
    """The services of one image beside localnet's stand-ins."""

    def __init__(self, image: BuiltImage, folder: Path, specs: list[ContainerSpec]) -> None:
        self._image = image
        self._folder = folder
        self._specs = specs
        self._containers = 0
        self.failures: list[str] = []

    def run(self) -> None:
        """Every service; those that started stay up until all have, since they need each other."""
        with ExitStack() as stack:
            running = []
            for spec in self._specs:
                container = stack.enter_context(self._container(spec))
                self._await(spec, container)
                running.append(container)
            for spec in self._specs:
                self._check(spec)
            for container in reversed(running):
                self._end(container)
        for spec in self._specs:
            self._end_at_once(spec)
            self._name_version(spec)

    def _container(self, spec: ContainerSpec, *options: str) -> Container:
        self._containers += 1
        folder = self._folder / f"{self._containers}-{spec.name}"
        called = replace(spec, command=[*(spec.command or []), *options])
        return Container(called, self._image.config, self._image.root, folder)

    def _await(self, spec: ContainerSpec, container: Container) -> None:
        container.wait_until(container.healthy, PATIENCE_SECONDS, "its health check succeeds")
        healthy = container.seconds()
        container.wait_until(lambda: _ready(spec), PATIENCE_SECONDS, "/readyz answers 200")
        ready = container.seconds()
        used = container.usage()
        say(spec.name, f"healthy after {healthy:.1f} s, ready after {ready:.1f} s")
        say("", f"{used.cpu_seconds:.1f} s of processor time, {used.megabytes:.0f} MB")

    def _end(self, container: Container, when: str = "", well: tuple[int, ...] = (0,)) -> None:
        ending = container.end()
        say(container.name, f"ended {ending.seconds:.1f} s after SIGTERM{when}, code {ending.code}")
        if ending.code not in well:
            self.failures.append(
                f"{container.name} did not end well{when} (exit code {ending.code}):\n"
                f"{container.last_words()}"
            )

    def _end_at_once(self, spec: ContainerSpec) -> None:
        with self._container(spec) as container:
            container.wait_until(container.runs, PATIENCE_SECONDS, "its program is started")
            self._end(container, " at its start", (0, ENDED_BY_SIGTERM))

    def _check(self, spec: ContainerSpec) -> None:
        """The checks before a start, with all settings as the service has them."""
        with self._container(spec, "--check") as container:
            code = container.wait(PATIENCE_SECONDS)
            rows = Counter(re.findall(r"^(OK|WARN|FAIL)\b", container.output(), re.MULTILINE))
            told = ", ".join(f"{count} {row}" for row, count in rows.items())
            say(spec.name, f"--check: {told}")
            if code != 0:
                self.failures.append(f"{spec.name} --check found faults:\n{container.output()}")

    def _name_version(self, spec: ContainerSpec) -> None:
        with self._container(spec, "--version") as container:
            line = container.wait_for_output(rf".*\b{re.escape(VERSION)}\b.*", PATIENCE_SECONDS)
            say(spec.name, f"--version: {line[0]}")


def _ready(spec: ContainerSpec) -> bool:
    address, _, _ = spec.probe[-1].rpartition("/")
    try:
        with client(address, timeout=5.0) as http:
            return http.get("/readyz").is_success
    except httpx.HTTPError:
        return False


def try_image(image: BuiltImage, folder: Path) -> list[str]:
    """What failed, in words."""
    failures = faults(image, VERSION)
    state = StackState(folder / "stack")
    stack = Stack(state, tell=say)
    try:
        stack.start_surroundings()
        project = folder / "project"
        dotenv = write_project(project, stack)
        told = services_of_the_image(COMPOSE, project, dotenv)
        trial = Trial(image, folder / "containers", [within_this_machine(spec) for spec in told])
        trial.run()
        failures += trial.failures
    except (ComposeError, ProgramError) as error:
        failures.append(str(error))
    finally:
        stack.stop()
        state.close()
    return failures


def main(argv: list[str] | None = None) -> int:
    """The command; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.image", description=__doc__)
    parser.add_argument("engine", choices=("docker", "buildah"))
    parser.add_argument("tag")
    arguments = parser.parse_args(argv)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory(prefix="livestream-image-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)  # the services' user reaches its keys
        with opened(arguments.engine, arguments.tag, folder) as image:
            failures = try_image(image, folder)
    for failure in failures:
        print(f"\n{failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
