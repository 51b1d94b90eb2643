"""Random walks without end: the tests' walk (tests/support/registry/walk.py), a million calls long.

Promises: prints the seed and the step of a walk that disagrees with the contract; the seeds of an
audit follow from one, so that the same command walks the same ways.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

from tests.support.evm.revm import Revm
from tests.support.registry.choosing import Seeded
from tests.support.registry.walk import Walk, actors, gate_code

STEPS = 400
RESULT = Path(__file__).resolve().parents[2] / "build" / "audit" / "walk.json"
TOLD_EVERY = 100_000


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
    started, walks, done = time.monotonic(), 0, 0
    outcomes: Counter[str] = Counter()
    while done < calls:
        number = seed * 1_000_000 + walks
        try:
            walk = one(number)
        except AssertionError:
            traceback.print_exc()
            print(f"  walk      seed {number} disagrees (after {done} calls)", file=sys.stderr)
            return False
        walks += 1
        before, done = done, done + walk.calls
        outcomes.update(walk.outcomes)
        if before // TOLD_EVERY != done // TOLD_EVERY:
            rate = done / (time.monotonic() - started)
            print(f"  walk      {done:,} calls, {rate:,.0f} a second", file=sys.stderr, flush=True)
    _report(done, walks, time.monotonic() - started, outcomes)
    return True


def _report(calls: int, walks: int, seconds: float, outcomes: Counter[str]) -> None:
    accepted = sum(n for name, n in outcomes.items() if name.endswith(" ok"))
    result: dict[str, Any] = {
        "calls": calls,
        "walks": walks,
        "seconds": round(seconds),
        "accepted": accepted,
        "outcomes": dict(sorted(outcomes.items())),
    }
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    kinds = len(outcomes)
    print(
        f"  walk      {calls:,} calls in {walks:,} walks, {accepted:,} accepted, {kinds} outcomes,"
        f" {seconds:.0f} s: no disagreement"
    )
