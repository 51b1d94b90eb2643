"""Limits per client: who counts as one, how the workers share the counts, what they answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from api.app import create_app
from common.web.client_address import network_of
from common.web.server import shared_counters
from common.web.server.shared_counters import SharedCounters
from tests.unit.api.conftest import ApiWorld

JOIN = "/api/livestream/join?room_id=live_1"


def test_rate_limit__over_it__429_with_retry_after_for_that_client_only(
    make_world: Callable[..., ApiWorld],
) -> None:
    world = make_world(rate_limit="5/minute")
    world.story.live()
    statuses = [world.get(JOIN).status_code for _ in range(8)]
    assert statuses == [200] * 5 + [429] * 3
    answer = world.get("/api/livestream/rooms")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    assert world.get("/readyz").status_code == 200
    other = world.client.get(JOIN, environ_base={"REMOTE_ADDR": "10.0.0.9"})
    assert other.status_code == 200


def test_rate_limit__the_page_itself__counted_apart(
    make_world: Callable[..., ApiWorld],
) -> None:
    world = make_world(rate_limit="3/minute", page_rate_limit="4/minute")
    world.story.live()
    pages = [world.get("/room/live_1").status_code for _ in range(3)]
    assert [*pages, world.get("/config.json").status_code] == [200] * 4
    refused = world.get("/config.json")
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert [world.get(JOIN).status_code for _ in range(4)] == [200] * 3 + [429]


def test_rate_limit__database__a_crowd_that_asks_alike_reads_once_and_a_hunter_is_stopped(
    make_world: Callable[..., ApiWorld],
) -> None:
    world = make_world(rate_limit="off", database_rate_limit="5/minute")
    world.story.live()
    assert {world.get(JOIN).status_code for _ in range(50)} == {200}
    hunted = [world.get(f"/api/livestream/rooms?q=word{turn}") for turn in range(8)]
    assert [answer.status_code for answer in hunted] == [200] * 4 + [429] * 4
    assert 1 <= int(hunted[-1].headers["Retry-After"]) <= 61
    assert world.get("/api/livestream/rooms/live_99").status_code == 429
    # what memory has is told even then, and to others everything
    assert world.get(JOIN).status_code == 200
    assert world.get("/config.json").status_code == 200
    other = world.client.get(
        "/api/livestream/rooms?q=else", environ_base={"REMOTE_ADDR": "10.0.0.9"}
    )
    assert other.status_code == 200


def test_rate_limit__database__a_stream_that_asks_for_the_past_counts(
    make_world: Callable[..., ApiWorld],
) -> None:
    world = make_world(rate_limit="off", database_rate_limit="3/minute")
    world.story.live()
    world.get(JOIN)
    past = "/api/livestream/stream?last_event_id=0"
    assert [world.client.get(past).status_code for _ in range(3)] == [200, 200, 429]


def test_rate_limit__transactions__limited_more_tightly(
    make_world: Callable[..., ApiWorld],
) -> None:
    world = make_world(rate_limit="100/minute", transaction_rate_limit="2/minute")
    body = {"title": "x", "ingest_key": "0x" + "11" * 32}
    statuses = [world.post("/api/livestream/create", body).status_code for _ in range(4)]
    assert statuses == [200, 200, 429, 429]


@pytest.mark.parametrize(("proxies", "expected"), [(0, 429), (1, 200)])
def test_rate_limit__behind_a_proxy__counts_the_clients_it_reports(
    make_world: Callable[..., ApiWorld], proxies: int, expected: int
) -> None:
    world = make_world(rate_limit="1/minute", trusted_proxies=proxies)
    world.story.live()
    world.get(JOIN, X_Forwarded_For="198.51.100.1")
    assert world.get(JOIN, X_Forwarded_For="198.51.100.2").status_code == expected
    # what a client itself puts before the proxy's entry changes nothing
    spoofed = world.get(JOIN, X_Forwarded_For="203.0.113.7, 198.51.100.1")
    assert spoofed.status_code == 429


def test_rate_limit__two_workers__share_their_counts(
    make_world: Callable[..., ApiWorld], tmp_path: Path
) -> None:
    shared_counters.create(tmp_path / "counters")
    world = make_world(rate_limit="6/minute")
    world.story.live()
    clients = [
        create_app(world.services, str(tmp_path / "counters")).test_client() for _ in range(2)
    ]
    statuses = [clients[turn % 2].get(JOIN).status_code for turn in range(8)]
    assert statuses == [200] * 6 + [429] * 2


def test_shared_counters__full_neighbourhood__the_soonest_to_expire_gives_way(
    tmp_path: Path,
) -> None:
    shared_counters.create(tmp_path / "counters")
    counters = SharedCounters(f"shared://{tmp_path}/counters")
    for number in range(200_000):
        counters.incr(f"client {number}", 60)
    assert counters.incr("client 199999", 60) == 2
    counters.clear("client 199999")
    assert counters.get("client 199999") == 0
    assert counters.check()
    counters.reset()
    assert counters.get("client 199998") == 0


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("not an address", "unknown"),
    ],
)
def test_client__address__its_network(address: str, name: str) -> None:
    assert network_of(address) == name
