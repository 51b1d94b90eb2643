"""Calldata: every function has the ABI's selector, and no value out of range is sent."""

from __future__ import annotations

from typing import Any

import pytest

from chain import abi, calldata

OTHER = "0x" + "55" * 20


def test_calls__every_function__has_the_abis_selector() -> None:
    terms = calldata.Terms(1, 2, 3, 4, 5, 6, 7)
    made = {
        "createRoom": calldata.create_room(1, 0, OTHER, b"k" * 32, b"\xff"),
        "updateRoom": calldata.update_room(1, b"t"),
        "rekeyRoom": calldata.rekey_room(1, b"k" * 32),
        "transferRoom": calldata.transfer_room(1, OTHER),
        "acceptRoom": calldata.accept_room(1, b"k" * 32),
        "endRoom": calldata.end_room(1),
        "withdrawTo": calldata.withdraw_to(OTHER),
        "fulfill": calldata.fulfill([calldata.Fulfillment(1, b"t" * 12, b"u" * 16, b"s")]),
        "decline": calldata.decline([calldata.Declination(1, b"t" * 12, 1)]),
        "release": calldata.release([calldata.Release(1, b"t" * 12)]),
        "setOperatorAccepting": calldata.set_operator_accepting(1, True),
        "expire": calldata.expire([1, 2]),
        "takeDown": calldata.take_down(1, 2),
        "addOperator": calldata.add_operator(OTHER, "https://a"),
        "setOperatorAccount": calldata.set_operator_account(1, OTHER),
        "setOperatorEnabled": calldata.set_operator_enabled(1, True),
        "setTerms": calldata.set_terms(terms),
        "setModerator": calldata.set_moderator(OTHER, True),
        "setPaused": calldata.set_paused(True),
        "transferOwnership": calldata.transfer_ownership(OTHER),
        "acceptOwnership": calldata.accept_ownership(),
    }
    functions = {i["name"]: i for i in abi.load().abi if i["type"] == "function"}
    for name, data in made.items():
        types = ",".join(_shown(i) for i in functions[name]["inputs"])
        assert data[:4] == calldata.selector(f"{name}({types})"), name
    writing = {
        name for name, i in functions.items() if i["stateMutability"] in ("nonpayable", "payable")
    }
    assert writing - {"renounceOwnership"} == set(made)


def _shown(item: dict[str, Any]) -> str:
    if item["type"].startswith("tuple"):
        inner = ",".join(_shown(part) for part in item["components"])
        return f"({inner}){item['type'][5:]}"
    return str(item["type"])


def test_calls__a_value_out_of_range__is_refused() -> None:
    with pytest.raises(ValueError, match="takeDown"):
        calldata.take_down(1, 70_000)
    with pytest.raises(ValueError):
        calldata.create_room(1, 0, "0x12", b"k" * 32, b"")
