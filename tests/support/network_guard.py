"""Keeps unit tests off the network: with the guard up, connecting or binding a socket fails."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any, NoReturn

_GUARDED = ("connect", "connect_ex", "bind", "sendto")


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise AssertionError("a unit test may not open sockets: fake the I/O, or move the test")


@contextlib.contextmanager
def no_network(active: bool = True) -> Iterator[None]:
    """While entered (and `active`), socket calls of this process raise AssertionError.

    asyncio's own wake-up pair (socketpair) still works.
    """
    if not active:
        yield
        return
    lookup = socket.getaddrinfo
    try:
        for name in _GUARDED:  # socket.socket inherits these: shadow them, then uncover them again
            setattr(socket.socket, name, _refuse)
        socket.getaddrinfo = _refuse
        yield
    finally:
        socket.getaddrinfo = lookup
        for name in _GUARDED:
            delattr(socket.socket, name)
