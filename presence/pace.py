"""How often a room of each kind is asked about, with so many rooms and so many questions a second.

Promises: pure. All questions together stay within the budget. With a budget to spare nobody is
asked more often than `AT_BEST`. Without one, viewers' counts take a tenth at most; of the rest, the
rooms that are likely to change and the others have about a half each, the unused part of one half
goes to the other, and within a half all stretch alike: nobody starves. With 20 questions a second
the others are asked within 90 s as long as they are 930 or fewer; if there are more, those long
silent give way to the rest of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class RoomKind(Enum):
    """What is asked, and of which room. `HOT`: new, on air within the hour, or hinted at. `ON_AIR`:
    on air. `USUAL`: none of these. `SILENT`: not on air for a day. `VIEWS`: how many watch."""

    HOT = "hot"
    ON_AIR = "on_air"
    USUAL = "usual"
    SILENT = "silent"
    VIEWS = "views"


AT_BEST: Mapping[RoomKind, float] = {
    RoomKind.HOT: 5.0,
    RoomKind.ON_AIR: 10.0,
    RoomKind.USUAL: 60.0,
    RoomKind.SILENT: 86.0,
    RoomKind.VIEWS: 15.0,
}
"""Seconds between two questions, with budget to spare."""
OTHERS_SHARE = 0.54
VIEWS_SHARE = 0.1
# on air, a room is asked half as often as one that may go on air at any moment
_ON_AIR = AT_BEST[RoomKind.ON_AIR] / AT_BEST[RoomKind.HOT]

Intervals = dict[RoomKind, float]


def intervals(counts: Mapping[RoomKind, int], budget: float) -> Intervals:
    """Seconds between two questions for each kind; `budget`: questions a second for all."""
    n = {kind: counts.get(kind, 0) for kind in RoomKind}
    views = min(n[RoomKind.VIEWS] / AT_BEST[RoomKind.VIEWS], VIEWS_SHARE * budget)
    lively = n[RoomKind.HOT] + n[RoomKind.ON_AIR] / _ON_AIR
    lively_wants = lively / AT_BEST[RoomKind.HOT]
    others_want = sum(n[kind] / AT_BEST[kind] for kind in (RoomKind.USUAL, RoomKind.SILENT))
    others = min(others_want, max(OTHERS_SHARE * budget, budget - views - lively_wants))
    hot = _stretched(RoomKind.HOT, lively, budget - views - others)
    usual, silent = _others(n[RoomKind.USUAL], n[RoomKind.SILENT], others)
    return {
        RoomKind.HOT: hot,
        RoomKind.ON_AIR: hot * _ON_AIR,
        RoomKind.USUAL: usual,
        RoomKind.SILENT: silent,
        RoomKind.VIEWS: _stretched(RoomKind.VIEWS, n[RoomKind.VIEWS], views),
    }


def _stretched(kind: RoomKind, count: float, share: float) -> float:
    return max(AT_BEST[kind], count / share) if count else AT_BEST[kind]


def _others(usual: int, silent: int, share: float) -> tuple[float, float]:
    """Of the usual rooms and of the silent ones: within `AT_BEST` of the silent if the share does
    it for all, else the silent wait up to half as long again as they would all alike."""
    if not usual + silent:
        return AT_BEST[RoomKind.USUAL], AT_BEST[RoomKind.SILENT]
    alike, best = (usual + silent) / share, AT_BEST[RoomKind.SILENT]
    rarely = max(best, 1.5 * alike - best / 2)
    return _stretched(RoomKind.USUAL, usual, share - silent / rarely), rarely
