"""Mutation testing: is there a test for everything that the contract's source says?

Each sampled mutant is compiled and handed to the contract's tests (those on revm). A mutant that
does not compile is replaced by the next of the sample. Promises: results are kept beside the source
and tests they belong to, so that a stopped run goes on where it was; a survivor without an
explanation in survivors.json is told as open.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.audit.mutate import Mutant, mutants
from scripts.support.sources import with_imports
from tools.compiler import CONTRACTS, ROOT, compiler_settings, production_sources

FOLDER = ROOT / "build" / "audit"
SURVIVORS = Path(__file__).with_name("survivors.json")
TESTS = ("tests/contract/rooms", "tests/contract/test_allow_list.py")
# what says nothing about the bytecode, or says it again on a slower machine
NOT_RUN = "not py_evm and not on_anvil and not document and not hypothesis"
CONTRACT_NAMES = ("LivestreamRooms", "AllowList")
TEST_SECONDS = 300
WANTED = 0.95


def everything() -> list[Mutant]:
    """All mutants of the production code; interfaces hold nothing that runs."""
    found = []
    for path in production_sources():
        if not path.is_relative_to(CONTRACTS / "interfaces"):
            found += mutants(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
    return found


def compile_mutant(mutant: Mutant, texts: dict[str, str]) -> dict[str, str] | None:
    """{contract: bytecode}, or None if the mutant is no Solidity."""
    version, settings = compiler_settings()
    name = "AllowList" if mutant.file.endswith("/AllowList.sol") else "LivestreamRooms"
    text = texts[mutant.file]
    changed = texts | {mutant.file: text[: mutant.start] + mutant.new + text[mutant.end :]}
    request = {
        "language": "Solidity",
        "sources": {name: {"content": content} for name, content in changed.items()},
        "settings": {
            **settings,
            "outputSelection": {f"contracts/{name}.sol": {name: ["evm.bytecode.object"]}},
        },
    }
    done = subprocess.run(
        [ROOT / "tools" / "solc-bin" / f"solc-v{version}", "--standard-json"],
        input=json.dumps(request), capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    output = json.loads(done.stdout)
    if any(error["severity"] == "error" for error in output.get("errors", [])):
        return None
    changed_code = output["contracts"][f"contracts/{name}.sol"][name]["evm"]["bytecode"]["object"]
    return _unmutated() | {name: changed_code}


def noticed(code: dict[str, str]) -> str | None:
    """The test that fails under the bytecode, or None if all pass."""
    with TemporaryDirectory(prefix="mutant-") as folder:
        for name, bytecode in code.items():
            (Path(folder) / f"{name}.hex").write_text(bytecode)
        pytest = [sys.executable, "-m", "pytest", "-x", "-q", "-o", f"cache_dir={folder}"]
        try:
            done = subprocess.run(
                [*pytest, "-k", NOT_RUN, *TESTS],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
                timeout=TEST_SECONDS,
                env={**os.environ, "LIVESTREAM_TEST_BYTECODE": folder},
            )
        except subprocess.TimeoutExpired:
            return "timeout"
    if done.returncode == 0:
        return None
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    if done.returncode != 1 or not failed:
        raise SystemExit(f"the tests did not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return failed[0].split()[1]


def run(sample: int, seed: int) -> bool:
    """Try a sample. False if less than 95 % are noticed or a survivor has no explanation."""
    texts = with_imports(production_sources())
    kept_in = FOLDER / f"mutants-{_state(texts)}.jsonl"
    FOLDER.mkdir(parents=True, exist_ok=True)
    lines = kept_in.read_text().splitlines() if kept_in.exists() else []
    kept: dict[str, dict[str, Any]] = {(e := json.loads(line))["id"]: e for line in lines}
    if not kept and (unmutated := noticed(_unmutated())) is not None:
        raise SystemExit(f"the tests fail without any mutant: {unmutated}")
    population = everything()
    random.Random(seed).shuffle(population)
    tried: list[dict[str, Any]] = []
    for mutant in population:
        if len(tried) == sample:
            break
        if mutant.id not in kept:
            code = compile_mutant(mutant, texts)
            killer = noticed(code) if code else "no Solidity"
            kept[mutant.id] = _entry(mutant, texts[mutant.file], killer)
            with kept_in.open("a") as file:
                file.write(json.dumps(kept[mutant.id]) + "\n")
        if kept[mutant.id]["killer"] != "no Solidity":
            tried.append(kept[mutant.id])
            _tell(len(tried), sample, kept[mutant.id])
    return _report(tried, len(population))


def _entry(mutant: Mutant, text: str, killer: str | None) -> dict[str, Any]:
    return {
        "id": mutant.id,
        "where": f"{mutant.file}:{mutant.number}",
        "kind": mutant.operator,
        "line": mutant.line,
        "old": text[mutant.start : mutant.end],
        "new": mutant.new,
        "killer": killer,
    }


def _tell(number: int, sample: int, entry: dict[str, Any]) -> None:
    fate = f"killed by {entry['killer']}" if entry["killer"] else "SURVIVED"
    what = f"{entry['old']!r} -> {entry['new']!r}"
    print(
        f"  mutants   {number}/{sample} {entry['id']} {entry['where']} {what}: {fate}", flush=True
    )


def _report(tried: list[dict[str, Any]], population: int) -> bool:
    explained: dict[str, str] = json.loads(SURVIVORS.read_text())
    survivors = [entry for entry in tried if entry["killer"] is None]
    killed = len(tried) - len(survivors)
    share = killed / len(tried)
    result = {
        "population": population, "tried": len(tried), "killed": killed, "survivors": survivors
    }  # fmt: skip
    (FOLDER / "mutants.json").write_text(json.dumps(result, indent=1) + "\n")
    for entry in survivors:
        why = explained.get(entry["id"], "NOT EXPLAINED")
        print(f"  mutants   survivor {entry['id']} {entry['where']}: {why}\n    {entry['line']}")
        print(f"    {entry['old']!r} -> {entry['new']!r}")
    unexplained = [entry for entry in survivors if entry["id"] not in explained]
    print(
        f"  mutants   {len(tried)} of {population} tried, {killed} killed ({share:.1%}),"
        f" {len(survivors)} survived, {len(unexplained)} without an explanation"
    )
    return share >= WANTED and not unexplained


def _state(texts: dict[str, str]) -> str:
    """One hash over source, settings and tests: results hold for these only."""
    digest = hashlib.sha256(json.dumps([texts, compiler_settings()]).encode())
    for folder in ("tests/contract/rooms", "tests/support/registry", "tests/support/evm"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    digest.update((ROOT / TESTS[1]).read_bytes())
    return digest.hexdigest()[:12]


def _unmutated() -> dict[str, str]:
    artifacts = ROOT / "contracts" / "artifacts"
    return {
        name: json.loads((artifacts / f"{name}.json").read_text())["bytecode"].removeprefix("0x")
        for name in CONTRACT_NAMES
    }
