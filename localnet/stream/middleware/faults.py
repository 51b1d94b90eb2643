"""Faults on demand: which request meets which trouble.

Promises: rules are tried in the order they were set; the first that matches is used, and used up
after `times`; with a probability below 1 the choice is drawn from a seeded generator. An answer
that a fault makes on a playback path can be read by any page, unless `cors` is false.
Assumes: paths are matched with `re.search` against the path without its query.
On restart: no rules.
"""

import random
import re
from dataclasses import dataclass, field
from typing import Any

ANY_METHOD = "(?!OPTIONS$).*"
"""Where no method is named. A browser's preflight meets only a fault that names it."""

KINDS = {
    "status": "answer `status` (default 500) with an error envelope of `code` and `message`; "
    "the request has no effect",
    "delay": "wait `seconds` (default 1), before the effect or `when` = `after` it",
    "hang": "never answer (at most `seconds`, default 3600); no effect, or `when` = `after` it",
    "html": "answer `status` (default 502) with an HTML page; no effect",
    "truncated": "act, then send half of the answer and close",
    "lost-answer-after-effect": "act, then close without an answer",
    "connection-reset": "reset the connection; no effect",
    "429": "answer 429 with `retry_after` (default 1) and a plain text body; no effect",
}

_PARAMS: dict[str, dict[str, tuple[type, ...]]] = {
    "status": {"status": (int,), "code": (int,), "message": (str,), "cors": (bool,)},
    "delay": {"seconds": (int, float), "when": (str,)},
    "hang": {"seconds": (int, float), "when": (str,)},
    "html": {"status": (int,), "cors": (bool,)},
    "truncated": {},
    "lost-answer-after-effect": {},
    "connection-reset": {},
    "429": {"retry_after": (int,), "cors": (bool,)},
}


@dataclass(slots=True)
class PlannedFault:
    """A rule. `left` None means for ever; `skip` lets that many matching requests pass first."""

    id: int
    kind: str
    method: re.Pattern[str]
    path: re.Pattern[str]
    left: int | None
    skip: int
    probability: float
    params: dict[str, Any]
    used: int = field(default=0)

    def render(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind,
            "method": self.method.pattern,
            "path": self.path.pattern,
            "left": self.left,
            "skip": self.skip,
            "probability": self.probability,
            "params": self.params,
            "used": self.used,
        }


class PlannedFaults:
    """The rules in force."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._rules: list[PlannedFault] = []
        self._count = 0

    def add(self, raw: dict[str, Any]) -> PlannedFault:
        """Adds a rule from its JSON form. Raises ValueError that says what is wrong."""
        unknown = set(raw) - {"kind", "method", "path", "times", "skip", "probability", "params"}
        if unknown:
            raise ValueError(f"unknown fields in a fault: {', '.join(sorted(unknown))}")
        kind = str(raw.get("kind"))
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        self._count += 1
        fault = PlannedFault(
            id=self._count,
            kind=kind,
            method=_pattern("method", raw.get("method", ANY_METHOD)),
            path=_pattern("path", raw.get("path", ".*")),
            left=_count("times", raw.get("times", 1)),
            skip=_count("skip", raw.get("skip", 0)) or 0,
            probability=_probability(raw.get("probability", 1.0)),
            params=_params(kind, raw.get("params", {})),
        )
        self._rules.append(fault)
        return fault

    def pick(self, method: str, path: str) -> PlannedFault | None:
        """The rule this request meets, one use spent; None if it passes untouched."""
        for rule in self._rules:
            if rule.left == 0 or not rule.method.fullmatch(method) or not rule.path.search(path):
                continue
            if rule.skip > 0:
                rule.skip -= 1
                continue
            if rule.probability < 1.0 and self._rng.random() >= rule.probability:
                continue
            rule.left = None if rule.left is None else rule.left - 1
            rule.used += 1
            return rule
        return None

    def all(self) -> list[PlannedFault]:
        return list(self._rules)

    def remove(self, fault_id: int) -> bool:
        """Takes one rule away; False if there is none of that number."""
        kept = [rule for rule in self._rules if rule.id != fault_id]
        found = len(kept) < len(self._rules)
        self._rules = kept
        return found

    def clear(self) -> None:
        self._rules = []


def _pattern(name: str, value: Any) -> re.Pattern[str]:
    try:
        return re.compile(str(value))
    except re.error as error:
        raise ValueError(f"{name} is not a regular expression: {error}") from None


def _count(name: str, value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{name} must be a whole number, or null for no limit")
    return value


def _probability(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError("probability must be between 0 and 1")
    return float(value)


def _params(kind: str, raw: Any) -> dict[str, Any]:
    known = _PARAMS[kind]
    if not isinstance(raw, dict):
        raise ValueError("params must be an object")
    for name, value in raw.items():
        if name not in known or type(value) not in known[name]:
            names = ", ".join(known) or "none"
            raise ValueError(f"params of {kind}: {name} is unknown or mistyped; known: {names}")
    if raw.get("when", "before") not in ("before", "after"):
        raise ValueError("when must be before or after")
    return dict(raw)
