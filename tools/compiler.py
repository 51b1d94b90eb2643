"""Compiles contracts/ with npm's solc under the settings of brownie-config.yaml.

Promises the bytecode that brownie's own build gives (a test compares them), on every machine and in
every folder: source names are relative to the repository, and nothing of the user's is read.
Assumes `make setup` has run. Keeps no state.
"""

from __future__ import annotations

import fcntl
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
TRIAL_CODE_BYTES = 32_768
"""What tests may deploy: a mutant is compiled in a hurry. `tools.artifact` bounds the product."""
CONTRACTS = ROOT / "contracts"
TEST_ONLY = CONTRACTS / "test"
"""Helpers of the tests: brownie compiles them, the artifacts leave them out."""
PROOFS = TEST_ONLY / "_proofs"
"""What `make audit` proves, and alone compiles: brownie leaves out what begins with a low line."""

_OUTPUT = ["abi", "metadata", "userdoc", "devdoc", "evm.bytecode", "evm.deployedBytecode"]


class CompileError(Exception):
    """The sources do not compile, or the compiler is missing; the message is the compiler's own."""


@contextmanager
def compiling(folder: Path) -> Iterator[None]:
    """One process compiles into a folder; the others wait for what it built, and find it there."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "compiling.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def production_sources() -> list[Path]:
    """The Solidity files under contracts/, without the tests' helpers, sorted."""
    files = (path for path in CONTRACTS.rglob("*.sol") if not path.is_relative_to(TEST_ONLY))
    return sorted(files)


def compiler_settings() -> tuple[str, dict[str, Any]]:
    """(solc version, standard-JSON settings) as brownie derives them from brownie-config.yaml."""
    config = yaml.safe_load((ROOT / "brownie-config.yaml").read_text())["compiler"]
    solc = config["solc"]
    settings: dict[str, Any] = {
        "evmVersion": config["evm_version"],
        "optimizer": solc["optimizer"],
        "remappings": solc["remappings"],
    }
    if "viaIR" in solc:
        settings["viaIR"] = solc["viaIR"]
    return str(solc["version"]), settings


def compile_production() -> dict[str, Any]:
    """solc's standard-JSON output for all production sources; CompileError if there is an error."""
    version, settings = compiler_settings()
    sources = production_sources()
    if not sources:
        raise CompileError(f"no Solidity sources under {CONTRACTS}")
    request = {
        "language": "Solidity",
        "sources": {
            path.relative_to(ROOT).as_posix(): {"content": path.read_text()} for path in sources
        },
        "settings": {**settings, "outputSelection": {"*": {"*": _OUTPUT, "": ["ast"]}}},
    }
    compiler = ROOT / "tools" / "solc-bin" / f"solc-v{version}"
    if not compiler.exists():
        raise CompileError(f"brownie-config.yaml wants solc {version}: there is no {compiler}")
    done = subprocess.run(
        [compiler, "--standard-json"],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if done.returncode != 0:
        raise CompileError(done.stderr.strip() or f"{compiler.name} ended with {done.returncode}")
    output: dict[str, Any] = json.loads(done.stdout)
    errors = [e for e in output.get("errors", []) if e["severity"] == "error"]
    if errors:
        raise CompileError("\n".join(e["formattedMessage"].rstrip() for e in errors))
    return output
