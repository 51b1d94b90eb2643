"""The document's schemas, made by pydantic from the types of answers and of request bodies.

Promises: made once, when this module is imported; no answer is built or validated by pydantic. The
type `RoomJson` is the schema `Room`; every type that another one names is a schema, too. Objects
are exact: no member is unlisted, each is required unless its type says otherwise.
"""

from __future__ import annotations

from types import GenericAlias
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from api import request_bodies, response_types, transaction_types

Schema = dict[str, Any]

_DESCRIBED = (
    response_types.JoinJson,
    response_types.RoomAnswerJson,
    response_types.RoomsJson,
    response_types.EventsJson,
    response_types.StreamPositionJson,
    response_types.IngestJson,
    response_types.RecordingsJson,
    response_types.IndexStatusJson,
    response_types.ProblemJson,
    response_types.ReadinessJson,
    response_types.PageConfigJson,
    transaction_types.CreateAnswerJson,
    transaction_types.ChangeAnswerJson,
    transaction_types.EndAnswerJson,
    request_bodies.CreateRequest,
    request_bodies.DescribeRequest,
    request_bodies.RekeyRequest,
    request_bodies.AcceptRequest,
    request_bodies.EndRequest,
)


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


def _exact(schema: Schema) -> Schema:
    made = {name: value for name, value in schema.items() if name != "title"}
    made["description"] = " ".join(made["description"].split())  # a docstring's lines
    return {**made, "additionalProperties": False} if "properties" in made else made


def _schemas() -> dict[str, Schema]:
    made = TypeAdapter(GenericAlias(tuple, _DESCRIBED)).json_schema(
        ref_template=ref("{model}")["$ref"], schema_generator=_Generator
    )
    return {name: _exact(schema) for name, schema in made["$defs"].items()}


SCHEMAS = _schemas()
