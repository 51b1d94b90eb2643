"""Random walks without end: the tests' walk (tests/support/registry/walk.py), a million calls long.

Promises: prints the seed and the step of a walk that disagrees with the contract; the seeds of an
audit follow from one, so that the same command walks the same ways. A stopped run goes on where it
was, if the contract and the walk are still the same.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from chain import abi
from tests.support.evm.revm import Revm
from tests.support.registry.choosing import Seeded
from tests.support.registry.walk import Walk, actors, gate_code

STEPS = 400
ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "audit"
RESULT = FOLDER / "walk.json"
TOLD_EVERY = 100_000


@dataclass
class _Run:
    """How far a run has come."""

    calls: int = 0
    walks: int = 0
    seconds: float = 0
    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def accepted(self) -> int:
        return sum(n for name, n in self.outcomes.items() if name.endswith(" ok"))


def one(seed: int) -> Walk:
    """A walk of `STEPS` steps. AssertionError where the contract disagrees."""
    machine = Revm()
    gate = machine.create(actors()[0], gate_code()).address
    walk = Walk(machine, Seeded(seed), actors(), gate)
    for _ in range(STEPS):
        walk.step()
    walk.registry.compare()
    return walk


def run(calls: int, seed: int) -> bool:
    """Walk until there were so many calls. False if any disagreed."""
    place = FOLDER / f"walk-{_state(seed)}.json"
    so_far = _Run(**json.loads(place.read_text())) if place.exists() else _Run()
    so_far.outcomes = Counter(so_far.outcomes)
    began = time.monotonic() - so_far.seconds
    while so_far.calls < calls:
        number = seed * 1_000_000 + so_far.walks
        try:
            walk = one(number)
        except AssertionError:
            traceback.print_exc()
            print(
                f"  walk      seed {number} disagrees (after {so_far.calls} calls)", file=sys.stderr
            )
            return False
        before = so_far.calls
        so_far.calls += walk.calls
        so_far.walks += 1
        so_far.outcomes.update(walk.outcomes)
        so_far.seconds = time.monotonic() - began
        if before // TOLD_EVERY != so_far.calls // TOLD_EVERY:
            rate = so_far.calls / so_far.seconds
            print(f"  walk      {so_far.calls:,} calls, {rate:,.0f} a second", flush=True)
            _keep(place, so_far)
    _keep(RESULT, so_far)
    place.unlink(missing_ok=True)
    print(
        f"  walk      {so_far.calls:,} calls in {so_far.walks:,} walks, {so_far.accepted:,} of them"
        f" accepted, {len(so_far.outcomes)} outcomes, {so_far.seconds:.0f} s: no disagreement"
    )
    return True


def _keep(path: Path, so_far: _Run) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".new").write_text(json.dumps(vars(so_far), indent=1) + "\n")
    path.with_suffix(".new").replace(path)


def _state(seed: int) -> str:
    """One hash over all that decides where the walks lead."""
    digest = hashlib.sha256(abi.load().bytecode + f"{seed} {STEPS}".encode())
    for folder in ("registry", "evm"):
        for path in sorted((ROOT / "tests" / "support" / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
