"""Two servers on one listening socket, in one process."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import gevent
import pytest
from gevent import socket as gsocket

from common.web.server.connection_balancing import BalancingServer


class Pair:
    """`leaves`: whether the first one would rather leave a connection to the second."""

    def __init__(self) -> None:
        self.listener = gsocket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(64)
        self.leaves = False
        self.taken = [0, 0]
        self.servers = [
            BalancingServer(self.listener, handle=self.count(0), leave=lambda: self.leaves),
            BalancingServer(self.listener, handle=self.count(1), leave=lambda: False),
        ]

    def count(self, number: int) -> Callable[[object, object], None]:
        def handle(client: object, address: object) -> None:
            self.taken[number] += 1

        return handle

    def connect(self) -> None:
        """Returns once somebody has taken it."""
        before = sum(self.taken)
        with socket.create_connection(self.listener.getsockname()):
            deadline = time.monotonic() + 10
            while sum(self.taken) == before:
                assert time.monotonic() < deadline, "nobody took the connection"
                gevent.sleep(0.0002)


@pytest.fixture
def pair() -> Iterator[Pair]:
    made = Pair()
    for server in made.servers:
        server.start()
    yield made
    for server in made.servers:
        server.stop()
    made.listener.close()


def test_connections__one_server_has_more__all_to_the_other(pair: Pair) -> None:
    pair.leaves = True
    for _ in range(20):
        pair.connect()
    assert pair.taken == [0, 20]


def test_connections__the_other_server_does_not_take_them__taken_after_a_turn(pair: Pair) -> None:
    pair.leaves = True
    pair.servers[1].stop_accepting()
    for _ in range(5):
        pair.connect()
    assert pair.taken == [5, 0]


def test_stop__while_a_connection_is_left_to_the_other__stays_stopped(pair: Pair) -> None:
    pair.leaves = True
    pair.servers[1].stop_accepting()
    with socket.create_connection(pair.listener.getsockname()):
        gevent.sleep(0)  # it is seen, and left
        gevent.sleep(0)
        pair.servers[0].stop()
        gevent.sleep(0.02)
    assert pair.taken == [0, 0]
