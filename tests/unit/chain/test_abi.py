"""What is written by hand of the contract's layout is what its artifact says.

Functions, views and events have their own tests (`test_calldata`, `test_views`,
`test_event_codec`); here are the structs, the enums, the errors, and the calls that the indexer
makes by hand.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Any

import pytest

from chain import abi, calldata
from chain.enums import EndReason, Mode, Status
from chain.hexes import keccak
from chain.history import HISTORY_CALL
from chain.identity import FIRST_ROOM_CALL
from chain.reverts import contract_errors
from chain.views import AccountView, OperatorView, RoomView

ABI = abi.load().abi
FUNCTIONS = {entry["name"]: entry for entry in ABI if entry["type"] == "function"}


def shown(item: dict[str, Any]) -> str:
    """The type of a parameter, structs spelt out."""
    if item["type"].startswith("tuple"):
        inner = ",".join(shown(part) for part in item["components"])
        return f"({inner}){item['type'][5:]}"
    return str(item["type"])


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


@pytest.mark.parametrize(
    ("view", "ours"),
    [("rooms", RoomView), ("operator", OperatorView), ("terms", calldata.Terms)],
)
def test_struct__the_artifact__has_our_fields_in_our_order(view: str, ours: Any) -> None:
    (struct,) = FUNCTIONS[view]["outputs"]
    assert tuple(snake(part["name"]) for part in struct["components"]) == ours._fields


def test_account__the_artifact__returns_our_fields_in_our_order() -> None:
    outputs = FUNCTIONS["account"]["outputs"]
    assert tuple(snake(item["name"]) for item in outputs) == AccountView._fields


@pytest.mark.parametrize(
    ("function", "ours"),
    [
        ("fulfill", calldata.Fulfillment),
        ("decline", calldata.Declination),
        ("release", calldata.Release),
        ("setTerms", calldata.Terms),
    ],
)
def test_argument__the_artifact__has_our_fields_in_our_order(function: str, ours: Any) -> None:
    (struct,) = FUNCTIONS[function]["inputs"]
    assert tuple(snake(part["name"]) for part in struct["components"]) == ours._fields


@pytest.mark.parametrize("enum", [Mode, Status, EndReason])
def test_enum__the_source__has_our_members_in_our_order(enum: type[IntEnum]) -> None:
    source = (abi.FOLDER.parent / "interfaces" / "ILivestreamTypes.sol").read_text()
    found = re.search(rf"enum {enum.__name__} \{{(.*?)\}}", source, re.DOTALL)
    assert found is not None
    members = re.findall(r"^\s*(\w+),?\s*$", re.sub(r"//.*", "", found[1]), re.MULTILINE)
    assert members == [member.name for member in enum]


def test_errors__the_artifact__each_of_ours_has_a_selector_and_a_sentence() -> None:
    table = contract_errors()
    known = {error.name for error in table.errors.values()}
    assert known == {entry["name"] for entry in ABI if entry["type"] == "error"}
    for error in table.errors.values():
        (entry,) = (e for e in ABI if e["type"] == "error" and e["name"] == error.name)
        types = ",".join(shown(item) for item in entry["inputs"])
        assert error.selector == keccak(f"{error.name}({types})".encode())[:4]
    openzeppelin = {"FailedCall", "InsufficientBalance"}
    ownable = {name for name in known if name.startswith("Ownable")}
    assert known - set(table.sentences) == openzeppelin | ownable
    assert all(text.endswith(".") and "  " not in text for text in table.sentences.values())


@pytest.mark.parametrize(
    ("view", "ours", "returns"),
    [
        ("history", HISTORY_CALL, ["uint256", "bytes32"]),
        ("firstRoomId", FIRST_ROOM_CALL, ["uint256"]),
    ],
)
def test_call_by_hand__the_artifact__takes_nothing_and_answers_those_words(
    view: str, ours: bytes, returns: list[str]
) -> None:
    entry = FUNCTIONS[view]
    assert (entry["inputs"], entry["stateMutability"]) == ([], "view")
    assert [shown(item) for item in entry["outputs"]] == returns
    assert ours == keccak(f"{view}()".encode())[:4]
