"""`make demo`: stopped at each stage, and a second one beside it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.drill.drill import Drill
from localnet.leftovers import open_ports, processes_of
from localnet.process import Program

STAGES = (
    "the whole system on this machine", r"\+ chain", r"\+ database", r"\+ video", r"\+ contract",
    r"\+ indexer", r"\+ oracle", r"\+ API", r" 1  ", r" 2  ", r" 3  ", r" 4  ", r" 5  ", r" 6  ",
    "Ctrl-C stops everything",
)  # fmt: skip
"""Output after which it is stopped."""
END_SECONDS = 30.0
"""Three groups of programs end one after the other, each within ten seconds (`Stack.stop`)."""
DEMO_SECONDS = 600.0


def ctrl_c(drill: Drill) -> None:
    """Ctrl-C of `make demo` at each stage; the next one starts; a second one beside it."""
    slowest, left = 0.0, []
    state = drill.folder / "state"
    for number, stage in enumerate(STAGES):
        demo = _make(state, drill.folder / f"{number}.log")
        try:
            demo.wait_for_output(stage, DEMO_SECONDS)
            began = drill.seconds
            os.killpg(demo.pid, signal.SIGINT)  # as a terminal: to make and all that it runs
            demo.wait(60)
            slowest = max(slowest, drill.seconds - began)
        finally:
            demo.kill()
        remains = [*processes_of(state), *_open_ports(state)]
        left += [f"after {stage!r}: {what}" for what in remains]
        drill.say(f"stopped after {stage!r} in {drill.seconds - began:.1f} s")
        for pid in processes_of(state):
            os.kill(int(pid), signal.SIGKILL)
    stages = f"{len(STAGES)} stages, slowest {slowest:.1f} s"
    drill.check(f"it ends within {END_SECONDS:g} s at each stage", slowest <= END_SECONDS, stages)
    drill.check("no process and no port is left", not left, "; ".join(left[:3]))
    code, said = run_demo(state, "--once")
    drill.check("the next demo starts on what they left", code == 0, said)
    _second(drill, state)


def _second(drill: Drill, state: Path) -> None:
    with _make(state, drill.folder / "first.log") as first:
        first.wait_for_output("Ctrl-C stops everything", DEMO_SECONDS)
        code, said = run_demo(state, "--once")
        told = code == 2 and "another local stack uses" in said and "http://127.0.0.1:" in said
        drill.check("a second demo on the same state says in a sentence what to do", told, said)
        other = drill.folder / "other"
        code, said = run_demo(other, "--once")
        drill.check("a second demo with a state of its own runs beside it", code == 0, said)
        first.require_alive()
        drill.check("the first one goes on", first.returncode is None)
        os.killpg(first.pid, signal.SIGINT)
        first.wait(60)


def _make(state: Path, log: Path) -> Program:
    return Program("make demo", ["make", "demo", f"STATE={state}"], log)


def run_demo(
    state: Path, *options: str, python: Sequence[str] = (sys.executable,), **env: str
) -> tuple[int, str]:
    """`python -m localnet demo` to its end: the exit code, and its last line."""
    log = state.with_suffix(".log")
    command = [*python, "-m", "localnet", "demo", "--state", str(state), *options]
    with Program("demo", command, log, env) as demo:
        code = demo.wait(DEMO_SECONDS)
        return code, demo.last_words(1).strip()


def _open_ports(state: Path) -> list[str]:
    """None while the demo has not come as far as choosing them."""
    if not (state / "ports.json").exists():
        return []
    return [f"port of {name}" for name in open_ports(state)]
