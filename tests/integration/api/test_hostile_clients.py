"""Clients that mean no good: slow, huge, many. Others must not notice."""

from __future__ import annotations

import contextlib
import json
import select
import socket
from collections.abc import Callable, Iterator

import pytest

from localnet import loopback
from localnet.services import Service
from localnet.waiting import wait_until
from tests.integration.api.conftest import StoredIndex

pytestmark = pytest.mark.alone

JOIN = "/api/livestream/join?room_id=live_1"


@contextlib.contextmanager
def crowd(server: Service, count: int, first: bytes = b"") -> Iterator[list[socket.socket]]:
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


def raw(server: Service, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to some bytes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as one:
        with contextlib.suppress(OSError):  # it may hang up before all is sent
            one.sendall(request)
        received = b""
        with contextlib.suppress(OSError):
            while chunk := one.recv(65536):
                received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    return int(lines[0].split()[1]), headers, body


def serve_twenty(server: Service) -> None:
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
    index: StoredIndex, start_api: Callable[..., Service], first: bytes, what: str
) -> None:
    patient = {"API_CONNECTIONS_PER_CLIENT": "2000", "API_PATIENCE_SECONDS": "60"}
    server = start_api(index, env=patient)
    with crowd(server, 600, first) as stalled:
        serve_twenty(server)
        poll = select.poll()
        for one in stalled:
            poll.register(one, select.POLLIN)
        assert poll.poll(0) == [], f"clients that {what} had to go before others were served"


def test_clients__stalling__hung_up_on_in_time(
    index: StoredIndex, start_api: Callable[..., Service]
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
    for _ in range(60):  # a byte now and then, so that no single read takes long
        try:
            if not (chunk := trickle.recv(4096)):
                break
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
    index: StoredIndex, start_api: Callable[..., Service]
) -> None:
    server = start_api(index, env={"API_CONNECTIONS_PER_CLIENT": "5", "API_WORKERS": "1"})
    with crowd(server, 20) as sockets:
        refused = 0
        for one in sockets:
            one.settimeout(0.5)
            with contextlib.suppress(TimeoutError):
                refused += one.recv(4096).startswith(b"HTTP/1.1 429")
        assert refused >= 15
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
    ],
    ids=["line", "header", "headers", "endless", "nonsense", "version", "space", "tls",
         "smuggling", "negative", "body"],
)  # fmt: skip
def test_request__oversized_or_malformed__problem_document(
    shared_api: Service, request_bytes: bytes, status: int, slug: str
) -> None:
    found, headers, body = raw(shared_api, request_bytes)
    assert found == status
    assert headers["content-type"] == "application/problem+json"
    assert json.loads(body)["type"] == f"/docs#{slug}"
    assert headers["x-content-type-options"] == "nosniff"
    assert "Traceback" not in shared_api.output()

    def logged() -> list[int]:
        wanted = headers["x-request-id"]
        return [ln["status"] for ln in shared_api.logged() if ln.get("request_id") == wanted]

    wait_until(lambda: logged() == [status], what="its line in the log")
