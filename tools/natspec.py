"""Which parts of the contracts carry no NatSpec, or not all of it.

Promises: every contract, function, event, error, modifier, struct, enum and state variable of the
given sources is looked at, internal ones too: it has a comment, and the comment of a callable names
each parameter and each return value. What inherits its comment (`@inheritdoc`) is whole.
Assumes: the compiler has checked already that what a comment names does exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

_CALLABLE = {"FunctionDefinition", "EventDefinition", "ErrorDefinition", "ModifierDefinition"}
_OTHERS = {"ContractDefinition", "StructDefinition", "EnumDefinition"}


def undocumented(output: dict[str, Any], sources: Iterable[str]) -> list[str]:
    """A line for each thing without its words, in solc's `output`."""
    return [
        f"{source}: {what}"
        for source in sources
        for node in _nodes(output["sources"][source]["ast"])
        for what in _missing(node)
    ]


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if _wants_words(node):
            yield node
        for child in node.values():
            yield from _nodes(child)
    elif isinstance(node, list):
        for child in node:
            yield from _nodes(child)


def _wants_words(node: dict[str, Any]) -> bool:
    kind = node.get("nodeType")
    return kind in _CALLABLE or kind in _OTHERS or bool(node.get("stateVariable"))


def _missing(node: dict[str, Any]) -> Iterator[str]:
    name = node["name"] or node.get("kind", "?")
    words = (node.get("documentation") or {}).get("text", "")
    if not words:
        yield f"{name} has no NatSpec"
    elif node["nodeType"] in _CALLABLE and "@inheritdoc" not in words:
        for parameter in node["parameters"]["parameters"]:
            if f"@param {parameter['name']} " not in words:
                yield f"{name} does not document parameter {parameter['name']}"
        returned = (node.get("returnParameters") or {}).get("parameters", [])
        if words.count("@return ") < len(returned):
            yield f"{name} does not document all return values"
