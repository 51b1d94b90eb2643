"""How many open rooms of an operator the read API tells of."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from scripts.support.open_rooms import from_api

CONTRACT = "0x" + "c0" * 20


def room(operator_id: int = 1, contract: str = CONTRACT, expirable: bool = False) -> dict[str, Any]:
    return {"operator_id": operator_id, "contract": contract, "expirable": expirable}


def asked(pages: dict[tuple[str, str | None], httpx.Response]) -> int | None:
    """What is counted where the API answers these pages, by status and cursor."""

    def answer(request: httpx.Request) -> httpx.Response:
        query = request.url.params
        return pages[query["status"], query.get("cursor")]

    return from_api("https://api.example", CONTRACT, 1, httpx.MockTransport(answer))


def page(*rooms: dict[str, Any], more: str | None = None) -> httpx.Response:
    return httpx.Response(200, json={"rooms": list(rooms), "next_cursor": more})


def test_api__several_pages__this_operators_rooms_of_this_contract_are_counted() -> None:
    found = asked({
        ("pending", None): page(room(), room(2), room(expirable=True)),
        ("active", None): page(room(), room(1, "0x" + "0c" * 20), more="x"),
        ("active", "x"): page(room(1, CONTRACT.upper().replace("X", "x"))),
    })  # fmt: skip
    assert found == 3


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(503),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={"rooms": []}),
        httpx.Response(200, json=[]),
        page({"contract": CONTRACT}),
    ],
)
def test_api__answers_something_else__not_known(answer: httpx.Response) -> None:
    assert asked({("pending", None): answer, ("active", None): page()}) is None


def test_api__goes_on_for_ever__not_known() -> None:
    again = page(room(), more="x")
    assert asked({("pending", None): again, ("pending", "x"): again}) is None


@pytest.mark.parametrize("address", ["", "api", "ftp://api.example"])
def test_api__address_that_is_none__not_known(address: str) -> None:
    assert from_api(address, CONTRACT, 1) is None
