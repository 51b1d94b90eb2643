"""Catching up with a whole chain: the floor, ours and the peer, one after the other.

The floor and ours run in turn, as often as `RUNS` says, and the medians stand in the table; what
takes minutes runs once. All of them ask the same anvil.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

from bench.index import our_indexer, ponder_peer
from bench.index.chains import DENSE, SPARSE, BenchChain, Shape, open_chain
from bench.output import SuiteOutput
from bench.rows import BenchRow
from localnet.process import ROOT, environment
from localnet.runner import Runner

RUNS = {SPARSE.name: 3, DENSE.name: 1}
FLOOR_RUNS = 3
FLOOR_SECONDS = 120
LOGS_PER_ANSWER = 2500  # as the indexer aims at
HEADERS_PER_POST = 100  # as the indexer asks
MEGA = 1e6


def measure(out: SuiteOutput, shape: Shape) -> list[BenchRow]:
    """The table of one chain."""
    with Runner(out.folder) as runner:
        chain = open_chain(runner, out, shape)
        floors, plain, runs = [], [], []
        for _ in range(FLOOR_RUNS):
            floors.append(floor(chain, shape, HEADERS_PER_POST)["cpu"])
            plain.append(floor(chain, shape, 1)["cpu"])
        for i in range(RUNS[shape.name]):
            with Runner(out.folder / f"{shape.name}-{i + 1}") as own:
                runs.append(our_indexer.catch_up(own, out, chain))
        with Runner(out.folder / f"{shape.name}-ponder") as own:
            theirs = ponder_peer.catch_up(own, out, chain)
    return rows(shape, chain, (median(floors), median(plain)), runs, theirs)


def floor(chain: BenchChain, shape: Shape, batch: int) -> dict[str, float]:
    """Fetch and parse only, in a process of its own; `batch`: headers asked for at once."""
    span = max(1, LOGS_PER_ANSWER // shape.events)
    numbers = (chain.start_block, chain.last, span, batch)
    command = [sys.executable, str(Path(__file__).with_name("floor.py"))]
    command += [chain.url, chain.contract]
    done = subprocess.run(
        [*command, *(str(number) for number in numbers)], env=environment({}), cwd=ROOT,
        check=False, capture_output=True, text=True, timeout=FLOOR_SECONDS,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"the floor failed: {done.stderr[-2000:]}")
    told: dict[str, float] = json.loads(done.stdout)
    # OpenZeppelin's own events of the deployment are logs, too
    if told["logs"] < chain.events or told["headers"] != chain.last - chain.start_block + 1:
        raise RuntimeError(f"the floor saw {told} of {chain}")
    return told


def rows(
    shape: Shape,
    chain: BenchChain,
    floors: tuple[float, float],
    runs: list[our_indexer.OurCatchUp],
    theirs: ponder_peer.PeerCatchUp,
) -> list[BenchRow]:
    """What the table says."""
    table = f"{shape.name}: {shape.blocks:,} blocks of {shape.events} events, from nothing"
    wall, cpu = median(run.wall for run in runs), median(run.indexer.cpu for run in runs)
    peak = max(run.indexer.peak for run in runs) / MEGA
    database_cpu = median(run.database.cpu for run in runs)
    database_peak = max(run.database.peak for run in runs) / MEGA
    speed, their_speed = chain.events / wall, chain.events / theirs.wall
    factor = 1.5 if shape == DENSE else 10
    whole, their_cpu, their_peak = cpu + database_cpu, theirs.usage.cpu, theirs.usage.peak / MEGA
    spread = ", ".join(f"{run.wall:.1f}" for run in runs)
    return [
        BenchRow(
            table, "CPU, indexer", cpu, "s", floors[0], "floor: fetch and parse",
            "at most 2x", cpu <= 2 * floors[0],
            f"median of {len(runs)}; whole processes with imports; headers in batches of 100, too",
        ),
        BenchRow(
            table, "CPU, indexer", cpu, "s", floors[1], "floor: a POST per header",
            "at most 2x", cpu <= 2 * floors[1],
        ),
        BenchRow(
            table, "events per second", speed, "/s", their_speed, "ponder",
            f"at least {factor}x", speed >= factor * their_speed,
            f"from process start to last event in the database; ours took {spread} s",
        ),
        BenchRow(table, "CPU, indexer and database", whole, "s", their_cpu, "ponder"),
        BenchRow(table, "CPU, database", database_cpu, "s"),
        BenchRow(
            table, "peak memory, indexer", peak, "MB", their_peak, "ponder with its database",
            "at most 200 MB", peak <= 200,
        ),
        BenchRow(table, "peak memory, database", database_peak, "MB"),
    ]  # fmt: skip
