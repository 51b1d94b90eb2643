"""A service whose event loop stands still: the probe notices, the process ends and says where it
stood; one that was stopped goes on. Real processes, with limits of a second and with nothing around
them: no node and no database answers."""

from __future__ import annotations

import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import psutil
import pytest
from prometheus_client import CollectorRegistry

from common.liveness import EXIT_STUCK, Heartbeat, Limits
from common.ops_server import OpsServer, Readiness
from common.settings import Bind
from localnet.loopback import client
from localnet.ports import free_port
from localnet.process import environment
from localnet.runner import Runner
from localnet.services import ServiceProcess, chain_settings, oracle_settings
from localnet.waiting import wait_until
from tests.support.compose_probe import probe
from tests.support.manual_clock import ManualClock
from tests.support.stuck_service import LIMITS, WORKER_SECONDS

NOBODY = "127.0.0.1:9"
CONTRACT = "0x5fbdb2315678afecb367f032d93f642f64180aa3"


@pytest.fixture
def services(children: Runner, tmp_path: Path) -> dict[str, ServiceProcess]:
    """All three, answering: each stands still in its own way when it is told to."""

    def start(service: str, way: str) -> ServiceProcess:
        settings = chain_settings(
            [f"http://{NOBODY}"], [f"{CONTRACT}@0"], f"mongodb://{NOBODY}",
            STUCK_SERVICE=service, STUCK_BY=way, API_WORKERS="1",
        )  # fmt: skip
        if service == "oracle":
            settings |= oracle_settings(
                tmp_path, key=secrets.token_bytes(32), account="a" * 32, token="t" * 40,
                api_base=f"http://{NOBODY}",
            )  # fmt: skip
        return children.service(service, settings, module="tests.support.stuck_service")

    ways = {"indexer": "waits_for_itself", "oracle": "computes_natively", "api": "sleeps"}
    started = {service: start(service, way) for service, way in ways.items()}
    for process in started.values():
        process.wait_ready(process.answers, 30)
    return started


def _family(process: ServiceProcess) -> list[psutil.Process]:
    parent = psutil.Process(process.pid)
    return [parent, *parent.children()]


def _pass(seconds: float) -> None:
    """Real time, which the processes live in."""
    end = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() > end, seconds + 10, f"{seconds} s have passed")


def _stop_and_go_on(services: Sequence[ServiceProcess], seconds: float) -> None:
    """SIGSTOP and SIGCONT for all their processes."""
    members = [member for process in services for member in _family(process)]
    for member in members:
        member.suspend()
    _pass(seconds)
    for member in reversed(members):
        member.resume()


def _wait_noticed(service: str, port: int, patience: float | None) -> None:
    failed = partial(probe, service, port, patience=patience)
    wait_until(lambda: failed() == 1, 10, f"the probe of {service} notices")


def test_scenario_27__event_loop_stands_still__probes_notice_and_a_supervisor_can_restart_it(
    services: dict[str, ServiceProcess],
) -> None:
    before = {service: _family(process) for service, process in services.items()}
    _stop_and_go_on([*services.values()], max(LIMITS.dead, WORKER_SECONDS) + 0.3)
    _pass(5 * LIMITS.look)
    for service, process in services.items():
        assert probe(service, process.port) == 0, "a process that was stopped has missed nothing"
        assert _family(process) == before[service]

    for service, (parent, *workers) in before.items():
        (*workers, parent)[0].send_signal(signal.SIGUSR2)
        # the others answer nobody any more
        _wait_noticed(service, services[service].port, None if service == "indexer" else 0.3)
    for service in ("indexer", "oracle"):
        assert services[service].wait(20) == EXIT_STUCK
    (line,) = [told for told in services["indexer"].logged() if told["level"] == "critical"]
    assert "waits_for_itself" in line["stands_at"][0] and line["exit_code"] == EXIT_STUCK
    assert "in computes_natively" in services["oracle"].output()
    api = services["api"]
    api.wait_until(lambda: probe("api", api.port, patience=1) == 0, 20, "another worker answers")
    assert _family(api)[1:] != before["api"][1:]
    assert api.metrics()["livestream_api_stuck_workers_total"] == 1


NOBODY_READS = """
import asyncio, os
from common import liveness
from common.clock import SystemClock

liveness.LAST_WORDS_SECONDS = 0.2

async def main():
    async with liveness.watched(SystemClock(), liveness.Limits(0.1, 0.3, 0.05)):
        await asyncio.sleep(0)
        while True:
            os.write(1, b"x" * 65536)

asyncio.run(main())
"""


def test_process__its_loop_waits_for_a_log_that_nobody_reads__ends_without_last_words() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", NOBODY_READS], stdout=subprocess.PIPE, env=environment({})
    ) as process:
        assert process.wait(20) == EXIT_STUCK


@pytest.mark.parametrize(
    ("silent", "code"), [(59.0, 0), (61.0, 1)], ids=["it turns", "it stands still"]
)
def test_probe_of_compose__the_loop__decides_and_every_route_agrees(
    silent: float, code: int
) -> None:
    clock = ManualClock()
    heartbeat = Heartbeat(clock.monotonic, Limits(look=silent))
    clock.tick(silent)
    assert not heartbeat.look()
    server = OpsServer(
        Bind("127.0.0.1", 0), CollectorRegistry(), lambda: Readiness(True, ("a note",)), heartbeat,
        service="indexer",
    )  # fmt: skip
    with closing(server), client(f"http://127.0.0.1:{server.port}") as http:
        assert probe("indexer", server.port) == code
        ready = http.get("/readyz")
        assert (ready.status_code, ready.json()["ready"]) == ((503, False) if code else (200, True))
        assert ready.json()["reasons"][-1] == "a note"
        assert ("the event loop has stood still for 61 s" in ready.text) == bool(code)
        told = http.get("/metrics").text.splitlines()
        assert f"indexer_ready {1.0 - code}" in told
        assert f"indexer_heartbeat_age_seconds {silent}" in told


def test_probe_of_compose__nobody_listens_or_nobody_answers__fails() -> None:
    assert probe("api", free_port()) == 1
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert probe("api", silent.getsockname()[1], patience=0.2) == 1
