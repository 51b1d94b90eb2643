"""The lock files: complete, in step with what is asked for, and free of download addresses."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[3]
ASKED_BY_NAME = (
    "web3",
    "eth-brownie",
    "httpx",
    "pymongo",
    "apscheduler",
    "flask",
    "pytest",
    "eth-tester",
)
NPM_LOCKS = [path for path in (ROOT, ROOT / "dapp") if (path / "package-lock.json").exists()]


def requirements(name: str) -> list[Requirement]:
    lines = (line.partition(" #")[0].strip() for line in (ROOT / name).read_text().splitlines())
    return [Requirement(line) for line in lines if line and line[0] not in "#-"]


def locked() -> dict[str, set[str]]:
    """{package: versions}; more than one where systems or Python versions differ."""
    versions: dict[str, set[str]] = {}
    for match in re.finditer(
        r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE
    ):
        versions.setdefault(canonicalize_name(match[1]), set()).add(match[2])
    return versions


@pytest.mark.parametrize("name", ASKED_BY_NAME)
def test_requirements__named_package__is_listed(name: str) -> None:
    assert name in {canonicalize_name(r.name) for r in requirements("requirements.txt")}


def test_python_lock__every_requirement__is_locked_within_its_bounds() -> None:
    versions = locked()
    for asked in requirements("requirements.txt") + requirements("requirements-dev.txt"):
        found = versions.get(canonicalize_name(asked.name))
        assert found, f"{asked.name} is not in requirements.lock: run `make lock`"
        for version in found:
            assert asked.specifier.contains(version, prereleases=True), f"{asked} but {version}"


def test_python_lock__any_line__has_hashes_and_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text)
    pins = re.findall(r"^[A-Za-z0-9._-]+==.*$", text, re.MULTILINE)
    assert pins
    assert all(pin.endswith("\\") for pin in pins), "each pin is followed by its hashes"


def test_use_check__each_exception__is_declared_and_imported_nowhere() -> None:
    # the opposite of both is what deptry itself says; it does not see that an exception is idle
    deptry = tomllib.loads((ROOT / "tools" / "deptry.toml").read_text())["tool"]["deptry"]
    excepted = {canonicalize_name(name) for name in deptry["per_rule_ignores"]["DEP002"]}
    asked = requirements("requirements.txt") + requirements("requirements-dev.txt")
    assert excepted <= {canonicalize_name(requirement.name) for requirement in asked}
    imported = set()
    for package in deptry["known_first_party"]:
        for path in [ROOT / f"{package}.py", *(ROOT / package).rglob("*.py")]:
            if path.exists():
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                    if isinstance(node, ast.Import):
                        imported |= {alias.name.split(".")[0] for alias in node.names}
                    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                        imported.add(node.module.split(".")[0])
    assert excepted & {canonicalize_name(name) for name in imported} == set()


@pytest.mark.parametrize("folder", NPM_LOCKS, ids=lambda path: path.name)
def test_npm_lock__any_package__records_no_address(folder: Path) -> None:
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    assert len(packages) > 1
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_npm_packages__of_the_contracts__are_pinned_exactly() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    wanted = package["dependencies"] | package["devDependencies"]
    assert {"solc", "@openzeppelin/contracts", "@foundry-rs/anvil"} <= wanted.keys()
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values()), wanted


def test_anvil__each_system__has_its_binary_in_the_lock() -> None:
    # npm drops the other systems' binaries when it cannot see them; `npm ci` then fails everywhere
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    launcher = packages["node_modules/@foundry-rs/anvil"]
    for name, version in launcher["optionalDependencies"].items():
        assert packages[f"node_modules/{name}"]["version"] == version
