"""What a suite answers: rows, and how people read them.

A row is one figure beside its floor or peer, with the ratio of the two and the aim it is held to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Met = Literal["yes", "no", ""]
_HEADINGS = ("", "measured", "beside", "ratio", "aim", "met")


@dataclass(frozen=True)
class BenchRow:
    """One figure.

    `table`: the heading of its table. `value` in `unit` (seconds are "s", milliseconds "ms",
    megabytes of 10^6 bytes "MB"). `beside`: the same figure of `peer`, the floor or the rival,
    measured in the same run. `aim`: in words; `met`: whether it holds, None where there is no aim.
    `note`: what a reader must know, e.g. samples taken.
    """

    table: str
    figure: str
    value: float
    unit: str = ""
    beside: float | None = None
    peer: str = ""
    aim: str = ""
    met: bool | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """`value` over `beside`."""
        return self.value / self.beside if self.beside else None

    def as_dict(self) -> dict[str, Any]:
        """For the results file."""
        return asdict(self) | {"ratio": self.ratio}


def number(value: float) -> str:
    """Three significant digits, without exponents; whole numbers whole."""
    if value == 0:
        return "0"
    if abs(value) >= 1000 or value == int(value):
        return f"{value:,.0f}"
    digits = 2 if abs(value) < 10 else 1
    return f"{value:.{digits}f}" if abs(value) >= 0.1 else f"{value:.3g}"


def _cells(row: BenchRow) -> list[str]:
    unit = f" {row.unit}" if row.unit else ""
    beside = "" if row.beside is None else f"{number(row.beside)}{unit}"
    if row.peer:
        beside = f"{beside} ({row.peer})".strip()
    ratio = "" if row.ratio is None else f"{number(row.ratio)}x"
    met = "" if row.met is None else ("yes" if row.met else "NO")
    return [row.figure, f"{number(row.value)}{unit}", beside, ratio, row.aim, met]


def tables(rows: Sequence[BenchRow]) -> str:
    """The rows as plain text, one table per heading, in the order they came."""
    blocks = []
    for heading in dict.fromkeys(row.table for row in rows):
        own = [row for row in rows if row.table == heading]
        lines = [list(_HEADINGS), *(_cells(row) for row in own)]
        widths = [max(len(line[i]) for line in lines) for i in range(len(_HEADINGS))]
        text = [heading, *(_line(line, widths) for line in lines)]
        text += [f"  {row.figure}: {row.note}" for row in own if row.note]
        blocks.append("\n".join(text))
    return "\n\n".join(blocks)


def _line(cells: Iterable[str], widths: Sequence[int]) -> str:
    padded = [
        cell.ljust(width) if i in (0, 4) else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  " + "  ".join(padded).rstrip()
