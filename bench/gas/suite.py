"""The gas figures as rows of the benchmark's tables."""

from __future__ import annotations

from bench.gas.measure import AIMS, NAIVE_SHARE, factor, life, measure
from bench.gas.scenario import LIFE
from bench.output import SuiteOutput
from bench.rows import BenchRow


def run(out: SuiteOutput) -> list[BenchRow]:
    """Each step beside its floor, each part of a life beside the naive contracts."""
    out.say("50 rooms' lives on anvil")
    steps, peers = measure()
    rows = []
    for step in steps:
        if step.floor is None:
            rows.append(BenchRow("gas per call", step.name, step.gas, "gas"))
            continue
        aim = AIMS.get(step.name)
        within = step.gas <= factor(step.name) * step.floor.total
        rows.append(
            BenchRow(
                "gas per call",
                step.name,
                step.gas,
                "gas",
                step.floor.total,
                "floor",
                f"<= {factor(step.name)}x floor" + (f", <= {aim:,}" if aim else ""),
                within and (aim is None or step.gas <= aim),
            )
        )
    ours = {step.name: step.gas for step in steps}
    for peer, gas in peers.items():
        heading = f"gas beside a contract that is {peer}"
        rows += [BenchRow(heading, name, ours[name], "gas", gas[name], peer) for name in LIFE]
        share = life(ours) <= NAIVE_SHARE * life(gas)
        rows.append(
            BenchRow(
                heading,
                "a whole life",
                life(ours),
                "gas",
                life(gas),
                peer,
                f"<= {NAIVE_SHARE} of it",
                share,
            )
        )
    return rows
