"""Schemas, made by pydantic from the types of answers and of request bodies.

Promises: the type `RoomJson` is the schema `Room`; every type that another one names is a schema,
too. Objects are exact: no member is unlisted, each is required unless its type says otherwise.
"""

from __future__ import annotations

from types import GenericAlias
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

Schema = dict[str, Any]


class _Generator(GenerateJsonSchema):
    """Without titles, which would only repeat names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def normalize_name(self, name: str) -> str:
        return super().normalize_name(name.removesuffix("Json"))


def ref(name: str) -> Schema:
    """Where a schema stands."""
    return {"$ref": f"#/components/schemas/{name}"}


def schema_of(kind: Any) -> Schema:
    """The schema of a type by itself, such as a parameter's."""
    return TypeAdapter(kind).json_schema(schema_generator=_Generator)


def schemas_of(*kinds: type) -> dict[str, Schema]:
    """The schemas of these types and of all that they name, by name."""
    made = TypeAdapter(GenericAlias(tuple, kinds)).json_schema(
        ref_template=ref("{model}")["$ref"], schema_generator=_Generator
    )
    return {name: _exact(schema) for name, schema in made["$defs"].items()}


def _exact(schema: Schema) -> Schema:
    made = {name: value for name, value in schema.items() if name != "title"}
    made["description"] = " ".join(made["description"].split())  # a docstring's lines
    return {**made, "additionalProperties": False} if "properties" in made else made
