"""The process: restarts, crashes, start-up errors, and what it prints."""

from __future__ import annotations

import concurrent.futures
import os
import signal
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from localnet.stream.control import StandIn, StandInError
from localnet.waiting import wait_until
from tests.integration.stream.conftest import client

Start = Callable[..., StandIn]


def test_kill__while_creating__loses_nothing_acknowledged(start: Start) -> None:
    standin = start(rate=(0, 300.0))
    acknowledged: list[str] = []
    with client(standin, standin.account_id, standin.headers) as api:

        def create(_: int) -> None:
            try:
                while True:
                    acknowledged.append(api.create()["uid"])
            except httpx.TransportError:
                return

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            workers = [pool.submit(create, n) for n in range(4)]
            wait_until(lambda: len(acknowledged) >= 40, what="forty inputs")
            standin.kill()
            for worker in workers:
                worker.result()
    standin.restart()
    kept = {live["uid"] for live in standin.control.inputs()}
    assert kept >= set(acknowledged)
    assert len(kept) <= len(acknowledged) + 4


def test_restart__port_credentials_and_clock__stay(start: Start) -> None:
    standin = start()
    before = (standin.api_base, standin.account_id, standin.token)
    with client(standin, standin.account_id, standin.headers) as api:
        uid = api.create({}, "key")["uid"]
        standin.control.advance_clock(6 * 3600)
        standin.restart()
        assert (standin.api_base, standin.account_id, standin.token) == before
        assert api.create({}, "key")["uid"] != uid


def test_stop__with_a_hanging_request__is_quick_and_clean(start: Start) -> None:
    standin = start()
    standin.control.fault("hang")
    url = f"{standin.public_base}/x"
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(httpx.get, url, timeout=30)
        wait_until(standin.control.requests, what="the request")
        pid = standin.pid
        standin.stop()
        with pytest.raises(httpx.TransportError):
            hanging.result()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_start__state_in_use__says_so(start: Start) -> None:
    first = start()
    with pytest.raises(StandInError, match="in use by another stand-in"):
        StandIn.start(first.state)


def test_start__port_taken__says_so(start: Start, tmp_path: Path) -> None:
    port = int(start().public_base.rsplit(":", 1)[1])
    with pytest.raises(StandInError, match="ddress already in use"):
        StandIn.start(tmp_path / "other", port=port)


def test_start__malformed_accounts__says_so_without_a_trace(tmp_path: Path) -> None:
    accounts = tmp_path / "accounts.json"
    accounts.write_text('{"accounts": []}')
    with pytest.raises(StandInError, match="no account") as error:
        StandIn.start(tmp_path / "state", accounts=accounts)
    assert "Traceback" not in str(error.value)


def test_output__a_whole_life__has_no_secret(start: Start) -> None:
    standin = start()
    with client(standin, standin.account_id, standin.headers) as api:
        made = api.create({"meta": {"name": "x"}})
        httpx.post(made["webRTC"]["url"], content=b"nonsense")
        api.http.post(f"{api.inputs}/{made['uid']}/rotate_keys")
        secrets = [secret["value"] for secret in api.control.secrets()]
    secrets += [standin.token, (standin.state / "control-token").read_text()]
    standin.stop()
    printed = standin.log.read_text()
    assert "listening on" in printed
    assert not any(secret in printed for secret in secrets)
    assert not any(secret in (standin.state / "endpoint.json").read_text() for secret in secrets)


def test_sigint__ctrl_c__ends_without_a_trace(start: Start) -> None:
    standin = start()
    process = standin._process
    assert process is not None
    process.send_signal(signal.SIGINT)
    assert process.wait() == 0
    assert "Traceback" not in standin.log.read_text()
