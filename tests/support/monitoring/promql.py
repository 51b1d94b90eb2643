"""What an expression of PromQL asks for: enough of the language for our own rules and panels, whose
grammar promtool checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

MADE_BY_PROMETHEUS = {"up", "ALERTS"}
OVER_COUNTERS = {"rate", "increase", "irate"}
_KEYWORDS = {"by", "without", "on", "ignoring", "or", "and", "unless", "bool", "offset"}
_GROUPED = re.compile(r"\b(by|without|on|ignoring)\s*\(([^)]*)\)")
_SELECTOR = re.compile(r"\b([a-zA-Z_]\w*)\s*(?:\{([^}]*)\})?\s*(\[\w+\])?(\s*\()?")
_MATCHER = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"')


class SeriesSelector(NamedTuple):
    """Series that are asked for. `matchers`: label -> text. `function`: what is called on them."""

    name: str
    matchers: dict[str, str]
    function: str


class Grouping(NamedTuple):
    """An aggregation's labels, and what it aggregates."""

    labels: set[str]
    inner: str


def selectors(expr: str) -> list[SeriesSelector]:
    """Every selector in the order of the text."""
    bare = _GROUPED.sub(lambda found: " " * len(found[0]), expr)
    found, function = [], ""
    for match in _SELECTOR.finditer(bare):
        name, matchers, _, called = match.groups()
        if called:
            function = name
        elif name not in _KEYWORDS:
            opened = bare[: match.start()].rstrip().endswith("(")
            pairs = dict(_MATCHER.findall(matchers or ""))
            found.append(SeriesSelector(name, pairs, function if opened else ""))
    return found


def groupings(expr: str) -> Iterator[Grouping]:
    """Each `by (...)` and `without (...)` with its argument."""
    for match in _GROUPED.finditer(expr):
        if match[1] in ("by", "without"):
            labels = {label.strip() for label in match[2].split(",")}
            yield Grouping(labels, _argument(expr[match.end() :]))


def _argument(rest: str) -> str:
    """The text in the brackets that `rest` begins with."""
    depth = 0
    for place, sign in enumerate(rest):
        depth += (sign == "(") - (sign == ")")
        if sign == ")" and depth == 0:
            return rest[rest.index("(") + 1 : place]
    raise AssertionError(f"no brackets: {rest}")
