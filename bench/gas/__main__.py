"""python -m bench.gas [check | write]

Without an argument: the table, on anvil (seconds). `write` also keeps the figures in
bench/gas/snapshot.json; `check` compares with it and exits 1 if any differs, so that a change of
gas is always a change that somebody saw.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from bench.gas.measure import Peers, life, measure, missed
from bench.gas.scenario import GasStep

SNAPSHOT = Path(__file__).with_name("snapshot.json")
TOLERANCE = 50  # gas: an address or key with another zero byte


def table(steps: list[GasStep], peers: Peers) -> str:
    """The table in Markdown."""
    lines = [
        f"| step | gas | floor | x floor | {' | '.join(peers)} |",
        "|---|---:|---:|---:|" + "---:|" * len(peers),
    ]
    for step in steps:
        low = f"{step.floor.total:,.0f}" if step.floor else ""
        times = f"{step.gas / step.floor.total:.2f}" if step.floor else ""
        others = [f"{p[step.name]:,.0f}" if step.name in p else "" for p in peers.values()]
        lines.append(f"| {step.name} | {step.gas:,.0f} | {low} | {times} | {' | '.join(others)} |")
    ours = life({s.name: s.gas for s in steps})
    least = life({s.name: s.floor.total for s in steps if s.floor})
    cells = [f"{life(p):,.0f} (we take {ours / life(p):.3f})" for p in peers.values()]
    lines.append(
        f"| a whole life | {ours:,.0f} | {least:,.0f} | {ours / least:.2f} | {' | '.join(cells)} |"
    )
    return "\n".join(lines)


def parts(steps: list[GasStep]) -> str:
    """The floors, part by part, in Markdown."""
    lines = [
        "| step | intrinsic | calldata | slots | logs | payment |",
        "|---|---:|---:|---|---:|---:|",
    ]
    for step in steps:
        if step.floor is None:
            continue
        merged: dict[str, float] = {}
        for name, gas in step.floor.slots.items():
            key = "accounts" if name.startswith("account ") else name
            merged[key] = merged.get(key, 0) + gas
        cells = (
            step.name,
            f"{step.floor.intrinsic:,.0f}",
            f"{step.floor.calldata:,.0f}",
            ", ".join(f"{name} {gas:,.0f}" for name, gas in merged.items()),
            f"{step.floor.logs:,.0f}",
            f"{step.floor.payment:,.0f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def differences(steps: list[GasStep]) -> list[str]:
    """What is not as in the snapshot."""
    kept = json.loads(SNAPSHOT.read_text()) if SNAPSHOT.exists() else {}
    now = {step.name: round(step.gas) for step in steps}
    return [
        f"{name}: {kept.get(name, 'no')} gas in the snapshot, {now.get(name, 'no')} now"
        for name in sorted(kept.keys() | now.keys())
        if abs(kept.get(name, -(10**9)) - now.get(name, 10**9)) > TOLERANCE
    ]


def main(argv: list[str] | None = None) -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.gas", description=__doc__)
    parser.add_argument("action", nargs="?", choices=["show", "check", "write"], default="show")
    action = parser.parse_args(argv).action
    steps, peers = measure()
    complaints = missed(steps, peers)
    if action == "write":
        figures = {step.name: round(step.gas) for step in steps}
        SNAPSHOT.write_text(json.dumps(figures, indent=1) + "\n")
    if action == "check":
        complaints += [
            f"{line} (python -m bench.gas write, and docs/contract.md)"
            for line in differences(steps)
        ]
    else:
        print(table(steps, peers), parts(steps), sep="\n\n")
    for line in complaints:
        print(f"  {line}", file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
