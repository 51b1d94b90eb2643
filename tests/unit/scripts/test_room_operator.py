"""Which operators a script believes to have a playback service."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from scripts.support.room_operator import operators_with_playback

CONTRACT = "0x" + "c0" * 20
AS_TOLD = "0x" + "C0" * 20


def told(answer: httpx.Response | Exception) -> frozenset[int] | None:
    def respond(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/config.json"
        if isinstance(answer, Exception):
            raise answer
        return answer

    return operators_with_playback("https://api.example", CONTRACT, httpx.MockTransport(respond))


def config(services: Any, contract: Any = AS_TOLD) -> httpx.Response:
    return httpx.Response(200, json={"contract": contract, "playback_services": services})


def test_api__names_services__their_operators() -> None:
    assert told(config({"1": "https://a.example", "300": "https://b.example"})) == frozenset(
        {1, 300}
    )
    assert told(config({})) == frozenset()


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(503),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"contract": CONTRACT}),
        config({"one": "https://a.example"}),
        config(None),
        config({"1": "https://a.example"}, contract=None),
        config({"1": "https://a.example"}, contract="0x" + "0c" * 20),
        httpx.ConnectError("nobody"),
    ],
)
def test_api__answers_something_else__not_known(answer: httpx.Response | Exception) -> None:
    assert told(answer) is None
