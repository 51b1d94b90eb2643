"""JSON bodies of POST requests, checked.

Promises: a body that is not a JSON object, or has a missing, unknown or malformed field, is a 400
problem whose `errors` point at each of them and quote none. The OpenAPI document's schemas of
bodies are made from these models (`common.web.openapi.schemas`).
"""

from __future__ import annotations

from typing import Any, TypeVar

import orjson
from flask import request
from pydantic import BaseModel, ConfigDict, ValidationError

from common.web.problems import Problem
from common.web.response_types import FieldErrorJson


class JsonBody(BaseModel):
    """Defaults are not validated: "" and 0 mean that the field was left out. They come from a
    factory, so that the document does not tell them: of a member with a `default` some generators
    make one that must be given."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


Body = TypeVar("Body", bound=JsonBody)


def read(kind: type[Body], *media_types: str) -> Body:
    """The request's body. `media_types`: what it may be sent as beside `application/json`. Raises
    `Problem`."""
    if request.mimetype not in ("application/json", *media_types):
        raise Problem("not-json", "the body must be sent as application/json")
    try:
        content = orjson.loads(request.get_data(cache=False))
    except orjson.JSONDecodeError as error:
        raise Problem("malformed", f"the body is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise Problem("malformed", "the body must be a JSON object")
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        problems = [
            _field_error(item) for item in error.errors(include_url=False, include_input=False)
        ]
    text = "; ".join(f"{item['pointer']}: {item['detail']}" for item in problems)
    raise Problem("malformed", text, extra={"errors": problems})


def _field_error(item: Any) -> FieldErrorJson:
    name = "/".join(str(part)[:64] for part in item["loc"])
    text = item["msg"].removeprefix("Value error, ")
    if item["type"] == "missing":
        text = "missing"
    elif item["type"] == "extra_forbidden":
        text = "unknown field"
    return {"pointer": f"/{name}", "detail": text}
