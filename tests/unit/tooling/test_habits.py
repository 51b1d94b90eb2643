"""What contributors meet first: one version, typed packages, templates, hooks, and what CI runs."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from common.version import VERSION

ROOT = Path(__file__).resolve().parents[3]
TYPED = ("api", "chain", "common", "indexer", "localnet", "oracle")
ISSUE_FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
FIELDS = {"markdown", "textarea", "input", "dropdown", "checkboxes"}


def _json(name: str) -> Any:
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_version__everywhere__is_the_same() -> None:
    told = {
        "pyproject.toml": tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    }
    for folder in ("", "dapp/"):
        told[f"{folder}package.json"] = _json(f"{folder}package.json").get("version")
        lock = _json(f"{folder}package-lock.json")
        told[f"{folder}package-lock.json"] = lock.get("version")
        told[f"{folder}package-lock.json, its package"] = lock["packages"][""].get("version")
    assert told == dict.fromkeys(told, VERSION)


@pytest.mark.parametrize("package", TYPED)
def test_package__its_types__may_be_relied_on(package: str) -> None:
    assert (ROOT / package / "py.typed").read_bytes() == b""


def test_issue_forms__fault_and_wish__are_there() -> None:
    assert [path.name for path in ISSUE_FORMS] == ["bug.yml", "config.yml", "idea.yml"]


@pytest.mark.parametrize(
    "path", [p for p in ISSUE_FORMS if p.stem != "config"], ids=lambda path: path.name
)
def test_issue_form__any__has_the_shape_that_the_platform_reads(path: Path) -> None:
    form = _yaml(path)
    assert {"name", "description", "body"} <= form.keys() <= {"name", "description", "title",
                                                              "labels", "body"}  # fmt: skip
    assert all(field["type"] in FIELDS for field in form["body"])
    asked = [field for field in form["body"] if field["type"] != "markdown"]
    assert all(field["attributes"]["label"] for field in asked)
    ids = [field["id"] for field in asked]
    assert ids and len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z-]+", name) for name in ids)
    assert all(field["attributes"]["value"] for field in form["body"] if field not in asked)


def test_issue_config__blank_issues__are_off() -> None:
    assert (
        _yaml(ROOT / ".github" / "ISSUE_TEMPLATE" / "config.yml")["blank_issues_enabled"] is False
    )


def test_pull_request_template__its_list__asks_for_the_commands_of_ci() -> None:
    text = (ROOT / ".github" / "pull_request_template.md").read_text(encoding="utf-8")
    assert "`make check`" in text and "`make test`" in text


def test_ci__script__runs_the_checks_and_then_the_tests() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert "set -euo pipefail" in lines
    commands = [line for line in lines if "make" in line and not line.startswith("#")]
    assert commands == ["make check </dev/null", "exec make test </dev/null"]


def test_pre_commit__each_hook__is_ours_and_needs_no_network() -> None:
    config = _yaml(ROOT / ".pre-commit-config.yaml")
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    hooks = config["repos"][0]["hooks"]
    assert {hook["id"] for hook in hooks} == {"ruff-check", "ruff-format", "files"}
    for hook in hooks:
        assert hook["language"] == "system" and hook["name"]
        command = hook["entry"].split()[0]
        assert command.startswith(".venv/bin/") or (ROOT / command).stat().st_mode & 0o100


def _check_files(folder: Path, name: str, text: str) -> subprocess.CompletedProcess[str]:
    (folder / name).write_text(text)
    return subprocess.run(
        [ROOT / "tools" / "check_files.sh", name],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("key.txt", "-----BEGIN EC " + "PRIVATE KEY-----\n", "private key"),
        ("operator", '{"cipher": "aes-128-ctr", "cipher' + 'text": "00"}', "keystore"),
        ("notes.md", "CLOUDFLARE_API_" + "TOKEN=v1.0-abcdef0123456789abcdef\n", "secret"),
        ("notes.md", "ORACLE_KEYSTORE_" + "PASSWORD=correct-horse\n", "secret"),
        (".env", "LOG_LEVEL=info\n", "settings"),
        ("film.bin", "x" * 1_100_000, "large"),
    ],
    ids=["pem", "keystore", "token", "password", "env", "large"],
)
def test_check_files__secret_or_large__is_refused_with_its_name(
    tmp_path: Path, name: str, text: str, reason: str
) -> None:
    done = _check_files(tmp_path, name, text)
    assert done.returncode == 1
    assert name in done.stdout and reason in done.stdout
    assert "correct-horse" not in done.stdout and "abcdef" not in done.stdout


def test_check_files__ordinary_text__passes(tmp_path: Path) -> None:
    text = "CLOUDFLARE_API_TOKEN=\nset CLOUDFLARE_API_TOKEN_FILE=keys/token and the password\n"
    done = _check_files(tmp_path, "notes.md", text)
    assert (done.returncode, done.stdout) == (0, "")


def test_interop__target_of_make__is_there_and_apart_from_the_suite() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(r"(?m)^interop: .* ## ", makefile), "make help lists it"
    assert "run_tests.sh tests/interop" in makefile
    assert "tests/interop" not in (ROOT / "tools" / "run_tests.sh").read_text()


def test_interop__its_document__names_the_versions_that_are_tried() -> None:
    told = (ROOT / "docs" / "interop.md").read_text()
    tried = _json("tests/interop/package.json")["dependencies"]
    tried.pop("esbuild")  # it bundles
    for name, version in tried.items():
        assert re.search(rf"(?m)^\| `{re.escape(name)}`.* \| {re.escape(version)} \| ", told), name
