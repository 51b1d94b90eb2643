"""What surrounds every request: ids, headers, origins, sizes, hostile input, errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from api.problems import CATALOGUE
from tests.unit.api.conftest import ApiWorld

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
def test_scenario_15__hostile_title__is_text_everywhere(world: ApiWorld, title: bytes) -> None:
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


def test_answers__any__carry_id_and_security_headers_and_no_cookie(world: ApiWorld) -> None:
    world.story.live()
    for path in (JOIN, "/nope", "/docs", "/", "/openapi.json", "/api/livestream/nope"):
        answer = world.get(path)
        assert len(answer.headers["X-Request-ID"]) == 32
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in answer.headers


def test_errors__of_any_kind__say_where_the_index_stands(
    make_world: Callable[..., ApiWorld],
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


def test_problem__about_a_room__kept_briefly_unless_posted(world: ApiWorld) -> None:
    number = world.story.live()
    world.story.end(number)
    asked = world.get(f"/api/livestream/join?room_id=live_{number}")
    posted = world.post("/api/livestream/end", {"room_id": f"live_{number}"})
    assert (asked.status_code, posted.status_code) == (410, 410)
    assert "s-maxage=1" in asked.headers["Cache-Control"]
    assert posted.headers["Cache-Control"] == "no-store"


def test_https__by_a_trusted_proxy__hsts(make_world: Callable[..., ApiWorld]) -> None:
    header = "Strict-Transport-Security"
    assert header in make_world(trusted_proxies=1).get("/", X_Forwarded_Proto="https").headers
    assert header not in make_world().get("/", X_Forwarded_Proto="https").headers


def test_request_id__decent_one_sent__kept(world: ApiWorld) -> None:
    assert world.get("/healthz", X_Request_ID="abc-12345").headers["X-Request-ID"] == "abc-12345"
    for bad in ("short", "x" * 65, "with space here", "a\tb" * 4):
        assert world.get("/healthz", X_Request_ID=bad).headers["X-Request-ID"] != bad


def test_access_log__request__one_json_line(
    world: ApiWorld, capsysbinary: pytest.CaptureFixture[bytes]
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


def test_cors__reading__open_to_all_but_not_writing(world: ApiWorld) -> None:
    world.story.live()
    assert world.get(JOIN, Origin="https://x.example").headers["Access-Control-Allow-Origin"] == "*"
    preflight = world.client.options(JOIN)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert "Access-Control-Allow-Origin" not in world.get("/").headers


@pytest.mark.parametrize("method", ["put", "patch", "delete", "post"])
def test_method__not_offered__405_with_allow(world: ApiWorld, method: str) -> None:
    answer = getattr(world.client, method)(JOIN)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.get_json()["type"] == "/docs#method-not-allowed"


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({"CONTENT_LENGTH": "16385"}, 413),
        ({"CONTENT_LENGTH": "99999999999999999999"}, 413),
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, 411),
    ],
)
def test_body__too_large_or_of_unknown_length__refused_unread(
    world: ApiWorld, environ: dict[str, str], status: int
) -> None:
    for method, path in (("POST", "/api/livestream/create"), ("GET", JOIN)):
        answer = world.client.open(path, method=method, environ_overrides=environ)
        assert answer.status_code == status


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b'{"title":"x"}', b"\xff\xfe", b"[" * 9000,
     b'{"title":"x","ingest_key":"0x12"}', b'{"title":7,"ingest_key":"0x' + b"1" * 64 + b'"}',
     b'{"title":"x","extra":1,"ingest_key":"0x' + b"1" * 64 + b'"}',
     b'{"title":"x","host":"user_123","ingest_key":"0x' + b"1" * 64 + b'"}'],
)  # fmt: skip
def test_create__malformed_body__400_that_points_at_it(world: ApiWorld, body: bytes) -> None:
    answer = world.client.post("/api/livestream/create", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.get_json()["detail"]


def test_unexpected_failure__500__says_nothing_of_its_insides(world: ApiWorld) -> None:
    def boom(*_: object) -> None:
        raise RuntimeError("mongodb://user:hunter2@db")

    world.source.checkpoints = boom  # type: ignore[method-assign,assignment]
    answer = world.get(JOIN)
    assert answer.status_code == 500
    assert b"hunter2" not in answer.data
    assert b"Traceback" not in answer.data
    assert answer.headers["X-Request-ID"] in answer.get_json()["detail"]


def test_catalogue__every_kind__has_words(world: ApiWorld) -> None:
    assert all(kind.title and kind.help and kind.status >= 400 for kind in CATALOGUE.values())
    assert world.get("/nope").get_json()["type"] == "/docs#not-found"
