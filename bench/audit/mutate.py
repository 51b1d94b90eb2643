"""Small changes of Solidity source, each of which the tests ought to notice.

Promises: pure; the same text gives the same mutants, and a mutant's name (`Mutant.id`) depends on
its own line only, so that an explanation outlives changes elsewhere. Comments, strings and imports
are left alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import NamedTuple


class Mutant(NamedTuple):
    """`text[start:end]` of `file` becomes `new`. `line`: the whole line before, stripped."""

    file: str
    start: int
    end: int
    new: str
    operator: str
    number: int
    line: str
    id: str


_SWAPS = (
    ("condition", r"(?<![<>=!])<=(?!=)", "<"),
    ("condition", r"(?<![<>=!-])>=(?!=)", ">"),
    ("condition", r"(?<![<>=])<(?![<=])", "<="),
    ("condition", r"(?<![<>=])>(?![>=])", ">="),
    ("condition", r"==", "!="),
    ("condition", r"!=", "=="),
    ("condition", r"&&", "||"),
    ("condition", r"\|\|", "&&"),
    ("condition", r"(?<![=!])!(?!=)", ""),
    ("operator", r"(?<=\S) \+ (?=\S)", " - "),
    ("operator", r"(?<=\S) - (?=\S)", " + "),
    ("operator", r"(?<=\S) \* (?=\S)", " / "),
    ("operator", r"(?<=\S) / (?=\S)", " * "),
    ("operator", r"(?<=\S) % (?=\S)", " / "),
    ("operator", r"(?<![&|]) ?\| (?=\S)", " & "),
    ("operator", r"(?<=\S) & (?=\S)", " | "),
    ("operator", r"<<", ">>"),
    ("operator", r">>", "<<"),
    ("operator", r"\+\+(?=[a-zA-Z_])", "--"),
    ("operator", r"\+=", "-="),
    ("operator", r"~", ""),
    ("constant", r"\btrue\b", "false"),
    ("constant", r"\bfalse\b", "true"),
    ("constant", r"\bmsg\.sender\b", "tx.origin"),
    ("constant", r"address\(0\)", "address(1)"),
    ("constant", r"EndReason\.HOST\b", "EndReason.EXPIRED"),
    ("constant", r"EndReason\.EXPIRED\b", "EndReason.HOST"),
    ("constant", r"EndReason\.UNFULFILLED\b", "EndReason.EXPIRED"),
    ("constant", r"EndReason\.DECLINED\b", "EndReason.TAKEN_DOWN"),
    ("constant", r"EndReason\.TAKEN_DOWN\b", "EndReason.DECLINED"),
    ("deleted", r"(?<=\s)onlyOwner\s", ""),
)
_NUMBER = re.compile(r"(?<![\w.\"])(\d[\d_]*|0x[0-9a-f]+)(?![\w.\"])")
_IF = re.compile(r"\bif \(")
_STATEMENT = re.compile(
    r"^ +(?:[A-Za-z_][\w.\[\]()]*(?:\[[^\]]*\])?(?:\.\w+)* (?:=|\+=) "
    r"|delete |\+\+\w|emit |continue;|_\w+\(|Address\.|super\.|revert )",
    re.MULTILINE,
)
_BLANK = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:[^\"\\\n]|\\.)*\"|^(?:import|pragma)[^;]*;",
    re.DOTALL | re.MULTILINE,
)


def mutants(file: str, text: str) -> list[Mutant]:
    """All mutants of a source file, in the order of the text."""
    code = _BLANK.sub(lambda match: " " * len(match[0]), text)
    found = sorted(_changes(code), key=lambda change: (change[0], change[1], change[2]))
    seen: dict[str, int] = {}
    made = []
    for start, end, new, operator in found:
        number = text.count("\n", 0, start) + 1
        line = text.split("\n")[number - 1].strip()
        plain = f"{file}|{operator}|{line}|{text[start:end]}|{new}"
        seen[plain] = seen.get(plain, 0) + 1
        name = hashlib.sha256(f"{plain}|{seen[plain]}".encode()).hexdigest()[:10]
        made.append(Mutant(file, start, end, new, operator, number, line, name))
    return made


def _changes(code: str) -> Iterator[tuple[int, int, str, str]]:
    for operator, pattern, new in _SWAPS:
        for match in re.finditer(pattern, code):
            yield match.start(), match.end(), new, operator
    for match in _NUMBER.finditer(code):
        value = int(match[1].replace("_", ""), 0)
        for other in {value + 1, max(value - 1, 0)} - {value}:
            yield match.start(), match.end(), str(other), "constant"
    for match in _IF.finditer(code):
        begin = match.end()
        end = _closing(code, begin)
        for word in ("true", "false"):
            yield begin, end, word, "condition"
    for match in _STATEMENT.finditer(code):
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        yield start, code.index(";", start) + 1, "", "deleted"


def _closing(code: str, begin: int) -> int:
    """Where the parenthesis that opened before `begin` closes."""
    depth, at = 1, begin
    while depth:
        depth += {"(": 1, ")": -1}.get(code[at], 0)
        at += 1
    return at - 1
