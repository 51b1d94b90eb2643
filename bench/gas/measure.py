"""Runs the scenario, and the bounds its figures are held to."""

from __future__ import annotations

from bench.gas.gas_chain import world
from bench.gas.scenario import BATCH, LIFE, TERMS, GasStep, contract_steps, naive_life

AIMS = {f"fulfill, share of {BATCH}": 23_500}
FLOOR_FACTORS = {"createRoom": 1.05}
FLOOR_FACTOR = 1.25  # of every other step
NAIVE_SHARE = 0.34  # of the bare naive contract's life

Peers = dict[str, dict[str, float]]
"""Naive contract -> step -> gas."""


def measure() -> tuple[list[GasStep], Peers]:
    """Steps of the contract, and the life on the naive contracts."""
    with world() as fresh:
        peers = {
            "naive": naive_life(fresh, "Naive", 0),
            "naive, with deposit": naive_life(fresh, "NaiveWithDeposit", TERMS.deposit),
        }
        return list(contract_steps(fresh)), peers


def life(gas: dict[str, float]) -> float:
    """Gas of a room's whole life."""
    return sum(gas[step] for step in LIFE)


def factor(step: str) -> float:
    """How many times its floor a step may cost."""
    return FLOOR_FACTORS.get(step, FLOOR_FACTOR)


def missed(steps: list[GasStep], peers: Peers) -> list[str]:
    """The bounds that no change may break."""
    lines = [
        f"{s.name}: {s.gas:,.0f} gas, the aim is {AIMS[s.name]:,}"
        for s in steps
        if s.gas > AIMS.get(s.name, float("inf"))
    ]
    lines += [
        f"{s.name}: {s.gas / s.floor.total:.3f} times its floor, the aim is {factor(s.name)}"
        for s in steps
        if s.floor and s.gas > factor(s.name) * s.floor.total
    ]
    ours, naive = life({s.name: s.gas for s in steps}), life(peers["naive"])
    if ours > NAIVE_SHARE * naive:
        lines.append(f"a whole life: {ours:,.0f} gas, over {NAIVE_SHARE} of the naive {naive:,.0f}")
    return lines
