"""Files, modules and names that texts speak of: docstrings, comments and pages name what exists."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import tokenize
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = (
    "api", "bench", "chain", "common", "indexer", "localnet", "oracle", "scripts", "tests", "tools",
)  # fmt: skip
PYTHON = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
PAGE = sorted(
    path
    for pattern in ("*.ts", "*.tsx")
    for folder in ("src", "test")
    for path in (ROOT / "dapp" / folder).rglob(pattern)
)
TOLD = [
    path
    for path in sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/*.md")})
    if path.name != "CHANGELOG.md"  # tells of former times
]
# what tests of the tools make in a folder of their own
MADE = {"contracts/Rooms.sol", "contracts/artifacts/Rooms.json", "contracts/C.sol"}
_FOLDERS = "|".join([*PACKAGES, "contracts", "dapp", "docs"])
_PATH = re.compile(
    rf"(?<![\w./@$}}-])((?:{_FOLDERS})/[\w./-]*\w\.(?:py|sol|tsx?|sh|md|json|toml))\b"
)
_BARE = re.compile(r"`(\w[\w.-]*\.(?:py|sol|tsx?|sh))`")
_DOTTED = re.compile(rf"`((?:{'|'.join(PACKAGES)})(?:\.\w+)+)`")


@cache
def _tracked() -> frozenset[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return frozenset(listed.stdout.split("\n")) | MADE


def _strangers(text: str) -> list[str]:
    """Paths in `text` that no file of the repository has."""
    names = {path.rpartition("/")[2] for path in _tracked()}
    return [path for path in _PATH.findall(text) if path not in _tracked()] + [
        name for name in _BARE.findall(text) if name not in names
    ]


@cache
def _names(module: Path) -> frozenset[str]:
    """What a module defines or imports at its top."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.add(node.name)
            case ast.alias():
                found.add((node.asname or node.name).split(".")[0])
            case ast.Name(ctx=ast.Store()):
                found.add(node.id)
    return frozenset(found)


def _exists(dotted: str) -> bool:
    """Whether a module, or a name in one, is called so."""
    parts = dotted.split(".")
    for i in range(len(parts), 0, -1):
        stem = ROOT.joinpath(*parts[:i])
        module = stem / "__init__.py" if stem.is_dir() else stem.with_suffix(".py")
        if stem.is_dir() and i == len(parts):
            return True
        if module.is_file():
            return i == len(parts) or parts[i] in _names(module)
    return False


def _spoken(path: Path) -> str:
    """A source's strings and comments."""
    source = path.read_text(encoding="utf-8")
    return "\n".join(
        token.string
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type in (tokenize.STRING, tokenize.COMMENT)
    )


def _comments(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return "\n".join(re.findall(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", text, re.DOTALL))


@pytest.mark.parametrize("package", PACKAGES)
def test_sources__of_a_package__name_files_and_modules_that_exist(package: str) -> None:
    wrong = []
    for path in PYTHON:
        if path.relative_to(ROOT).parts[0] != package:
            continue
        text = _spoken(path)
        strange = [name for name in _DOTTED.findall(text) if not _exists(name)]
        wrong += [f"{path.relative_to(ROOT)}: {name}" for name in strange + _strangers(text)]
    assert wrong == []


def test_sources__of_the_page__name_files_that_exist() -> None:
    told = {path.relative_to(ROOT).as_posix(): _strangers(_comments(path)) for path in PAGE}
    assert {path: names for path, names in told.items() if names} == {}


@pytest.mark.parametrize("page", TOLD, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_documents__of_any_kind__name_files_that_exist(page: Path) -> None:
    assert _strangers(page.read_text(encoding="utf-8")) == []
