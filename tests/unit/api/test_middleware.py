"""What surrounds every request: ids, headers, limits, origins, hostile input."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.client_address import network_of
from api.problems import CATALOGUE
from api.server import shared_counters
from api.server.shared_counters import SharedCounters
from tests.unit.api.conftest import World

JOIN = "/api/livestream/join?room_id=live_1"
HOSTILE = {
    "markup": b"<script>alert(1)</script><img src=x onerror=alert(2)>",
    "bidi controls": "\u202egnp.exe\u2066\u200f".encode(),
    "96 bytes of emoji": "🎥".encode() * 24,
    "invalid UTF-8": b"\xff\xfe\xc3\x28\xf0\x9f",
    "control characters": b"a\x00b\nc\x1b[31m\x7f",
    "JSON and header breakers": b'"},{"x":"\\r\\nSet-Cookie: a=b\r\n',
}


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE.keys())
def test_scenario_15__hostile_title__is_text_everywhere(world: World, title: bytes) -> None:
    number = world.story.live(title=title)
    world.story.create(title=title)
    expected = title.decode("utf-8", "replace")
    paths: dict[str, Callable[[Any], Any]] = {
        f"/api/livestream/join?room_id=live_{number}": lambda body: body["title"],
        f"/api/livestream/rooms/live_{number}": lambda body: body["title"],
        "/api/livestream/rooms": lambda body: body["rooms"][0]["title"],
        f"/api/livestream/rooms/live_{number}/events": lambda b: b["events"][0]["args"]["title"],
        f"/api/livestream/join?room_id=live_{number + 1}": lambda body: body["room_title"],
    }
    for path, find in paths.items():
        answer = world.get(path)
        assert find(json.loads(answer.data)) == expected
        assert answer.mimetype in ("application/json", "application/problem+json")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "Set-Cookie" not in answer.headers
    room = world.get(f"/api/livestream/rooms/live_{number}").get_json()
    assert room["title_hex"] == "0x" + title.hex()


def test_answers__any__carry_id_and_security_headers_and_no_cookie(world: World) -> None:
    world.story.live()
    for path in (JOIN, "/nope", "/docs", "/", "/openapi.json", "/api/livestream/nope"):
        answer = world.get(path)
        assert len(answer.headers["X-Request-ID"]) == 32
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in answer.headers


def test_errors__of_any_kind__say_where_the_index_stands(
    make_world: Callable[..., World],
) -> None:
    world = make_world(rate_limit="20/minute")
    number = world.story.live()
    story = world.story
    node = {"title": "Lop", "ingest_key": "0x" + "11" * 32}
    world.node.down = True
    answers = [
        world.get(JOIN + "&nonsense=1"),
        world.get("/api/livestream/nope"),
        world.get("/api/livestream/join?room_id=live_99"),
        world.client.put(JOIN),
        world.post("/api/livestream/create", {}),
        world.post("/api/livestream/create", node),
        world.post("/api/livestream/end", {"room_id": "x" * 20_000}),
        world.client.post("/api/livestream/end", data="room_id=live_1"),
    ]
    world.source.down = True
    answers.append(world.get(JOIN))
    answers += [world.get(f"/api/livestream/rooms/live_{number}") for _ in range(20)]
    history = "0x" + story.history.hex()
    assert {answer.status_code for answer in answers} == {400, 404, 405, 413, 415, 429, 503}
    for answer in answers:
        body = json.loads(answer.data)
        assert body["index"]["block"] == story.block
        assert (body["index"]["seq"], body["index"]["history"]) == (story.seq, history)
        assert body["finality"] == "latest"
        header = answer.headers["Index-Position"]
        assert header.startswith(f'block={story.block}, hash="{body["index"]["block_hash"]}"')
        assert header.endswith("finality=latest")


def test_problem__about_a_room__kept_briefly_unless_posted(world: World) -> None:
    number = world.story.live()
    world.story.end(number)
    asked = world.get(f"/api/livestream/join?room_id=live_{number}")
    posted = world.post("/api/livestream/end", {"room_id": f"live_{number}"})
    assert (asked.status_code, posted.status_code) == (410, 410)
    assert "s-maxage=1" in asked.headers["Cache-Control"]
    assert posted.headers["Cache-Control"] == "no-store"


def test_https__by_a_trusted_proxy__hsts(make_world: Callable[..., World]) -> None:
    header = "Strict-Transport-Security"
    assert header in make_world(trusted_proxies=1).get("/", X_Forwarded_Proto="https").headers
    assert header not in make_world().get("/", X_Forwarded_Proto="https").headers


def test_request_id__decent_one_sent__kept(world: World) -> None:
    assert world.get("/healthz", X_Request_ID="abc-12345").headers["X-Request-ID"] == "abc-12345"
    for bad in ("short", "x" * 65, "with space here", "a\tb" * 4):
        assert world.get("/healthz", X_Request_ID=bad).headers["X-Request-ID"] != bad


def test_access_log__request__one_json_line(
    world: World, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    world.story.live()
    world.get(JOIN, X_Request_ID="request-1", User_Agent="Tést")
    line = json.loads(capsysbinary.readouterr().out.splitlines()[-1])
    assert line["request_id"] == "request-1"
    assert (line["method"], line["route"], line["status"]) == (
        "GET", "/api/livestream/join", 200,
    )  # fmt: skip
    assert line["path"] == JOIN
    world.get("/healthz")
    assert b"healthz" not in capsysbinary.readouterr().out


def test_cors__reading__open_to_all_but_not_writing(world: World) -> None:
    world.story.live()
    assert world.get(JOIN, Origin="https://x.example").headers["Access-Control-Allow-Origin"] == "*"
    preflight = world.client.options(JOIN)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert "Access-Control-Allow-Origin" not in world.get("/").headers


@pytest.mark.parametrize("method", ["put", "patch", "delete", "post"])
def test_method__not_offered__405_with_allow(world: World, method: str) -> None:
    answer = getattr(world.client, method)(JOIN)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.get_json()["type"] == "/docs#method-not-allowed"


@pytest.mark.parametrize(
    "environ",
    [
        {"CONTENT_LENGTH": "16385"},
        {"CONTENT_LENGTH": "99999999999999999999"},
        {"HTTP_TRANSFER_ENCODING": "chunked"},
    ],
)
def test_body__too_large_or_of_unknown_length__refused_unread(
    world: World, environ: dict[str, str]
) -> None:
    for method, path in (("POST", "/api/livestream/create"), ("GET", JOIN)):
        answer = world.client.open(path, method=method, environ_overrides=environ)
        assert answer.status_code == 413
        assert answer.headers["Connection"] == "close"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b'{"title":"x"}', b"\xff\xfe", b"[" * 9000,
     b'{"title":"x","ingest_key":"0x12"}', b'{"title":7,"ingest_key":"0x' + b"1" * 64 + b'"}',
     b'{"title":"x","extra":1,"ingest_key":"0x' + b"1" * 64 + b'"}',
     b'{"title":"x","host":"user_123","ingest_key":"0x' + b"1" * 64 + b'"}'],
)  # fmt: skip
def test_create__malformed_body__400_that_points_at_it(world: World, body: bytes) -> None:
    answer = world.client.post("/api/livestream/create", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.get_json()["detail"]


def test_unexpected_failure__500__says_nothing_of_its_insides(world: World) -> None:
    def boom(*_: object) -> None:
        raise RuntimeError("mongodb://user:hunter2@db")

    world.source.checkpoints = boom  # type: ignore[method-assign,assignment]
    answer = world.get(JOIN)
    assert answer.status_code == 500
    assert b"hunter2" not in answer.data
    assert b"Traceback" not in answer.data
    assert answer.headers["X-Request-ID"] in answer.get_json()["detail"]


def test_rate_limit__over_it__429_with_retry_after_for_that_client_only(
    make_world: Callable[..., World],
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


def test_rate_limit__transactions__limited_more_tightly(make_world: Callable[..., World]) -> None:
    world = make_world(rate_limit="100/minute", transaction_rate_limit="2/minute")
    body = {"title": "x", "ingest_key": "0x" + "11" * 32}
    statuses = [world.post("/api/livestream/create", body).status_code for _ in range(4)]
    assert statuses == [200, 200, 429, 429]


@pytest.mark.parametrize(("proxies", "expected"), [(0, 429), (1, 200)])
def test_rate_limit__behind_a_proxy__counts_the_clients_it_reports(
    make_world: Callable[..., World], proxies: int, expected: int
) -> None:
    world = make_world(rate_limit="1/minute", trusted_proxies=proxies)
    world.story.live()
    world.get(JOIN, X_Forwarded_For="198.51.100.1")
    assert world.get(JOIN, X_Forwarded_For="198.51.100.2").status_code == expected
    # what a client itself puts before the proxy's entry changes nothing
    spoofed = world.get(JOIN, X_Forwarded_For="203.0.113.7, 198.51.100.1")
    assert spoofed.status_code == 429


def test_rate_limit__two_workers__share_their_counts(
    make_world: Callable[..., World], tmp_path: Path
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


def test_catalogue__every_kind__has_words(world: World) -> None:
    assert all(kind.title and kind.help and kind.status >= 400 for kind in CATALOGUE.values())
    assert world.get("/nope").get_json()["type"] == "/docs#not-found"
