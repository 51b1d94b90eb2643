"""A service's OpenAPI document as one page for people, without any script.

Promises: everything shown comes from the document and from the catalogue of problems; text is
escaped; each problem has the anchor that its `type` leads to.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from common.web.problems import Catalogue

FOLDER = Path(__file__).resolve().parent / "templates"
STYLE = FOLDER / "docs.css"


class Member(NamedTuple):
    """A member of an object, for a table. `link`: a schema's name, or ""."""

    name: str
    kind: str
    link: str
    about: str
    optional: bool


def render(spec: dict[str, Any], problems: Catalogue, *, document: str, style: str) -> str:
    """The page. `document`, `style`: where the document and the page's style are served."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["prose"] = prose
    environment.globals["members"] = lambda schema: members(schema, spec)
    environment.globals["kind"] = kind
    environment.globals["link"] = link
    return environment.get_template("docs.html").render(
        spec=spec,
        problems=problems.values(),
        schemas=spec["components"]["schemas"],
        document=document,
        style=style,
    )


def prose(text: str) -> Markup:
    """Paragraphs, with `code` marked."""
    blocks = [str(escape(block)) for block in text.strip().split("\n\n")]
    coded = [re.sub(r"`([^`]+)`", r"<code>\1</code>", block) for block in blocks]
    return Markup("".join(f"<p>{block}</p>" for block in coded))  # noqa: S704 - escaped above


def link(schema: dict[str, Any]) -> str:
    """The name of the schema that this one refers to, itself or in a list; else ""."""
    if "anyOf" in schema:
        schema = schema["anyOf"][0]
    if schema.get("type") == "array":
        schema = schema["items"]
    return str(schema.get("$ref", "")).rpartition("/")[2]


def kind(schema: dict[str, Any]) -> str:
    """A type in a word or two."""
    null = ""
    if "anyOf" in schema:
        schema, null = schema["anyOf"][0], " or null"
    if "$ref" in schema:
        return link(schema) + null
    found = schema.get("type", "any")
    if found == "array":
        return f"list of {kind(schema['items'])}{null}"
    if "enum" in schema:
        return " | ".join(schema["enum"]) + null
    bounds = [
        f"{word} {schema[name]}"
        for name, word in (("minimum", "from"), ("maximum", "to"), ("maxLength", "at most"))
        if schema.get(name)
    ]
    return " ".join([f"{found}{null}", *bounds])


def members(schema: dict[str, Any], spec: dict[str, Any]) -> list[Member]:
    """The members of an object."""
    found = []
    required = schema.get("required", ())
    for name, inner in schema.get("properties", {}).items():
        about = inner.get("description", "")
        if not about and (target := link(inner)):
            about = spec["components"]["schemas"][target].get("description", "")
        found.append(Member(name, kind(inner), link(inner), about, name not in required))
    return found
