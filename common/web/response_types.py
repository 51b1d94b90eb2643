"""The types of answers that every service gives: problems and readiness.

Promises: types and nothing else; what a class's docstring and the kinds of its members say is what
the OpenAPI document says. An object has these members and no others.
"""

from __future__ import annotations

from typing import Annotated, NotRequired

from typing_extensions import TypedDict

from common.web.field_kinds import number, plain, text


class FieldErrorJson(TypedDict):
    """A parameter or a field that is not as it should be"""

    parameter: NotRequired[Annotated[str, text("The query or path parameter")]]
    pointer: NotRequired[Annotated[str, text("The field of the body (JSON pointer)")]]
    detail: Annotated[str, text("What it must be")]


class ProblemEssentials(TypedDict):
    """What every problem says."""

    type: Annotated[str, text("Link to what it means and what to do")]
    title: Annotated[str, text("The kind of problem")]
    status: Annotated[int, number("The HTTP status", 400, 599)]
    detail: Annotated[str, text("What happened")]


class ReadinessJson(TypedDict):
    """Whether the service can answer correctly"""

    ready: Annotated[bool, plain("It can")]
    reasons: Annotated[
        list[str], plain("Why not, and what to check; notes that do not affect readiness say so")
    ]
