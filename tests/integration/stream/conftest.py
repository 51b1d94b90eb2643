"""Real stand-in processes: one shared by the tests of a session, others of a test's own."""

from __future__ import annotations

import contextlib
import json
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from localnet import loopback
from localnet.stream.control import StandIn, StandInControl
from localnet.stream.quirks import Quirks


@dataclass
class Api:
    """A REST client of one account."""

    standin: StandIn
    account: str
    http: httpx.Client

    @property
    def control(self) -> StandInControl:
        return self.standin.control

    @property
    def inputs(self) -> str:
        return f"/accounts/{self.account}/stream/live_inputs"

    def create(self, body: dict[str, Any] | None = None, key: str | None = None) -> dict[str, Any]:
        headers = {} if key is None else {"Idempotency-Key": key}
        response = self.http.post(self.inputs, json=body or {}, headers=headers)
        assert response.status_code == 200, response.text
        result: dict[str, Any] = response.json()["result"]
        return result

    def codes(self, response: httpx.Response) -> tuple[int, int]:
        return response.status_code, int(response.json()["errors"][0]["code"])


ACCOUNTS = {
    "accounts": [
        {
            "id": "a" * 32,
            "tokens": [
                {"token": "the-token-of-the-first-account"},
                {"token": "read-only-token-of-the-first-one", "permissions": ["read"]},
                {"token": "cfat_owned-by-the-first-account"},
                {"token": "token-without-any-permission", "permissions": []},
            ],
            "keys": [{"email": "a@example.com", "key": "0123456789abcdef0123456789abcdef01234"}],
        },
        {
            "id": "b" * 32,
            "publicBase": "https://customer-bbb.example.com",
            "tokens": [{"token": "the-token-of-the-second-account"}],
        },
        {
            "id": "c" * 32,
            "stream": False,
            "tokens": [{"token": "token-of-account-without-stream"}],
        },
    ]
}


@contextlib.contextmanager
def client(standin: StandIn, account: str, headers: dict[str, str]) -> Iterator[Api]:
    with loopback.client(standin.api_base, headers=headers) as http:
        yield Api(standin, account, http)


def _standin(folder: Path) -> contextlib.AbstractContextManager[StandIn]:
    accounts = folder / "given.json"
    accounts.write_text(json.dumps(ACCOUNTS))
    return StandIn.start(folder / "state", accounts=accounts, rate=(0, 300.0))


@pytest.fixture(scope="session")
def shared_standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with _standin(tmp_path_factory.mktemp("standin")) as standin:
        yield standin
        health = httpx.get(f"{standin.public_base}/_standin/health").json()
        assert abs(health["now"] - time.time()) < 60, "a test moved the clock of all: `clock_api`"


@pytest.fixture
def clock_api(tmp_path: Path) -> Iterator[Api]:
    """The first account of a stand-in of the test's own, whose clock it may move."""
    with _standin(tmp_path) as standin, client(standin, "a" * 32, standin.headers) as api:
        yield api


@pytest.fixture
def api(shared_standin: StandIn) -> Iterator[Api]:
    """The first account of the shared stand-in; without faults and quirks before and after."""
    with client(shared_standin, "a" * 32, shared_standin.headers) as api:
        try:
            yield api
        finally:
            api.control.clear_faults()
            api.control.set_rate_limit(0, 300.0)
            api.control.set_quirks(**Quirks().render())


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., StandIn]]:
    """`start(...)` runs a stand-in of the test's own; stopped with the test."""
    with contextlib.ExitStack() as stack:

        def run(**options: Any) -> StandIn:
            folder = tmp_path / secrets.token_hex(4)
            return stack.enter_context(StandIn.start(folder, **options))

        yield run
