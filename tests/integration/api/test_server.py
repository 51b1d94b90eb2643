"""The server as it runs: several workers, fresh answers, event streams, stopping."""

from __future__ import annotations

import os
import re
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

from common.version import VERSION
from localnet import loopback
from localnet.anvil import Anvil
from localnet.process import ROOT
from localnet.services import ServiceProcess
from localnet.waiting import wait_until
from tests.integration.api.conftest import StoredIndex, deploy
from tests.support.indexer.contract_story import ContractStory

JOIN = "/api/livestream/join?room_id=live_1"


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


def test_join__index_changed_under_load__every_worker_tells_and_never_goes_back(
    index: StoredIndex, connections: list[httpx.Client]
) -> None:
    stop = threading.Event()
    told: list[list[str]] = [[] for _ in connections]  # of each connection, so of one worker

    def ask(client: httpx.Client, titles: list[str]) -> None:
        while not stop.is_set():
            titles.append(client.get(JOIN).json()["title"])

    asking = zip(connections, told, strict=True)
    threads = [threading.Thread(target=ask, args=each) for each in asking]
    for thread in threads:
        thread.start()
    try:
        for turn in range(12):
            title = f"Tên {turn:03d}"
            index.story.rename(1, title)
            index.write()
            wait_until(
                lambda wanted=title: all(some and some[-1] == wanted for some in told),  # type: ignore[misc]
                what=f"everybody is told {title}",
            )
    finally:
        stop.set()
        for thread in threads:
            thread.join(10)
    for titles in told:
        # what was there before them sorts before them, too
        assert titles == sorted(titles)


def test_stream__change_indexed__told_and_resumed_without_gap(
    index: StoredIndex, api: ServiceProcess
) -> None:
    number = index.story.create()
    index.write()
    with httpx.stream(
        "GET", f"{api.url}/api/livestream/stream?room_id=live_{number}", timeout=10,
        trust_env=False,
    ) as stream:  # fmt: skip
        lines = stream.iter_lines()
        next(line for line in lines if line.startswith("event: position"))
        index.story.provision(number)
        index.write()
        assert any('"RoomProvisioned"' in line for line in lines)
    created = index.story.events[index.story.room(number)["seqs"][0] - 1]
    last = f"{created['seq']}-{created['block_hash'][2:10]}"
    with httpx.stream(
        "GET", f"{api.url}/api/livestream/stream?room_id=live_{number}", timeout=10,
        headers={"Last-Event-ID": last}, trust_env=False,
    ) as stream:  # fmt: skip
        assert '"RoomProvisioned"' in next(
            line for line in stream.iter_lines() if line.startswith("data: ")
        )


def first_events(client: httpx.Client, **headers: str) -> list[tuple[str, str]]:
    """What a stream says before anything happens: ids and names up to `position`."""
    found: list[tuple[str, str]] = []
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with client.stream("GET", "/api/livestream/stream", headers=named) as stream:
        event_id = ""
        for line in stream.iter_lines():
            if line.startswith("id: "):
                event_id = line.removeprefix("id: ")
            elif line.startswith("event: "):
                found.append((event_id, line.removeprefix("event: ")))
            if line == "event: position":
                return found
    raise AssertionError("the stream ended before it said where it stands")


def newest_id(story: ContractStory) -> str:
    """The stream's id of its newest event."""
    return f"{story.seq}-{story.events[-1]['block_hash'][2:10]}"


def wait_until_told(
    client: httpx.Client, event_id: str, *names: str, since: str | None = None
) -> str:
    """Until a stream that resumes after `since` begins with just these events of this id: a worker
    may answer from what it read a moment ago. Returns the id."""
    resumed = {} if since is None else {"Last_Event_ID": since}
    expected = [(event_id, name) for name in names]
    wait_until(lambda: first_events(client, **resumed) == expected, what=f"{names} of {event_id}")
    return event_id


