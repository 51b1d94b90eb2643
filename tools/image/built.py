"""The built image as files, and what must not be in it.

Promises: `opened` gives the image's root file system and configuration, and leaves nothing behind.
`faults` looks at what an operator would: a user that is nobody, no compiler, no secret, no cache,
all modules compiled.
Assumes: root.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

COMPILERS = {"cc", "gcc", "g++", "clang", "make", "ld", "rustc", "npm", "node"}
SECRETS = ("*.key", ".env*", "*keystore*", "id_rsa*", ".git", ".npmrc", "pip.conf")
CACHES = ("root/.cache", "root/.npm", "var/lib/apt/lists/*Packages*")
OURS = "app"
PACKAGES = "opt/venv/lib"


class BuiltImage(NamedTuple):
    """`config` is the image's own: `Env`, `User`, `Labels` ..."""

    root: Path
    config: Mapping[str, Any]


@contextmanager
def opened(engine: str, tag: str, folder: Path) -> Iterator[BuiltImage]:
    """The image of Docker or buildah, unpacked or mounted while the context lasts."""
    with (_in_docker if engine == "docker" else _in_buildah)(tag, folder) as image:
        yield image


@contextmanager
def _in_buildah(tag: str, _folder: Path) -> Iterator[BuiltImage]:
    inspected = json.loads(_output("buildah", "inspect", "--type", "image", tag))
    container = _output("buildah", "from", "--pull-never", tag)
    try:
        root = Path(_output("buildah", "mount", container))
        yield BuiltImage(root, inspected["OCIv1"]["config"])
    finally:
        _output("buildah", "rm", container)


@contextmanager
def _in_docker(tag: str, folder: Path) -> Iterator[BuiltImage]:
    (inspected,) = json.loads(_output("docker", "image", "inspect", tag))
    container = _output("docker", "create", tag)
    try:
        root, archive = folder / "root", folder / "root.tar"
        root.mkdir(parents=True)
        _output("docker", "export", "--output", str(archive), container)
        _output("tar", "--extract", "--file", str(archive), "--directory", str(root))
        yield BuiltImage(root, inspected["Config"])
    finally:
        _output("docker", "rm", container)


def _output(*command: str) -> str:
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def faults(image: BuiltImage, version: str) -> list[str]:
    """What is wrong with it, in words; [] for a good one."""
    labels = image.config.get("Labels") or {}
    found = []
    if image.config.get("User") != "10001:10001":
        found.append(f"it runs as {image.config.get('User') or 'root'}, not as 10001:10001")
    if labels.get("org.opencontainers.image.version") != version:
        found.append(f"its label does not say that it is version {version}")
    found += [f"a build tool: /{path}" for path in _build_tools(image.root)]
    found += [f"a cache: /{path}" for where in CACHES for path in _below(image.root, where)]
    found += [
        f"what may be a secret: /{path}" for name in SECRETS for path in _ours(image.root, name)
    ]
    found += [f"not compiled: /{path}" for path in _uncompiled(image.root)]
    return found


def _below(root: Path, pattern: str) -> list[Path]:
    return [path.relative_to(root) for path in root.glob(pattern)]


def _ours(root: Path, name: str) -> list[Path]:
    return [
        path.relative_to(root)
        for place in (OURS, "root", "etc", "tmp", "run", "src")
        for path in (root / place).rglob(name)
    ]


def _build_tools(root: Path) -> list[Path]:
    return [
        path.relative_to(root)
        for place in ("usr/bin", "usr/local/bin", "opt/venv/bin")
        for path in (root / place).glob("*")
        if path.name in COMPILERS
    ]


def _uncompiled(root: Path) -> list[Path]:
    modules = [
        path
        for place in (OURS, PACKAGES)
        for path in (root / place).rglob("*.py")
        if "__pycache__" not in path.parts
    ]
    return [
        path.relative_to(root)
        for path in modules
        if not list((path.parent / "__pycache__").glob(f"{path.stem}.cpython-*.pyc"))
    ]
