"""The unit tests' own ground: markers, the socket guard, bounded waits."""

from __future__ import annotations

import asyncio
import socket

import pytest

from localnet.waiting import wait_until, wait_until_async


def test_marker__test_in_unit_folder__is_unit(request: pytest.FixtureRequest) -> None:
    assert [mark.name for mark in request.node.iter_markers()] == ["unit"]


def test_sockets__unit_test_connects__is_refused() -> None:
    with (
        socket.socket() as client,
        pytest.raises(AssertionError, match="may not open sockets"),
    ):
        client.connect(("127.0.0.1", 9))
    with pytest.raises(AssertionError, match="may not open sockets"):
        socket.create_connection(("localhost", 9))


async def test_sockets__unit_test_uses_asyncio__loop_still_works() -> None:
    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon_threadsafe(future.set_result, 3)
    assert await future == 3


def test_wait_until__never_true__tells_what_and_the_last_value() -> None:
    with pytest.raises(AssertionError, match=r"timed out after 0.01 s: the moon \(last value: 0\)"):
        wait_until(lambda: 0, 0.01, "the moon")


async def test_wait_until_async__becomes_true__returns_the_value() -> None:
    answers = iter([0, 0, 7])

    async def ask() -> int:
        return next(answers)

    assert await wait_until_async(ask, 5) == 7
    assert await wait_until_async(lambda: "now", 5) == "now"
