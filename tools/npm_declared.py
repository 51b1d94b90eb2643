"""Every npm package that our code imports is declared, and every declared one is used.

Promises: each `package.json` of ours is held against the code beside and below it, down to the next
`package.json`. A package that is used without an import is named here with the file that uses it,
and that file must speak of it, so that no exception outlives its reason.
Assumes: imports name the package as a literal, as bundlers want it.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUFFIXES = {".ts", ".tsx", ".js", ".mjs", ".cjs", ".css", ".sol"}
NOT_OURS = {"node_modules", "dist", "build", "artifacts", "__pycache__"}

# folder of a package.json -> package -> the file that uses it without an import
USED_BY: dict[str, dict[str, str]] = {
    ".": {
        "solc": "tools/solc-bin/solc-v0.8.37",
        "@foundry-rs/anvil": "tools/bin/anvil",
        "@eyevinn/whip-web-client": "tests/browser/standin/test_standin_clients.py",
        "whip-whep": "tests/browser/standin/test_standin_clients.py",
    },
    "dapp": {
        "@biomejs/biome": "dapp/biome.jsonc",
        "@types/node": "dapp/tsconfig.json",
        "axe-core": "tests/browser/support/album.py",
        "knip": "dapp/knip.jsonc",
        "openapi-typescript": "tools/api_types.py",
    },
    "tests/interop": {"esbuild": "tests/interop/conftest.py"},
    "bench/hardhat": {"hardhat": "bench/chaos/hardhat.py"},
    # ponder asks for it as its peer
    "bench/index/ponder": {"typescript": "bench/index/ponder/package-lock.json"},
}

_IMPORTS = re.compile(
    r"""(?<!["'])(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\(|\burl\()\s*["']([^"'\s]+)["']"""
)
_COMMENTS = re.compile(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", re.DOTALL)


def imported(text: str) -> set[str]:
    """The packages whose names a source imports; files of ours and Node's own modules left out."""
    found = set()
    for name in _IMPORTS.findall(_COMMENTS.sub("", text)):
        if name[0] in "./" or ":" in name:
            continue
        parts = name.split("/")
        found.add("/".join(parts[: 2 if name[0] == "@" else 1]))
    return found


def problems(
    label: str, declared: Iterable[str], used: dict[str, set[str]], by_hand: Iterable[str]
) -> Iterator[str]:
    """What is wrong with one package.json. `used`: package -> the files that import it."""
    known, excepted = set(declared), set(by_hand)
    for package in sorted(used.keys() - known):
        yield f"{label}: {package} is not declared; {', '.join(sorted(used[package]))}"
    for package in sorted(known - used.keys() - excepted):
        yield f"{label}: {package} is declared but not used"
    for package in sorted(excepted - known):
        yield f"tools/npm_declared.py: {package} is an exception, but {label} does not declare it"
    for package in sorted(excepted & used.keys()):
        yield f"tools/npm_declared.py: {package} is an exception, but it is imported"


def _tree(root: Path) -> Iterator[tuple[Path, list[str]]]:
    for folder, below, files in os.walk(root):
        below[:] = sorted(d for d in below if d not in NOT_OURS and not d.startswith("."))
        yield Path(folder), files


def check(root: Path, used_by: dict[str, dict[str, str]]) -> list[str]:
    """Every problem below `root`."""
    folders = {f for f, files in _tree(root) if "package.json" in files}
    used: dict[Path, dict[str, set[str]]] = {folder: {} for folder in folders}
    for folder, files in _tree(root):
        owner = next((f for f in (folder, *folder.parents) if f in folders), None)
        if owner is None:
            continue
        for path in (folder / name for name in files if Path(name).suffix in SUFFIXES):
            for package in imported(path.read_text(encoding="utf-8")):
                used[owner].setdefault(package, set()).add(str(path.relative_to(root)))
    found: list[str] = []
    for folder in sorted(folders):
        label = str(folder.relative_to(root))
        package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        declared = package.get("dependencies", {}) | package.get("devDependencies", {})
        by_hand = used_by.get(label, {})
        found += problems(f"{label}/package.json", declared, used[folder], by_hand)
        for name, file in by_hand.items():
            path = root / file
            word = name.removeprefix("@types/")
            if not path.is_file() or word.split("/")[-1] not in path.read_text(encoding="utf-8"):
                found.append(f"tools/npm_declared.py: {file} does not mention {name}")
    return found


def main() -> int:
    """The exit code."""
    found = check(ROOT, USED_BY)
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
