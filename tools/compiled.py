"""Contracts of the tests (contracts/test), compiled like the product's.

Promises: the compiler's output is kept in .cache by a hash of all that goes in, so that a test run
compiles only after a change, and one of its processes only. Assumes `make setup`.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from tools.compiler import (
    CONTRACTS,
    PROOFS,
    ROOT,
    TEST_ONLY,
    CompileError,
    compiler_settings,
    compiling,
)

CACHE = ROOT / ".cache" / "test-contracts"


class Compiled(NamedTuple):
    """`bytecode` creates the contract; constructor arguments follow it."""

    abi: list[dict[str, Any]]
    bytecode: bytes


@cache
def compiled(name: str) -> Compiled:
    """A contract of contracts/test; the proofs of `make audit` (PROOFS) are none of them."""
    entry = _output()[name]
    return Compiled(entry["abi"], bytes.fromhex(entry["bytecode"]))


@cache
def _output() -> dict[str, Any]:
    version, settings = compiler_settings()
    texts = {
        path.relative_to(ROOT).as_posix(): path.read_text()
        for path in sorted(CONTRACTS.rglob("*.sol"))
    }
    request = json.dumps(
        {
            "language": "Solidity",
            "sources": {path: {"content": text} for path, text in texts.items() if _is_test(path)},
            "settings": {
                **settings,
                "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object"]}},
            },
        }
    )
    key = hashlib.sha256((version + request + json.dumps(texts)).encode()).hexdigest()
    kept = CACHE / f"{key}.json"
    with compiling(CACHE):
        if not kept.exists():
            _write(kept, version, request)
    result: dict[str, Any] = json.loads(kept.read_text())
    return result


def _write(kept: Path, version: str, request: str) -> None:
    answer = subprocess.run(
        [ROOT / "tools" / "solc-bin" / f"solc-v{version}", "--standard-json"],
        input=request, capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    output = json.loads(answer.stdout)
    errors = [e["formattedMessage"] for e in output.get("errors", []) if e["severity"] == "error"]
    if errors:
        raise CompileError("\n".join(errors))
    found = {
        name: {"abi": c["abi"], "bytecode": c["evm"]["bytecode"]["object"]}
        for path, contracts in output["contracts"].items()
        if _is_test(path)
        for name, c in contracts.items()
    }
    part = kept.with_suffix(".part")
    part.write_text(json.dumps(found))
    part.replace(kept)


def _is_test(path: str) -> bool:
    file = ROOT / path
    return file.is_relative_to(TEST_ONLY) and not file.is_relative_to(PROOFS)
