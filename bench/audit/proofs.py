"""Proofs by symbolic execution (halmos): what holds for all values, not only for those tried.

Promises: each `check_` function of contracts/test/_proofs is proved, or told as not proved; one
that ends in doubt (a timeout, a loop cut short, a result that is missing) is not proved. Then each
error of planted_errors.json is made in the source, alone, and the proof that it names must find a
counterexample: a proof that holds of wrong code as well says nothing.
Assumes `make setup`. The compiler and its settings are the product's; halmos asks `forge` for the
build, and gets one of npm's solc in Foundry's layout.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from bench.audit.environment import BIN, FOLDER, tool
from scripts.support.sources import with_imports
from tools.compiler import PROOFS, ROOT, CompileError, compiler_settings

PLANTED = Path(__file__).with_name("planted_errors.json")
SOLVER_SECONDS = 60  # for one question; the slowest takes a few on a quiet core
PASSED, COUNTEREXAMPLE = 0, 1  # halmos' exit codes of one proof; all others are doubts
_CHECK = re.compile(r"^ +function (check_\w+)\(", re.MULTILINE)
_OUTPUT = [
    "abi",
    "metadata",
    "storageLayout",
    "evm.bytecode",
    "evm.deployedBytecode",
    "evm.methodIdentifiers",
]


class Outcome(NamedTuple):
    """What became of a proof."""

    code: int | None
    seconds: float


def declared() -> list[str]:
    """`Contract.check_…` of every proof there is, sorted; a file holds the contract of its name."""
    return sorted(
        f"{file.stem}.{name}"
        for file in PROOFS.glob("*.sol")
        for name in _CHECK.findall(file.read_text(encoding="utf-8"))
    )


def run() -> bool:
    """False unless every proof holds, and none holds of the code with its planted error."""
    found = _proved(with_imports(sorted(PROOFS.glob("*.sol"))), declared())
    for proof, result in found.items():
        print(f"  proofs    {proof} {_word(result)} ({result.seconds:.1f} s)", flush=True)
    planted: list[dict[str, str]] = json.loads(PLANTED.read_text())
    unnoticed = [error for error in planted if not _noticed(**error)]
    for error in unnoticed:
        print(f"  proofs    {error['proof']} does not notice {error['new']!r}", flush=True)
    proved = [proof for proof, result in found.items() if result.code == PASSED]
    print(
        f"  proofs    {len(proved)} of {len(found)} proved in"
        f" {sum(result.seconds for result in found.values()):.0f} s;"
        f" {len(planted) - len(unnoticed)} of {len(planted)} planted errors noticed"
    )
    return len(proved) == len(found) and not unnoticed


def _noticed(proof: str, file: str, old: str, new: str) -> bool:
    """Whether a proof finds a counterexample to the code with one error."""
    sources = with_imports([PROOFS / f"{proof.split('.', maxsplit=1)[0]}.sol"])
    sources[file] = sources[file].replace(old, new)
    return _proved(sources, [proof], "--early-exit")[proof].code == COUNTEREXAMPLE


def _word(result: Outcome) -> str:
    words = {PASSED: "proved", COUNTEREXAMPLE: "DOES NOT HOLD"}
    return "NOT DECIDED" if result.code is None else words.get(result.code, "NOT DECIDED")


def _proved(sources: dict[str, str], proofs: list[str], *options: str) -> dict[str, Outcome]:
    """Run some proofs over sources as given."""
    names = {proof.split(".")[0] for proof in proofs}
    with TemporaryDirectory(prefix="proofs-") as folder:
        _build(sources, names, Path(folder) / "out")
        answer = _halmos(Path(folder), names, {proof.split(".")[1] for proof in proofs}, options)
    return {proof: outcome(answer.get(proof)) for proof in proofs}


def outcome(test: dict[str, Any] | None) -> Outcome:
    """What halmos' answer about a proof comes to; None: it has none."""
    if test is None:
        return Outcome(None, 0.0)
    # A loop that halmos has cut short leaves paths that nobody has looked at.
    code = None if test["num_bounded_loops"] else test["exitcode"]
    return Outcome(code, test["time"][0] if test["time"] else 0.0)


def _build(sources: dict[str, str], names: set[str], out: Path) -> None:
    """Compile the contracts of these names into Foundry's layout."""
    version, settings = compiler_settings()
    files = {f"{PROOFS.relative_to(ROOT).as_posix()}/{name}.sol": name for name in sorted(names)}
    selection = {file: {name: _OUTPUT, "": ["ast"]} for file, name in files.items()}
    request = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sources.items()},
        "settings": {**settings, "outputSelection": selection},
    }
    done = subprocess.run(
        [ROOT / "tools" / "solc-bin" / f"solc-v{version}", "--standard-json"],
        input=json.dumps(request), capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    output = json.loads(done.stdout)
    errors = [e["formattedMessage"] for e in output.get("errors", []) if e["severity"] == "error"]
    if errors:
        raise CompileError("\n".join(errors))
    for file, name in files.items():
        compiled = output["contracts"][file][name]
        evm = compiled["evm"]
        artifact = {
            "abi": compiled["abi"],
            "ast": output["sources"][file]["ast"],
            "id": output["sources"][file]["id"],
            "metadata": json.loads(compiled["metadata"]),
            "methodIdentifiers": evm["methodIdentifiers"],
            "storageLayout": compiled["storageLayout"],
            **{
                key: {**evm[key], "object": "0x" + evm[key]["object"]}
                for key in ("bytecode", "deployedBytecode")
            },
        }
        place = out / f"{name}.sol" / f"{name}.json"
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(artifact))


def _halmos(
    folder: Path, names: set[str], checks: set[str], options: tuple[str, ...]
) -> dict[str, dict[str, Any]]:
    """halmos' answers by proof; it may have none for a proof."""
    halmos = tool("halmos")
    path = os.pathsep.join([str(folder / "bin"), str(BIN), os.environ["PATH"]])
    forge = folder / "bin" / "forge"
    forge.parent.mkdir()
    forge.write_text("#!/bin/sh\n# the build is there already\n")
    forge.chmod(0o755)
    FOLDER.mkdir(parents=True, exist_ok=True)
    result = folder / "result.json"
    with (FOLDER / "halmos.log").open("a") as log:
        subprocess.run(
            [
                halmos, "--root", folder, "--no-status", "--json-output", result,
                "--match-contract", f"^({'|'.join(sorted(names))})$",
                "--match-test", rf"^({'|'.join(sorted(checks))})\(",
                "--solver-timeout-assertion", f"{SOLVER_SECONDS}s", "--solver-threads", "1",
                "--panic-error-codes", "*",  # an overflow too is a proof that fails
                *options,
            ],
            stdout=log, stderr=log, check=False, cwd=folder,
            env={**os.environ, "PATH": path, "HOME": str(folder)},  # no solvers of the user's own
        )  # fmt: skip
    if not result.exists():
        raise SystemExit(f"halmos said nothing: see {FOLDER / 'halmos.log'}")
    told = json.loads(result.read_text())["test_results"]
    return {
        f"{contract.rpartition(':')[2]}.{test['name'].partition('(')[0]}": test
        for contract, tests in told.items()
        for test in tests
    }
