"""Who asks, by which scheme and path: what the proxy tells the API, and what it keeps from all."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from localnet.process import ROOT
from localnet.runner import Runner
from localnet.waiting import wait_until
from tests.integration.api.test_hostile_clients import MISLEADING
from tests.integration.proxy.conftest import Site
from tests.support.proxy.nginx import NAME, Nginx
from tests.support.proxy.short_lived import ShortLived
from tests.support.raw_http import answer_on

JOIN = "/api/livestream/join?room_id=live_1"
END = "/api/livestream/end"
STREAM = "/api/livestream/stream?room_id=live_1"


def raw(proxy: Nginx, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """The answer to some bytes over TLS."""
    with (
        socket.create_connection(("127.0.0.1", proxy.https_port), timeout=10) as plain,
        proxy.trusting.wrap_socket(plain, server_hostname=NAME) as one,
    ):
        one.sendall(request)
        return answer_on(one)


def ask(proxy: Nginx, target: str, more: bytes = b"") -> tuple[int, dict[str, str], bytes]:
    head = f"GET {target} HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n".encode()
    return raw(proxy, head + more + b"\r\n")


# --- addresses and schemes -----------------------------------------------------------------------


def test_limit__by_the_true_address__each_client_has_its_own_and_a_forged_one_gets_no_more(
    site: Site,
) -> None:
    def statuses(address: str, count: int, **headers: str) -> list[int]:
        with site.proxy.client(address) as client:
            return [client.post(END, json={}, headers=headers).status_code for _ in range(count)]

    assert statuses("127.0.0.11", 4) == [400, 400, 400, 429]
    for number, name in enumerate(("X-Forwarded-For", "X-Real-IP", "Forwarded", "X_Forwarded_For")):
        forged = {name: f"{'for=' if name == 'Forwarded' else ''}9.9.9.{number}"}
        assert statuses("127.0.0.11", 1, **forged) == [429]
    assert statuses("127.0.0.12", 3) == [400, 400, 400]


def test_limit__requests_under_way_of_one_address__429_and_no_other_client_s(
    children: Runner, site: Site
) -> None:
    folder = children.new_folder("nginx")
    proxy = children.keep(Nginx(folder, f"127.0.0.1:{site.api.port}", requests_per_client=2))
    with (
        proxy.client("127.0.0.21") as client,
        client.stream("GET", STREAM) as one,
        client.stream("GET", STREAM) as two,
        proxy.client("127.0.0.22") as other,
    ):
        assert (one.status_code, two.status_code) == (200, 200)
        refused = client.get(JOIN)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "10")
        assert refused.json()["type"] == "/docs#rate-limited"
        assert other.get(JOIN).status_code == 200


def test_problem__503_of_the_api_with_a_reason_of_its_own__reaches_the_client(site: Site) -> None:
    with site.proxy.client("127.0.0.23") as client, ExitStack() as stack:
        for _ in range(3):
            one = stack.enter_context(client.stream("GET", STREAM))
            assert one.status_code == 200
        refused = client.get(STREAM)
        assert (refused.status_code, refused.json()["type"]) == (503, "/docs#stream-full")
        assert refused.headers["Retry-After"] == "30"
        end = client.post(END, json={"room_id": "live_1"})
        assert (end.status_code, end.json()["type"]) == (503, "/docs#node-unavailable")


def test_headers__forged_by_a_client__reach_the_api_as_the_proxy_has_them(children: Runner) -> None:
    with ShortLived("no-store") as api:
        proxy = children.keep(Nginx(children.new_folder("nginx"), api.address))
        forged = {
            "X-Forwarded-For": "9.9.9.9",
            "X-Forwarded-Proto": "http",
            "X-Forwarded-Host": "evil",
            "X-Forwarded-Prefix": "/evil",
            "Forwarded": "for=9.9.9.9;host=evil;proto=http",
            "SCRIPT_NAME": "/evil",
            "X-Request-ID": "not decent",
        }
        with proxy.client("127.0.0.13") as client:
            client.get("/api/x?secret=1", headers=forged)
            client.get("/api/x", headers={"X-Request-ID": "0123-decent"})
        (path, heard), (_, second) = api.heard
        assert path == "/api/x?secret=1"
        assert heard["x-forwarded-for"] == "127.0.0.13"
        assert heard["x-forwarded-proto"] == "https"
        assert heard["host"] == NAME
        assert "evil" not in str(heard)
        assert len(heard["x-request-id"]) == 32
        assert second["x-request-id"] == "0123-decent"
        # a line is written after its answer
        wait_until(lambda: len(proxy.requests()) >= 2, what="both requests are logged")
        logged = proxy.requests()
        assert [line["request_id"] for line in logged] == [heard["x-request-id"], "0123-decent"]
        assert logged[0]["client"] == "127.0.0.13"
        assert "secret" not in json.dumps(logged)


def test_script_name__and_others_that_speak_of_another_path_or_scheme__change_nothing(
    site: Site,
) -> None:
    for target in ("/api/livestream/rooms/live_1/events", "/config.json"):
        expected = ask(site.proxy, target)
        for what, more in MISLEADING.items():
            status, headers, body = ask(site.proxy, target, more)
            assert (status, set(headers)) == (expected[0], set(expected[1])), f"{what}: {target}"
            assert b"evil" not in body
            assert "strict-transport-security" in headers


def test_http__any_path__led_to_https_but_for_the_certificate_s_challenge(site: Site) -> None:
    with httpx.Client(base_url=f"http://{NAME}:{site.proxy.http_port}", trust_env=False) as client:
        led = client.get("/room/live_1?a=b")
        assert (led.status_code, led.headers["Location"]) == (
            308, f"https://{NAME}/room/live_1?a=b",
        )  # fmt: skip
        challenge = site.proxy.folder / "acme" / ".well-known" / "acme-challenge" / "token"
        challenge.parent.mkdir(parents=True, exist_ok=True)
        challenge.write_text("token.thumbprint")
        assert client.get("/.well-known/acme-challenge/token").text == "token.thumbprint"
        assert client.get("/healthz", headers={"Host": "127.0.0.1"}).text == "ok\n"
        assert client.get("/", headers={"Host": "another.example"}).status_code == 421


def test_https__another_host_or_no_http__refused(site: Site) -> None:
    request = b"GET / HTTP/1.1\r\nHost: another.example\r\nConnection: close\r\n\r\n"
    assert raw(site.proxy, request)[0] == 421
    status, headers, body = ask(site.proxy, "/%00")
    assert (status, headers["content-type"]) == (400, "application/problem+json")
    assert json.loads(body)["type"] == "/docs#malformed"


# --- what is hidden ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["metrics", "readyz"])
def test_path__of_machines__hidden_in_every_spelling(site: Site, name: str) -> None:
    assert site.api.get(f"/{name}").status_code in (200, 503)
    coded = f"%{ord(name[0]):x}{name[1:]}"
    spellings = [
        f"/{name}", f"//{name}", f"/{coded}", f"/{name}/", f"/{name}?a=b", f"/{name}//x",
        f"/x/../{name}", f"/./{name}", f"/%2e/{name}", f"/x%2f..%2f{name}", f"/%2f{name}",
        f"/{name};x", f"/{name.upper()}", f"https://{NAME}/{name}", f"/api/../{name}",
        f"/api/livestream/%2e%2e/%2e%2e/{name}", f"/assets/..%2f{name}", f"/{name}%00",
        f"/{name}%3bx", f"/{name}%2f", f"\\{name}",
    ]  # fmt: skip
    for target in spellings:
        status, headers, body = ask(site.proxy, target)
        assert status in (400, 404), target
        assert b"livestream_api_requests_total" not in body, target
        assert b'"reasons"' not in body, target
    status, headers, body = ask(site.proxy, f"/{name}")
    assert (status, headers["content-type"]) == (404, "application/problem+json")
    assert json.loads(body)["type"] == "/docs#not-found"


def test_healthz__through_the_proxy__answers(site: Site) -> None:
    assert ask(site.proxy, "/healthz")[0] == 200


# --- services beside the API ---------------------------------------------------------------------


def test_services__without_an_address_or_not_public__404_as_the_api_has_it(site: Site) -> None:
    with site.proxy.client() as client:
        for path in ("/api/playback/session", "/api/presence/hints", "/hints"):
            for answer in (client.get(path), client.post(path, json={})):
                assert answer.status_code == 404
                assert answer.json()["type"] == "/docs#not-found"


def test_playback__nobody_listens_at_its_address__hinders_neither_the_start_nor_the_api(
    children: Runner, site: Site
) -> None:
    folder, api = children.new_folder("nginx"), f"127.0.0.1:{site.api.port}"
    proxy = children.keep(Nginx(folder, api, PROXY_PLAYBACK="127.0.0.1:1"))
    with proxy.client("127.0.0.14") as client:
        assert client.get("/api/playback/session").status_code == 503
        assert client.get(JOIN).status_code == 200


def test_playback__an_answer_that_could_be_kept__asked_for_each_time_and_its_cors_is_its_own(
    children: Runner, site: Site
) -> None:
    cors = {"Access-Control-Allow-Origin": "https://rooms.example", "Vary": "Origin"}
    with ShortLived("public, max-age=600", **cors) as playback:
        api = f"127.0.0.1:{site.api.port}"
        folder = children.new_folder("nginx")
        proxy = children.keep(Nginx(folder, api, PROXY_PLAYBACK=playback.address))
        asked = {"Origin": "https://rooms.example", "Authorization": "Bearer ls1.a.b"}
        with proxy.client("127.0.0.17") as client:
            for _ in range(2):
                answer = client.get("/api/playback/status", headers=asked)
                assert answer.status_code == 200
                told = [it for it in answer.headers.multi_items() if it[0].startswith("access-")]
                assert told == [("access-control-allow-origin", "https://rooms.example")]
            large = client.post("/api/playback/session", content=b"x" * 70_000)
            assert (large.status_code, large.json()["type"]) == (413, "/docs#body-too-large")
            for hidden in ("/api/playback/../../metrics", "/api/playback/..%2f..%2freadyz"):
                assert ask(proxy, hidden)[0] in (400, 404)
        assert [path for path, _ in playback.heard] == ["/api/playback/status"] * 2
        for _, heard in playback.heard:
            assert {name.title(): heard[name.lower()] for name in asked} == asked
            assert heard["x-forwarded-for"] == "127.0.0.17"
        assert "ls1.a.b" not in json.dumps(proxy.requests())


# --- bodies --------------------------------------------------------------------------------------


def test_body__too_large_or_in_chunks__a_problem_or_taken_whole(site: Site) -> None:
    def parts() -> Iterator[bytes]:
        yield b'{"room_id":'
        yield b' "nonsense"}'

    kind = {"Content-Type": "application/json"}
    with site.proxy.client("127.0.0.15") as client:
        for size in (20_000, 70_000):  # the API's own limit, then the proxy's
            answer = client.post(END, content=b"x" * size, headers=kind)
            assert answer.status_code == 413
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json()["type"] == "/docs#body-too-large"
            assert answer.json()["status"] == 413
        chunked = client.post(END, content=parts(), headers=kind)
        assert chunked.status_code == 400
        assert "room_id" in chunked.text  # read to its end: the API has it with its length
        long = client.get("/api/livestream/status", headers={"X": "y" * 40_000})
        assert (long.status_code, long.json()["type"]) == (431, "/docs#headers-too-large")


# --- the event stream ----------------------------------------------------------------------------


def http2(proxy: Nginx, path: str) -> subprocess.Popen[str]:
    node = shutil.which("node")
    assert node is not None, "no node is set up yet: run `make setup`"
    client = ROOT / "tests" / "support" / "proxy" / "http2_client.mjs"
    return subprocess.Popen(
        [node, client, proxy.url + path, proxy.certificate], stdout=subprocess.PIPE, text=True
    )


def lines(program: subprocess.Popen[str]) -> Iterator[Any]:
    assert program.stdout is not None
    return map(json.loads, program.stdout)


def test_http2__an_answer_and_the_event_stream__each_event_as_it_happens(site: Site) -> None:
    number = site.index.story.create()
    site.index.write()
    path = f"/api/livestream/stream?room_id=live_{number}"
    wait_until(
        lambda: site.api.get(f"/api/livestream/rooms/live_{number}").status_code == 200,
        what="the room is indexed",
    )
    with http2(site.proxy, path) as program:
        told = lines(program)
        try:
            first = next(told)
            assert (first["protocol"], first["head"][":status"]) == ("h2", 200)
            assert first["head"]["content-type"].startswith("text/event-stream")
            assert "content-encoding" not in first["head"]
            assert "x-cache-status" not in first["head"]
            next(piece for piece in told if "event: position" in piece["body"])
            site.index.story.provision(number)
            site.index.write()
            # the stream goes on for half an hour: what is held back until its end never comes
            next(piece for piece in told if '"RoomProvisioned"' in piece["body"])
            assert program.poll() is None
        finally:
            program.kill()


def test_stream__of_http_1_1__the_same_and_the_proxy_lets_the_listener_go(site: Site) -> None:
    def listeners() -> float:
        return site.api.metrics()["livestream_api_stream_listeners"]

    with site.proxy.client("127.0.0.16") as client, client.stream("GET", STREAM) as stream:
        assert any(line == "event: position" for line in stream.iter_lines())
        listening = listeners()
        assert listening >= 1

    def noticed() -> bool:
        site.index.story.rename(1, f"Lớp {site.index.story.seq}")  # who has left hears nothing
        site.index.write()
        return listeners() < listening

    wait_until(noticed, what="the API knows that the listener has left")
