"""`python -m localnet demo` as a person runs it: the walk, the second start, the end."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import httpx
import pytest

from localnet.leftovers import open_ports, processes_of
from localnet.process import Program

UP = "Ctrl-C stops everything"
QUICK = ("--block-seconds", "0.3")


def _demo(state: Path, log: Path, *options: str) -> Program:
    command = [sys.executable, "-m", "localnet", "demo", "--state", str(state), *QUICK, *options]
    return Program("demo", command, log)


def _service(state: Path, module: bytes) -> int:
    """The process of `python -m module`."""
    for pid in processes_of(state):
        if Path("/proc", pid, "cmdline").read_bytes().split(b"\0")[1:3] == [b"-m", module]:
            return int(pid)
    raise AssertionError(f"no {module!r} runs on {state}")


@pytest.mark.long
def test_demo__once_then_again__walks_the_road_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with _demo(state, tmp_path / "first.log", "--once") as first:
        assert first.wait(120) == 0, first.output()
        for word in ("live_1", "RoomProvisioned", "RoomReleased", "410", "All steps passed"):
            assert word in first.output()
    assert open_ports(state) == []
    with _demo(state, tmp_path / "second.log", "--once") as second:
        assert second.wait(120) == 0, second.output()
        assert "live_2" in second.output()
        assert "from an earlier run" in second.output()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_demo__stopped_by_a_signal__leaves_no_process_and_no_port(
    tmp_path: Path, number: signal.Signals
) -> None:
    state = tmp_path / "state"
    with _demo(state, tmp_path / "demo.log", "--no-walk") as demo:
        demo.wait_for_output(UP, 90)
        api = json.loads((state / "ports.json").read_text())["api"]
        status = httpx.get(f"http://127.0.0.1:{api}/api/livestream/status", trust_env=False)
        assert status.status_code == 200
        demo.send_signal(number)
        assert demo.wait(40) == 0, demo.output()
    assert open_ports(state) == []
    assert processes_of(state) == []


def test_demo__started_twice__the_second_says_where_the_first_serves(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with _demo(state, tmp_path / "first.log", "--no-walk") as first:
        first.wait_for_output(r"chain +http", 60)
        with _demo(state, tmp_path / "second.log") as second:
            assert second.wait(30) == 2
            assert "another local stack uses" in second.output()


def test_demo__a_service_dies__says_which_and_why_and_exits_1(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with _demo(state, tmp_path / "demo.log", "--no-walk") as demo:
        demo.wait_for_output(UP, 90)
        os.kill(_service(state, b"oracle"), signal.SIGKILL)
        assert demo.wait(40) == 1, demo.output()
        assert "oracle exited unexpectedly" in demo.output()
    assert open_ports(state) == []


@pytest.mark.long
def test_demo__chain_lost_its_last_blocks__says_so_and_offers_fresh(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with _demo(state, tmp_path / "first.log", "--once", "--no-walk") as first:
        assert first.wait(120) == 0, first.output()
    kept = state / "chain.json"
    assert json.loads(kept.read_text())["historical_states"] is None  # they would be gigabytes
    for damage in (lambda: kept.write_text(kept.read_text()[:10_000]), kept.unlink):
        damage()
        with _demo(state, tmp_path / "second.log", "--once") as second:
            assert second.wait(60) == 2, second.output()
            assert "FRESH=1" in second.output()
            assert "Traceback" not in second.output()
    with _demo(state, tmp_path / "third.log", "--once", "--fresh") as third:
        assert third.wait(120) == 0, third.output()
