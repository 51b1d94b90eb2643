"""Random walks over the contract, held against the rules and the fold after each step.

Short here; `python -m bench.audit walk` takes a million steps and more.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localnet.anvil import Anvil
from tests.support.evm.anvil_machine import AnvilMachine
from tests.support.evm.machine import Machine
from tests.support.evm.pyevm import PyEvm
from tests.support.evm.revm import Revm
from tests.support.registry.choosers import Chooser, Drawn, Seeded
from tests.support.registry.random_walk import RandomWalk, actors, gate_code
from tests.support.rulebook.turn import BRIM, OWNERS_BRIM

STEPS = 300
SHORT_STEPS = 40


def walk(machine: Machine, chooser: Chooser, who: list[str], steps: int) -> RandomWalk:
    """A walk of so many steps, compared whole at its end."""
    gate = machine.create(who[0], gate_code()).address
    going = RandomWalk(machine, chooser, who, gate)
    for _ in range(steps):
        going.step()
    going.registry.compare()
    return going


@pytest.mark.parametrize("seed", range(20))
def test_walk__on_revm__agrees_after_each_step(seed: int) -> None:
    going = walk(Revm(), Seeded(seed), actors(), STEPS)
    assert sum(n for name, n in going.outcomes.items() if name.endswith(" ok")) > STEPS // 6


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("limit", [BRIM, OWNERS_BRIM])
def test_walk__over_a_brim_of_the_history__agrees_after_each_step(seed: int, limit: int) -> None:
    """From rooms of every kind into a history that is nearly full."""
    machine = Revm()
    gate = machine.create(actors()[0], gate_code()).address
    going = RandomWalk(machine, Seeded(seed), actors(), gate)
    for _ in range(STEPS // 2):
        going.step()
    going.jump(machine, limit - 3)
    for _ in range(STEPS // 2):
        going.step()
    going.registry.compare()
    assert going.registry.state.count > limit


@settings(max_examples=25, deadline=None, database=None, suppress_health_check=HealthCheck.all())
@given(st.data())
def test_walk__drawn_by_hypothesis__agrees_after_each_step(data: st.DataObject) -> None:
    walk(Revm(), Drawn(data), actors(), SHORT_STEPS)


@pytest.mark.parametrize("seed", [1, 2])
def test_walk__on_py_evm__agrees_after_each_step(seed: int) -> None:
    machine = PyEvm()
    walk(machine, Seeded(seed), machine.accounts, SHORT_STEPS)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[AnvilMachine]:
    with Anvil(tmp_path, "--block-base-fee-per-gas", "0") as anvil:
        machine = AnvilMachine(anvil)
        yield machine


@pytest.mark.parametrize("seed", [3, 4])
def test_walk__on_anvil__agrees_after_each_step(node: AnvilMachine, seed: int) -> None:
    walk(node, Seeded(seed), actors(), STEPS // 2)
