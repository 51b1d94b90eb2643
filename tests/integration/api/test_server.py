"""The server as it runs: several workers, fresh answers, event streams, stopping."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from localnet import loopback
from localnet.anvil import Anvil
from localnet.process import ROOT
from localnet.services import ServiceProcess
from localnet.waiting import wait_until
from tests.integration.api.conftest import StoredIndex, deploy

pytestmark = pytest.mark.alone

JOIN = "/api/livestream/join?room_id=live_1"
STALE = 0.050


def workers(server: ServiceProcess) -> list[int]:
    return [child.pid for child in psutil.Process(server.pid).children()]


def shares(server: ServiceProcess) -> list[int]:
    """How many connections each worker has taken."""
    return [
        sum(
            1
            for one in psutil.Process(pid).connections("tcp")
            if one.status == "ESTABLISHED" and one.laddr.port == server.port
        )
        for pid in workers(server)
    ]


def wait_for_workers(server: ServiceProcess) -> None:
    """Until both take connections: the first answers before the second is there."""
    with ExitStack() as stack:

        def both() -> bool:
            stack.enter_context(loopback.client(server.url)).get("/healthz")
            return [taken > 0 for taken in shares(server)] == [True, True]

        wait_until(both, what="both workers take connections")
    wait_until(lambda: not any(shares(server)), what="these are closed again")


@pytest.fixture
def connections(api: ServiceProcess) -> Iterator[list[httpx.Client]]:
    """Enough connections that every worker has some."""
    wait_for_workers(api)
    clients = [loopback.client(api.url) for _ in range(16)]
    yield clients
    for client in clients:
        client.close()


def test_join__index_changed__every_worker_tells_within_50_ms(
    index: StoredIndex, connections: list[httpx.Client]
) -> None:
    stop = threading.Event()
    answers: list[tuple[float, str]] = []  # when asked, what was answered

    def ask(client: httpx.Client) -> None:
        while not stop.is_set():
            asked = time.monotonic()
            answers.append((asked, client.get(JOIN).json()["title"]))

    threads = [threading.Thread(target=ask, args=(client,)) for client in connections]
    for thread in threads:
        thread.start()
    written: list[tuple[float, str]] = []
    try:
        for turn in range(12):
            title = f"Tên {turn:03d}"
            index.story.rename(1, title)
            index.write()
            written.append((time.monotonic(), title))
            count = len(answers)
            wait_until(lambda c=count: len(answers) > c + 40, what="answers")  # type: ignore[misc]
    finally:
        stop.set()
        for thread in threads:
            thread.join(10)
    assert len(answers) > 400
    for moment, title in written:
        late = [t for asked, t in answers if asked > moment + STALE and t < title]
        assert not late, f"{late[0]} was still told {STALE} s after {title} was indexed"


def test_stream__change_indexed__told_at_once_and_resumed_without_gap(
    index: StoredIndex, api: ServiceProcess
) -> None:
    number = index.story.create()
    index.write()
    seen: list[tuple[str, float]] = []
    with httpx.stream(
        "GET", f"{api.url}/api/livestream/stream?room_id=live_{number}", timeout=10,
        trust_env=False,
    ) as stream:  # fmt: skip
        lines = stream.iter_lines()
        next(line for line in lines if line.startswith("event: position"))
        index.story.provision(number)
        index.write()
        done = time.monotonic()
        found = next(line for line in lines if '"RoomProvisioned"' in line)
        seen.append((found, time.monotonic() - done))
    assert seen[0][1] < 0.5
    last = index.story.room(number)["seqs"][0]
    with httpx.stream(
        "GET", f"{api.url}/api/livestream/stream?room_id=live_{number}", timeout=10,
        headers={"Last-Event-ID": str(last)}, trust_env=False,
    ) as stream:  # fmt: skip
        assert '"RoomProvisioned"' in next(
            line for line in stream.iter_lines() if line.startswith("data: ")
        )


def test_connections__opened_one_by_one_at_rest__shared_by_the_workers(api: ServiceProcess) -> None:
    wait_for_workers(api)
    clients = [loopback.client(api.url) for _ in range(40)]
    for client in clients:
        assert client.get("/healthz").status_code == 200
    taken = shares(api)
    for client in clients:
        client.close()
    assert sum(taken) == 40
    assert min(taken) >= 15, taken


def test_worker__killed__replaced_and_the_others_go_on(
    index: StoredIndex, api: ServiceProcess
) -> None:
    before = wait_until(lambda: w if len(w := workers(api)) == 2 else None, what="two workers")
    assert before is not None
    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: len(set(workers(api)) - {before[0]}) == 2, 20, "a new worker")
    for _ in range(20):
        with loopback.client(api.url) as client:
            assert client.get(JOIN).status_code == 200


def test_stop__sigterm_with_streams_and_idle_connections__quick_and_complete(
    api: ServiceProcess, connections: list[httpx.Client]
) -> None:
    for client in connections[:8]:
        assert client.get(JOIN).status_code == 200  # and stays open, idle
    streams = [
        client.send(client.build_request("GET", "/api/livestream/stream"), stream=True)
        for client in connections[8:]
    ]
    pids = workers(api)
    started = time.monotonic()
    api.send_signal(signal.SIGTERM)
    assert api.wait(15) == 0
    assert time.monotonic() - started < 6
    assert not any(psutil.pid_exists(pid) for pid in pids)
    for stream in streams:
        stream.close()
    assert "Traceback" not in api.output()


def test_metrics__any_worker__tells_of_all(
    api: ServiceProcess, connections: list[httpx.Client]
) -> None:
    for client in connections:
        for _ in range(5):
            assert client.get(JOIN).status_code == 200
    line = 'livestream_api_requests_total{method="GET",route="/api/livestream/join",status="200"}'
    text = ""
    for client in connections[:4]:
        text = client.get("/metrics").text
        assert f"{line} {len(connections) * 5}.0" in text
    assert 'livestream_api_memory_lookups_total{result="hit"}' in text
    assert "livestream_api_index_lag_blocks" in text
    assert "livestream_api_request_seconds_bucket" in text


def test_ready__indexer_stopped_or_silent__503_with_the_reason(
    index: StoredIndex, api: ServiceProcess
) -> None:
    assert api.get("/readyz").status_code == 200
    index.story.updated_at = time.time() - 300
    index.write()
    answer = wait_until(lambda: a if (a := api.get("/readyz")).status_code == 503 else None)
    assert answer is not None
    assert "has not read the chain for 30" in answer.json()["reasons"][0]
    index.story.state, index.story.stop_reason = "stopped", "a reorg past finality"
    index.write()
    wait_until(lambda: "past finality" in api.get("/readyz").text, what="the reason")
    assert api.get(JOIN).status_code == 200
    index.client.drop_database(index.name)
    wait_until(lambda: "is not indexed yet" in api.get("/readyz").text, what="the reason")


def test_rate_limit__many_connections__one_count_over_all_workers(
    index: StoredIndex, start_api: Callable[..., ServiceProcess]
) -> None:
    server = start_api(index, env={"API_RATE_LIMIT": "30/minute"})
    statuses = []
    for _ in range(40):
        with loopback.client(server.url) as client:
            statuses.append(client.get(JOIN).status_code)
    assert statuses.count(200) == 30
    assert statuses.count(429) == 10


def run_to_end(**env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api"], cwd=ROOT, env={**os.environ, **env},
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


def test_start__settings_missing__exit_2_naming_all(tmp_path: Path) -> None:
    result = run_to_end(API_BIND="nowhere", CHAIN_ID="")
    assert result.returncode == 2
    for name in ("API_BIND", "CHAIN_ID", "MONGODB_URI", "CONTRACTS", "RPC_URLS"):
        assert name in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("chain_id", "contract", "words"),
    [("1", "", "the node is on chain 31337"), ("31337", "0x" + "99" * 20, "no contract at")],
)
def test_start__wrong_chain_or_no_code__exit_3_saying_so(
    anvil: Anvil, chain_id: str, contract: str, words: str
) -> None:
    env: dict[str, Any] = {
        "CHAIN_ID": chain_id,
        "CONTRACTS": f"{contract or deploy(anvil)}@1",
        "RPC_URLS": anvil.url,
        "MONGODB_URI": "mongodb://127.0.0.1:9/",
        "API_BIND": "127.0.0.1:0",
    }
    result = run_to_end(**env)
    assert result.returncode == 3
    assert words in result.stderr
