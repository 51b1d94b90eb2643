"""The fixtures' processes start, answer and stop, also when the test session itself is killed."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pymongo
import pytest

from localnet.anvil import Anvil
from localnet.mongo import MongoServer
from localnet.process import ProgramError
from localnet.runner import Runner
from localnet.waiting import wait_until


def is_running(pid: int) -> bool:
    """False for a zombie, too."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def test_program__ends_by_itself__its_last_words_are_told(children: Runner) -> None:
    script = "print('goodbye'); raise SystemExit(3)"
    program = children.start("short", [sys.executable, "-c", script])
    with pytest.raises(
        ProgramError, match=r"(?s)short exited unexpectedly \(exit code 3\).*goodbye"
    ):
        program.wait_for_output("never said")


def test_program__setting_in_our_environment__does_not_reach_it(
    children: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONGODB_URI", "mongodb://production")
    script = "import os; print('given:', os.environ.get('MONGODB_URI'), os.environ['LOG_LEVEL'])"
    program = children.start("environment", [sys.executable, "-c", script], {"LOG_LEVEL": "info"})
    assert program.wait_for_output(r"given: (.*)")[1] == "None info"


def test_program__stopped__what_it_started_ends_too(children: Runner) -> None:
    script = (
        "import signal, subprocess, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('child', subprocess.Popen(['sleep', '60']).pid, 'runs', flush=True); time.sleep(60)"
    )
    program = children.start("family", [sys.executable, "-c", script])
    pid = int(program.wait_for_output(r"child (\d+) runs")[1])
    assert program.stop(0.2) == -signal.SIGKILL
    wait_until(lambda: not is_running(pid), what="the child ends with it")


def test_anvil__started_with_options__answers_and_stops(
    anvil_factory: Callable[..., Anvil],
) -> None:
    chain = anvil_factory("--chain-id", "4711", "--no-mining")
    assert chain.rpc("eth_chainId") == hex(4711)
    chain.mine(3, timestamp=4_000_000_000)
    assert chain.rpc("eth_blockNumber") == "0x3"
    assert len(chain.accounts) == 10
    chain.stop()
    assert not is_running(chain.pid)


def test_anvil__snapshot_reverted__state_is_back(anvil: Anvil) -> None:
    before = anvil.rpc("eth_blockNumber")
    snapshot = anvil.snapshot()
    anvil.mine(2)
    assert anvil.rpc("eth_blockNumber") != before
    anvil.revert(snapshot)
    assert anvil.rpc("eth_blockNumber") == before


def test_mongo__two_databases__are_apart(
    mongo: MongoServer, mongo_database_names: Callable[[], str]
) -> None:
    first, second = mongo_database_names(), mongo_database_names()
    with pymongo.MongoClient[dict[str, object]](mongo.uri) as client:
        client[first].things.insert_one({"_id": 1})
        assert client[first].things.count_documents({}) == 1
        assert client[second].things.count_documents({}) == 0


def test_mongo__killed_and_started_on_its_storage__keeps_the_write(
    mongo_factory: Callable[..., MongoServer], tmp_path: Path
) -> None:
    server = mongo_factory(storage=tmp_path / "data", sync=True)
    with pymongo.MongoClient[dict[str, object]](server.uri) as client:
        client.kept.things.insert_one({"_id": 1})
    server.kill()
    again = mongo_factory(storage=tmp_path / "data", sync=True)
    with pymongo.MongoClient[dict[str, object]](again.uri) as client:
        assert client.kept.things.find_one({"_id": 1}) == {"_id": 1}


@pytest.mark.parametrize(
    ("module", "make"),
    [("anvil", "Anvil"), ("mongo", "MongoServer"), ("stream.control", "StandIn.start")],
)
def test_processes__their_parent_is_killed__they_end_too(
    children: Runner, module: str, make: str
) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        f"import localnet.{module} as module\n"
        f"child = module.{make}(Path(sys.argv[1]))\n"
        "print('child', child.pid, 'ready', flush=True); time.sleep(60)\n"
    )
    folder = children.new_folder("parent")
    parent = children.start("parent", [sys.executable, "-c", script, folder])
    pid = int(parent.wait_for_output(r"child (\d+) ready")[1])
    assert is_running(pid)
    os.kill(parent.pid, signal.SIGKILL)
    wait_until(lambda: not is_running(pid), what=f"{make} ends with its parent")
