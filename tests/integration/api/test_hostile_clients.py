"""Clients that mean no good: slow, huge, many. Others must not notice."""

from __future__ import annotations

import contextlib
import json
import select
import socket
from collections.abc import Callable, Iterator

import pytest

from localnet import loopback
from localnet.services import ServiceProcess
from localnet.waiting import wait_until
from tests.integration.api.conftest import StoredIndex
from tests.support.raw_http import answer_on

JOIN = "/api/livestream/join?room_id=live_1"


@contextlib.contextmanager
def crowd(server: ServiceProcess, count: int, first: bytes = b"") -> Iterator[list[socket.socket]]:
    """Connections that have sent `first` and then say nothing."""
    sockets: list[socket.socket] = []
    try:
        for _ in range(count):
            one = socket.create_connection(("127.0.0.1", server.port), timeout=10)
            one.sendall(first)
            sockets.append(one)
        yield sockets
    finally:
        for one in sockets:
            one.close()


def raw(server: ServiceProcess, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to some bytes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as one:
        with contextlib.suppress(OSError):  # it may hang up before all is sent
            one.sendall(request)
        return answer_on(one)


def serve_twenty(server: ServiceProcess) -> None:
    """Twenty requests, each on a connection of its own, are answered."""
    for _ in range(20):
        with loopback.client(server.url, timeout=30) as client:
            assert client.get(JOIN).status_code == 200


@pytest.mark.parametrize(
    ("first", "what"),
    [
        (b"", "say nothing"),
        (b"GET " + JOIN.encode() + b" HTTP/1.1\r\nHost: x\r\nX-Slow: ", "never finish a header"),
        (
            b"POST /api/livestream/create HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n"
            b"Content-Type: application/json\r\n\r\n{",
            "never finish a body",
        ),
    ],
)
def test_clients__hundreds_that_stall__others_are_served(
    index: StoredIndex, start_api: Callable[..., ServiceProcess], first: bytes, what: str
) -> None:
    patient = {"API_CONNECTIONS_PER_CLIENT": "2000", "API_PATIENCE_SECONDS": "60"}
    server = start_api(index, env=patient)
    with crowd(server, 600, first) as stalled:
        serve_twenty(server)
        poll = select.poll()
        for one in stalled:
            poll.register(one, select.POLLIN)
        assert poll.poll(0) == [], f"clients that {what} had to go before others were served"


def test_clients__stalling__hung_up_on(
    index: StoredIndex, start_api: Callable[..., ServiceProcess]
) -> None:
    server = start_api(index, env={"API_PATIENCE_SECONDS": "2"})
    head = b"POST /api/livestream/create HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n"
    trickle = socket.create_connection(("127.0.0.1", server.port), timeout=15)
    trickle.sendall(head + b"Content-Type: application/json\r\n\r\n{")
    silent = socket.create_connection(("127.0.0.1", server.port), timeout=15)
    half = socket.create_connection(("127.0.0.1", server.port), timeout=15)
    half.sendall(b"GET / HTTP/1.1\r\nHost:")
    received = b""
    trickle.settimeout(0.2)
    for _ in range(300):  # a byte now and then, so that no single read takes long
        try:
            if not (chunk := trickle.recv(4096)):
                break  # the answer is whole
            received += chunk
        except TimeoutError:
            with contextlib.suppress(ConnectionError):
                trickle.sendall(b" ")
        except ConnectionResetError:  # how a hang-up looks if a byte was still on its way
            break
    assert received.startswith(b"HTTP/1.1 408")
    assert b"/docs#too-slow" in received
    assert silent.recv(1) == b""
    assert half.recv(1) == b""
    for one in (trickle, silent, half):
        one.close()
    assert "Traceback" not in server.output()


def test_clients__too_many_connections_of_one__refused_in_words(
    index: StoredIndex, start_api: Callable[..., ServiceProcess]
) -> None:
    server = start_api(index, env={"API_CONNECTIONS_PER_CLIENT": "5", "API_WORKERS": "1"})
    with crowd(server, 20) as sockets:

        def told() -> list[socket.socket]:
            return select.select(sockets, [], [], 0)[0]

        wait_until(lambda: len(told()) >= 15, what="all but five are answered")
        for one in told():
            answer = one.recv(4096)
            assert answer.startswith(b"HTTP/1.1 429")
            assert b"\r\nRetry-After: 10" in answer
    wait_until(lambda: server.get(JOIN).status_code == 200, what="room again")


@pytest.mark.parametrize(
    ("request_bytes", "status", "slug"),
    [
        (b"GET /?" + b"x" * 5000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "uri-too-long"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 9000 + b"\r\n\r\n", 431, "headers-too-large"),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431, "headers-too-large"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 2_000_000, 431, "headers-too-large"),
        (b"nonsense\r\n\r\n", 400, "malformed"),
        (b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", 400, "malformed"),
        (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400, "malformed"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 50 + b"\r\n\r\n", 400,
         "malformed"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
         400, "malformed"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", 400, "malformed"),
        (b"POST /api/livestream/create HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n", 413,
         "body-too-large"),
        (b"POST /api/livestream/end HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
         b"Content-Type: application/json\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 411, "length-required"),
        (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400, "malformed"),
        (b"GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", 400, "malformed"),
        (b"GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n", 400, "malformed"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400, "malformed"),
        (b"GET http://u@x/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400, "malformed"),
    ],
    ids=["line", "header", "headers", "endless", "nonsense", "version", "space", "tls",
         "smuggling", "negative", "body", "chunks", "no host", "empty host", "bad host", "hosts",
         "target"],
)  # fmt: skip
def test_request__oversized_or_malformed__problem_document(
    shared_api: ServiceProcess, request_bytes: bytes, status: int, slug: str
) -> None:
    found, headers, body = raw(shared_api, request_bytes)
    assert found == status
    assert headers["content-type"] == "application/problem+json"
    assert json.loads(body)["type"] == f"/docs#{slug}"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["connection"] == "close"
    assert headers["access-control-allow-origin"] == "*"
    assert "retry-after" in headers["access-control-expose-headers"]
    assert "Traceback" not in shared_api.output()

    def logged() -> list[int]:
        wanted = headers["x-request-id"]
        return [ln["status"] for ln in shared_api.logged() if ln.get("request_id") == wanted]

    wait_until(lambda: logged() == [status], what="its line in the log")


@pytest.mark.parametrize("line", ["POST /api/nowhere", f"GET {JOIN}", f"DELETE {JOIN}"])
def test_body__that_nobody_reads__the_answer_says_that_the_connection_ends(
    shared_api: ServiceProcess, line: str
) -> None:
    # a proxy would send the next request, of another client, into a connection that is closing
    request = f"{line} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{{}}".encode()
    status, headers, body = raw(shared_api, request)
    assert status in (200, 404, 405)
    assert headers["connection"] == "close"
    assert len(body) == int(headers["content-length"])


# What would walk around a proxy's rule for a path, or change what we say of ourselves.
MISLEADING = {
    "SCRIPT_NAME": b"SCRIPT_NAME: /api/livestream\r\n",
    "Script-Name": b"Script-Name: /api/livestream\r\n",
    "PATH_INFO": b"PATH_INFO: /metrics\r\n",
    "Path-Info": b"Path-Info: /metrics\r\n",
    "prefix": b"X-Forwarded-Prefix: /api\r\nX-Script-Name: /api\r\nX_Forwarded_Prefix: /api\r\n",
    "rewritten": b"X-Original-URL: /metrics\r\nX-Rewrite-URL: /metrics\r\n",
    "schemes": b"X-Forwarded-Proto: http\r\nX-Forwarded-Ssl: on\r\nX-Forwarded-Protocol: ssl\r\n",
    "two schemes": b"X-Forwarded-Ssl: on\r\nX-Forwarded-Ssl: off\r\n",
    "host": b"X-Forwarded-Host: evil\r\nX-Forwarded-Port: 99999\r\nForwarded: host=evil\r\n",
    "method": b"X-HTTP-Method-Override: DELETE\r\n",
    "underscores": b"X_Forwarded_For: 9.9.9.9\r\nX_Forwarded_Proto: https\r\nHost_: evil\r\n",
}


def check_misleading(server: ServiceProcess) -> None:
    def ask(target: str, more: bytes = b"") -> tuple[int, set[str], bytes]:
        head = f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".encode()
        status, headers, body = raw(server, head + more + b"\r\n")
        return status, set(headers), body

    room = "/api/livestream/rooms/live_1/events"
    for target in (room, "/config.json", "/api/livestream/metrics"):
        as_it_is = ask(target)
        for what, more in MISLEADING.items():
            status, headers, body = ask(target, more)
            assert (status, headers) == as_it_is[:2], f"{what} changed {target}"
            assert b"evil" not in body
            assert b"livestream_api_requests_total" not in body, f"{what} led to the metrics"
    assert ask("/metrics")[0] == 200
    for target in ("http://x/metrics", "//metrics", "/%6detrics", "/x/../metrics", "/./metrics",
                   "/metrics/", "/metrics#x", "/metrics;x", "/metrics%00", "/%2e/metrics",
                   "/x%2f..%2fmetrics", "/%2fmetrics", "///metrics", "\\metrics"):  # fmt: skip
        status, _, body = ask(target)
        assert status in (400, 404), target
        assert b"livestream_api_requests_total" not in body, target


def test_headers__of_a_client_that_speak_of_another_path_or_scheme__change_nothing(
    shared_api: ServiceProcess,
) -> None:
    check_misleading(shared_api)
    assert "Traceback" not in shared_api.output()


def test_headers__the_same_behind_a_proxy__change_nothing(
    index: StoredIndex, start_api: Callable[..., ServiceProcess]
) -> None:
    server = start_api(index, env={"API_TRUSTED_PROXIES": "1", "API_WORKERS": "1"})
    check_misleading(server)
    secure = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-Proto: https\r\n\r\n"
    assert "strict-transport-security" in raw(server, secure)[1]


def test_host__missing_in_http_1_0__answered_as_its_clients_send_none(
    shared_api: ServiceProcess,
) -> None:
    assert raw(shared_api, b"GET /healthz HTTP/1.0\r\n\r\n")[0] == 200
    assert raw(shared_api, f"GET http://x{JOIN} HTTP/1.1\r\nHost: y\r\nConnection: close\r\n\r\n"
               .encode())[0] == 200  # fmt: skip
