"""Proxy variables: for the outside world, never for this machine; SOCKS is refused in words."""

from __future__ import annotations

import random

import httpx
import pytest

from chain.rpc.blocking import BlockingNode
from chain.rpc.client import http_client as node_client
from common import settings
from common.clock import SystemClock
from common.http_proxies import is_this_machine
from common.settings import IndexerSettings, SettingsError
from oracle.cloudflare.transport import http_client as cloudflare_client

DEAD = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, DEAD)
        monkeypatch.setenv(name.lower(), DEAD)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)


def _asks_a_proxy(client: httpx.Client | httpx.AsyncClient, url: str) -> bool:
    return client._transport_for_url(httpx.URL(url)) is not client._transport


@pytest.mark.parametrize("make", [node_client, cloudflare_client])
def test_clients__with_proxy_variables__ask_this_machine_directly(make: object) -> None:
    client = make()  # type: ignore[operator]
    for host in ("127.0.0.1:8545", "localhost", "[::1]:8545"):
        assert not _asks_a_proxy(client, f"http://{host}/")
        assert is_this_machine(f"ws://{host}")
    assert _asks_a_proxy(client, "https://node.example/")
    assert not is_this_machine("wss://node.example")


def test_blocking_node__with_proxy_variables__asks_this_machine_directly() -> None:
    rng = random.Random(1)
    node = BlockingNode(["http://127.0.0.1:8545"], SystemClock(), rng)
    assert not _asks_a_proxy(node._client, "http://127.0.0.1:8545")
    assert _asks_a_proxy(node._client, "https://node.example/")
    node.close()


@pytest.mark.parametrize("name", ["ALL_PROXY", "https_proxy"])
def test_settings__a_socks_proxy__is_said_with_what_to_do(name: str) -> None:
    env = {name: "socks5://user:word@10.0.0.1:1080"}
    with pytest.raises(SettingsError) as caught:
        settings.load(IndexerSettings, env, dotenv=None)
    told = [line for line in caught.value.problems if line.startswith(name)]
    assert told == [
        f"{name}: a SOCKS proxy cannot be used: name an http:// proxy, or unset it for this service"
    ]
