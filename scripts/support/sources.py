"""The contracts' sources as the compiler takes them, whole and by themselves.

Promises: the standard-JSON input holds every file (OpenZeppelin's too), so that a block explorer or
an auditor compiles it without this repository to the very same bytecode.
"""

from __future__ import annotations

import json
import posixpath
import re
from pathlib import Path
from typing import Any

from tools.compiler import ROOT, compiler_settings, production_sources

_IMPORT = re.compile(r'^import .*?"([^"]+)";', re.MULTILINE | re.DOTALL)
OUTPUTS = ["abi", "metadata", "evm.bytecode", "evm.deployedBytecode"]


def with_imports(files: list[Path]) -> dict[str, str]:
    """{source name: text} of the files and all they import; names begin at the repository."""
    _, settings = compiler_settings()
    remappings = [remapping.split("=", 1) for remapping in settings["remappings"]]
    texts: dict[str, str] = {}
    todo = [path.relative_to(ROOT).as_posix() for path in files]
    while todo:
        name = todo.pop()
        if name in texts:
            continue
        texts[name] = (ROOT / name).read_text(encoding="utf-8")
        for target in _IMPORT.findall(texts[name]):
            if target.startswith("."):
                todo.append(posixpath.normpath(posixpath.join(posixpath.dirname(name), target)))
                continue
            prefix, path = next(pair for pair in remappings if target.startswith(pair[0]))
            todo.append(path + target.removeprefix(prefix))
    return dict(sorted(texts.items()))


def standard_json_input(sources: dict[str, str] | None = None) -> dict[str, Any]:
    """The compiler's input for all production contracts (or for `sources`)."""
    _, settings = compiler_settings()
    texts = with_imports(production_sources()) if sources is None else sources
    return {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in texts.items()},
        "settings": {**settings, "outputSelection": {"*": {"*": OUTPUTS, "": ["ast"]}}},
    }


def compiler_version() -> str:
    """The exact version, as explorers ask for it: v0.8.37+commit.<hash>."""
    artifact = ROOT / "contracts" / "artifacts" / "LivestreamRooms.json"
    return "v" + str(json.loads(artifact.read_text(encoding="utf-8"))["compiler"]["version"])
