"""Builders of JSON Schemas, so that the schemas of answers read like tables.

Promises: pure functions. Objects are exact: every member is listed, and required unless said
otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chain.enums import ROOM_ID, room_name

Schema = dict[str, Any]


def obj(about: str, members: dict[str, Schema], optional: Sequence[str] = ()) -> Schema:
    return {
        "type": "object",
        "description": about,
        "properties": members,
        "required": [name for name in members if name not in optional],
        "additionalProperties": False,
    }


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def text(about: str, **more: Any) -> Schema:
    return {"type": "string", "description": about, **more}


def number(about: str, least: int = 0, **more: Any) -> Schema:
    return {"type": "integer", "minimum": least, "description": about, **more}


def flag(about: str) -> Schema:
    return {"type": "boolean", "description": about}


def one_of(about: str, *words: str) -> Schema:
    return {"type": "string", "enum": list(words), "description": about}


def array(about: str, items: Schema) -> Schema:
    return {"type": "array", "items": items, "description": about}


def or_null(schema: Schema) -> Schema:
    """The same, or null where there is no such thing."""
    if "$ref" in schema:
        return {"oneOf": [schema, {"type": "null"}]}
    made = {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        made["enum"] = [*schema["enum"], None]
    return made


def address(about: str) -> Schema:
    return text(about, pattern="^0x[0-9a-fA-F]{40}$")


def hexed(about: str, size: int | None = None) -> Schema:
    """Bytes as 0x and hex digits."""
    digits = "*" if size is None else f"{{{2 * size}}}"
    return text(about, pattern=f"^0x[0-9a-f]{digits}$")


def wei(about: str) -> Schema:
    return text(f"{about}, in wei", pattern="^(0|[1-9][0-9]*)$")


def quantity(about: str) -> Schema:
    """A number as Ethereum's JSON-RPC writes it."""
    return text(about, pattern="^0x(0|[1-9a-f][0-9a-f]*)$")


def moment(about: str) -> Schema:
    return number(f"{about}; unix seconds")


def room_id(about: str = "The room's name: live_ and its number in the contract") -> Schema:
    return text(about, pattern=f"^{ROOM_ID}$", examples=[room_name(1)])


def cursor(about: str) -> Schema:
    return text(about, pattern="^[A-Za-z0-9_-]{11}$")


FINALITY_AND_INDEX: dict[str, Schema] = {"finality": ref("Finality"), "index": ref("Index")}
"""What every answer ends with: where the index stood, and how final what the answer tells is."""
