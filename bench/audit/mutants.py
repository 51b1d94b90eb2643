"""Mutation testing: is there a test for everything that the contract's source says?

Promises: each sampled mutant is tried (`bench.audit.mutant_trial`), several at once; one that does
not compile, or gives the very same code, is replaced by the next of the sample. Results are kept
with the source they belong to, so that a stopped run goes on where it was: a verdict holds as long
as the test that gave it is the same, and a survivor's as long as all tests are. A survivor without
an explanation in survivors.json is told as open.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.audit.environment import FOLDER
from bench.audit.mutant_trial import (
    NO_SOLIDITY,
    SAME_CODE,
    TESTS,
    MutantTrials,
    Solc,
    quick_settings,
)
from bench.audit.mutate import Mutant, mutants
from scripts.support.sources import with_imports
from tools.compiler import CONTRACTS, ROOT, production_sources

SURVIVORS = Path(__file__).with_name("survivors.json")
SUPPORT = ("tests/support/registry", "tests/support/rulebook", "tests/support/evm")
WANTED = 0.95

Entry = dict[str, Any]


def everything() -> list[Mutant]:
    """All mutants of the production code; interfaces hold nothing that runs."""
    found = []
    for path in production_sources():
        if not path.is_relative_to(CONTRACTS / "interfaces"):
            found += mutants(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
    return found


def run(sample: int, seed: int, jobs: int) -> bool:
    """Try a sample. False if less than 95 % are noticed or a survivor has no explanation."""
    texts = with_imports(production_sources())
    population = everything()
    random.Random(seed).shuffle(population)
    kept = _Kept(texts)
    with TemporaryDirectory(prefix="mutants-") as folder, ExitStack() as stack:
        compilers = [Solc() for _ in range(jobs)]
        for solc in compilers:
            stack.callback(solc.close)
        court = MutantTrials(texts, Path(folder), compilers[0])
        tried = list(_tried(population, sample, court, compilers, texts, kept))
    return _report(tried, len(population), kept)


def _tried(
    population: list[Mutant],
    sample: int,
    court: MutantTrials,
    idle: list[Solc],
    texts: dict[str, str],
    kept: _Kept,
) -> Iterator[Entry]:
    running: dict[int, tuple[Mutant, int, Solc]] = {}
    rest, done = iter(population), 0
    while done < sample:
        free = bool(idle) and done + len(running) < sample
        if free and (mutant := next(rest, None)) is not None:
            entry = kept.entry(mutant)
            if entry is None:
                solc = idle.pop()
                process, reading = court.begin(mutant, solc)
                running[process] = (mutant, reading, solc)
                continue
        elif running:
            process, status = os.wait()
            mutant, reading, solc = running.pop(process)
            idle.append(solc)
            entry = kept.add(mutant, texts[mutant.file], court.end(status, reading))
        else:
            return  # the population is smaller than the sample
        if entry["killer"] in (NO_SOLIDITY, SAME_CODE):
            continue
        done += 1
        _tell(done, sample, entry)
        yield entry


class _Kept:
    """The results so far, one a line."""

    def __init__(self, texts: dict[str, str]) -> None:
        digest = hashlib.sha256(json.dumps([texts, quick_settings()]).encode()).hexdigest()
        self._file = FOLDER / f"mutants-{digest[:12]}.jsonl"
        FOLDER.mkdir(parents=True, exist_ok=True)
        lines = self._file.read_text().splitlines() if self._file.exists() else []
        self._entries: dict[str, Entry] = {(e := json.loads(line))["id"]: e for line in lines}

    def entry(self, mutant: Mutant) -> Entry | None:
        """A mutant's result, if it still holds."""
        found = self._entries.get(mutant.id)
        return found if found and found["tests"] == _tests(found["killer"]) else None

    def add(self, mutant: Mutant, text: str, killer: str | None) -> Entry:
        """Keep a result."""
        entry = self._entries[mutant.id] = {
            "id": mutant.id,
            "where": f"{mutant.file}:{mutant.number}",
            "kind": mutant.operator,
            "line": mutant.line,
            "old": text[mutant.start : mutant.end],
            "new": mutant.new,
            "killer": killer,
            "tests": _tests(killer),
        }
        with self._file.open("a") as file:
            file.write(json.dumps(entry) + "\n")
        return entry

    def same_code(self) -> int:
        """How many mutants gave the same code."""
        return sum(entry["killer"] == SAME_CODE for entry in self._entries.values())


def _tests(killer: str | None) -> str:
    """A hash over the tests that a verdict depends on."""
    if killer in (NO_SOLIDITY, SAME_CODE):
        return ""
    one = killer.split("::")[0] if killer and "::" in killer else None
    digest = hashlib.sha256()
    for name in (*SUPPORT, *([one] if one else TESTS)):
        path = ROOT / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _tell(number: int, sample: int, entry: Entry) -> None:
    fate = f"killed by {entry['killer']}" if entry["killer"] else "SURVIVED"
    what = f"{entry['old']!r} -> {entry['new']!r}"
    print(
        f"  mutants   {number}/{sample} {entry['id']} {entry['where']} {what}: {fate}", flush=True
    )


def _report(tried: list[Entry], population: int, kept: _Kept) -> bool:
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
        f" {len(survivors)} survived, {len(unexplained)} without an explanation;"
        f" {kept.same_code()} others gave the same code"
    )
    return share >= WANTED and not unexplained
