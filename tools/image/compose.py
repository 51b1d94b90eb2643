"""What compose.yaml says of a service, as a container engine reads it.

Promises: a container gets the command, environment, user, mounts and limits that the file tells;
what the file tells and this module does not know is an error, so that a trial never leaves out
something that an engine would do.
Assumes: a file that follows the specification (a test holds compose.yaml to its schema).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# What an engine does around a container; a trial has no part in it.
AROUND = {
    "build",
    "depends_on",
    "image",
    "logging",
    "networks",
    "ports",
    "profiles",
    "restart",
}
# the innermost ones first: what stands in one is text alone
_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?:(?P<empty>:?)-(?P<default>[^{}]*))?\}")
_UNITS = {"": 1, "b": 1, "k": 2**10, "m": 2**20, "g": 2**30}


class ComposeError(Exception):
    """The file asks for something that a trial cannot do; the message names it."""


@dataclass(frozen=True)
class Mount:
    """A folder or file of the project in the container."""

    source: Path
    target: str
    read_only: bool


@dataclass(frozen=True)
class ContainerSpec:
    """One service. `command` and `user` are None where the image's own hold."""

    name: str
    command: list[str] | None
    environment: dict[str, str]
    user: str | None
    init: bool
    read_only: bool
    tmpfs: list[str]
    mounts: list[Mount]
    capabilities_dropped: bool
    no_new_privileges: bool
    probe: list[str]
    grace_seconds: float
    open_files: int | None
    memory_bytes: int | None
    processes: int | None


def interpolated(text: str, env: Mapping[str, str]) -> str:
    """With `${NAME}`, `${NAME-default}` and `${NAME:-default}` replaced, and `$$` for `$`."""

    def value(found: re.Match[str]) -> str:
        given = env.get(found["name"])
        default = found["default"] or ""
        return default if given is None or (found["empty"] and not given) else given

    kept = text.replace("$$", "\0")
    while (replaced := _VARIABLE.sub(value, kept)) != kept:
        kept = replaced
    return kept.replace("\0", "$")


def services_of_the_image(
    file: Path, project: Path, dotenv: Mapping[str, str]
) -> list[ContainerSpec]:
    """The services that are built from this repository.

    `project` is the folder that relative paths start from, `dotenv` what its .env holds. Raises
    `ComposeError`.
    """
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    return [
        _spec(name, _resolved(service, dotenv), project, dotenv)
        for name, service in document["services"].items()
        if "build" in service
    ]


def _resolved(node: Any, env: Mapping[str, str]) -> Any:
    if isinstance(node, str):
        return interpolated(node, env)
    if isinstance(node, list):
        return [_resolved(item, env) for item in node]
    if isinstance(node, dict):
        return {key: _resolved(item, env) for key, item in node.items()}
    return node


def _spec(
    name: str, service: Mapping[str, Any], project: Path, dotenv: Mapping[str, str]
) -> ContainerSpec:
    left = {key: value for key, value in service.items() if key not in AROUND}
    command = left.pop("command", None)
    environment = {key: str(value) for key, value in left.pop("environment", {}).items()}
    from_file = dotenv if left.pop("env_file", None) == ".env" else {}
    security = left.pop("security_opt", [])
    ulimits = left.pop("ulimits", {})
    memory = left.pop("mem_limit", None)
    spec = ContainerSpec(
        name=name,
        command=shlex.split(command) if isinstance(command, str) else command,
        environment={**from_file, **environment},
        user=left.pop("user", None),
        init=left.pop("init", False),
        read_only=left.pop("read_only", False),
        tmpfs=left.pop("tmpfs", []),
        mounts=[_mount(volume, project) for volume in left.pop("volumes", [])],
        capabilities_dropped=left.pop("cap_drop", []) == ["ALL"],
        no_new_privileges="no-new-privileges:true" in security,
        probe=_probe(name, left.pop("healthcheck", {})),
        grace_seconds=_seconds(left.pop("stop_grace_period", "10s")),
        open_files=ulimits.pop("nofile", None),
        memory_bytes=None if memory is None else _size(memory),
        processes=left.pop("pids_limit", None),
    )
    if left or ulimits:
        raise ComposeError(
            f"tools/image/compose.py does not know {', '.join([*left, *ulimits])} of the service "
            f"{name}: teach it what a container engine does with that"
        )
    return spec


def _mount(volume: str | Mapping[str, Any], project: Path) -> Mount:
    if isinstance(volume, str):
        source, target, *mode = volume.split(":")
        read_only = mode == ["ro"]
    elif volume["type"] == "bind":
        source, target = volume["source"], volume["target"]
        read_only = volume.get("read_only", False)
    else:
        raise ComposeError(f"a trial mounts folders of the project alone, not {volume}")
    return Mount(project / source, target, read_only)


def _probe(name: str, health: Mapping[str, Any]) -> list[str]:
    kind, *command = [str(word) for word in health.get("test", ["NONE"])]
    if kind != "CMD":
        raise ComposeError(f"the health check of {name} must be a list that begins with CMD")
    return command


def _seconds(duration: str) -> float:
    parts = re.fullmatch(r"(?:(\d+)m)?(?:(\d+)s)?", duration)
    if not duration or parts is None:
        raise ComposeError(f"{duration!r} is not minutes and seconds, as in 1m30s")
    minutes, seconds = (int(part or 0) for part in parts.groups())
    return 60.0 * minutes + seconds


def _size(size: str | int) -> int:
    parts = re.fullmatch(r"(\d+)([bkmg]?)b?", str(size).lower())
    if parts is None:
        raise ComposeError(f"{size!r} is not a size, as in 512m")
    return int(parts[1]) * _UNITS[parts[2]]