def test_scenario_26__away_during_a_reorg__every_worker_says_reset(
    index: StoredIndex, connections: list[httpx.Client]
) -> None:
    fork = index.story.copy()
    fork.fork = 1
    index.story.live(title="Sẽ mất")
    index.write()
    seen = wait_until_told(connections[0], newest_id(index.story), "position")
    for title in ("một", "hai", "ba"):
        fork.live(title=title)
    index.fork(fork)
    for client in connections:
        wait_until_told(client, newest_id(fork), "reset", "position", since=seen)


@pytest.mark.alone
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


def test_stop__sigterm_with_streams_and_idle_connections__each_is_ended_in_order(
    api: ServiceProcess, connections: list[httpx.Client]
) -> None:
    for client in connections[:8]:
        assert client.get(JOIN).status_code == 200  # and stays open, idle
    streams = [
        client.send(client.build_request("GET", "/api/livestream/stream"), stream=True)
        for client in connections[8:]
    ]
    pids = workers(api)
    api.send_signal(signal.SIGTERM)
    assert api.wait(60) == 0
    assert not any(psutil.pid_exists(pid) for pid in pids)
    for stream in streams:
        stream.read()  # which fails where a worker was killed: its last chunk is missing
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
        (build,) = [row for row in text.splitlines() if row.startswith("livestream_build_info")]
        assert build == f'livestream_build_info{{service="api",version="{VERSION}"}} 1.0'
        assert f"{line} {len(connections) * 5}.0" in text
    assert 'livestream_api_memory_lookups_total{result="hit"}' in text
    assert "livestream_api_index_lag_blocks" in text
    assert "livestream_api_request_seconds_bucket" in text


def series(text: str) -> dict[str, float]:
    """The API's series without labels, named without their prefix."""
    found = re.findall(r"^livestream_api_(\w+) (\S+)$", text, re.MULTILINE)
    return {name: float(value) for name, value in found}


def test_metrics__indexer_dead_then_database_away__each_worker_tells_the_same_ages(
    index: StoredIndex, api: ServiceProcess, connections: list[httpx.Client]
) -> None:
    index.story.updated_at = time.time() - 30
    index.story.confirmed_by, index.story.lag = 7, 7
    index.write()

    def scrape_all() -> list[dict[str, float]]:
        return [series(client.get("/metrics").text) for client in connections]

    first = scrape_all()
    for told in first:
        assert told["index_lag_seconds"] >= 30
        assert (told["index_lag_blocks"], told["ready"]) == (7, 1)
        assert told["view_age_seconds"] < 30, "each scrape looks at the index"
    index.story.confirmed_by, index.story.lag = 9, 9
    index.write()
    wait_until(
        lambda: {told["index_lag_blocks"] for told in scrape_all()} == {9}, what="all tell of it"
    )
    index.client.drop_database(index.name)
    wait_until(lambda: series(connections[0].get("/metrics").text)["ready"] == 0, what="not ready")
    began = time.monotonic()
    last = scrape_all()
    took = time.monotonic() - began
    for name in ("index_lag_seconds", "view_age_seconds"):
        ages = [told[name] for told in last]
        assert max(ages) - min(ages) < took + 1, "each worker tells of another moment"
    assert {(told["ready"], told["index_lag_blocks"]) for told in last} == {(0, 9)}


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
    [
        ("1", "", "is on chain 31337, the settings say 1"),
        ("31337", "0x" + "99" * 20, "no contract at"),
    ],
)
def test_start__wrong_chain_or_no_code__exit_3_saying_so(
    anvil: Anvil, chain_id: str, contract: str, words: str
) -> None:
    deployed = deploy(anvil)  # also where another is named: the chain must have the start block
    env: dict[str, Any] = {
        "CHAIN_ID": chain_id,
        "CONTRACTS": f"{contract or deployed}@1",
        "RPC_URLS": anvil.url,
        "MONGODB_URI": "mongodb://127.0.0.1:9/",
        "API_BIND": "127.0.0.1:0",
    }
    result = run_to_end(**env)
    assert result.returncode == 3
    assert words in result.stderr
