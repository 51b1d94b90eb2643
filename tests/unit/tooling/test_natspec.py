"""What the NatSpec check notices."""

from __future__ import annotations

from typing import Any

from tools.natspec import undocumented

SOURCE = "contracts/C.sol"


def told(words: str | None, **more: Any) -> list[str]:
    """What is said of a function `f(uint256 a) returns (uint256)` with these words."""
    node: dict[str, Any] = {
        "nodeType": "FunctionDefinition",
        "name": "f",
        "kind": "function",
        "documentation": None if words is None else {"text": words},
        "parameters": {"parameters": [{"name": "a"}]},
        "returnParameters": {"parameters": [{"name": ""}]},
    }
    contract = {
        "nodeType": "ContractDefinition",
        "name": "C",
        "documentation": {"text": "@title C"},
        "nodes": [node | more],
    }
    return undocumented({"sources": {SOURCE: {"ast": {"nodes": [contract]}}}}, [SOURCE])


def test_natspec__whole__says_nothing() -> None:
    assert told("@dev Adds.\n@param a A number.\n@return The sum.") == []
    assert told("@inheritdoc ILivestreamRooms") == []


def test_natspec__missing__is_named() -> None:
    assert told(None) == [f"{SOURCE}: f has no NatSpec"]
    assert told("@dev Adds.\n@return The sum.") == [f"{SOURCE}: f does not document parameter a"]
    lines = told("@dev Adds.\n@param a A number.")
    assert lines == [f"{SOURCE}: f does not document all return values"]


def test_natspec__state_variable__wants_words_and_a_local_one_does_not() -> None:
    variable = {"nodeType": "VariableDeclaration", "name": "x", "documentation": None}
    assert told(None, **variable, stateVariable=True) == [f"{SOURCE}: x has no NatSpec"]
    assert told(None, **variable, stateVariable=False) == []
