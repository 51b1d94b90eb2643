"""How often rooms are asked about, from what docs/presence.md promises."""

from __future__ import annotations

from presence.pace import AT_BEST, RoomKind, intervals

HOT, ON_AIR, USUAL, SILENT, VIEWS = RoomKind


def _spent(counts: dict[RoomKind, int], pace: dict[RoomKind, float]) -> float:
    return sum(count / pace[kind] for kind, count in counts.items())


def test_intervals__a_thousand_rooms_of_which_a_tenth_is_hot__as_promised() -> None:
    for usual in (0, 450, 900):
        counts = {HOT: 100, USUAL: usual, SILENT: 900 - usual}
        pace = intervals(counts, 20)
        assert pace[HOT] <= 11.0
        assert pace[USUAL] <= 86.0
        assert pace[SILENT] <= 86.0
        assert _spent(counts, pace) <= 20.001
    mixed = intervals({HOT: 50, ON_AIR: 50, VIEWS: 50, USUAL: 900}, 20)
    assert mixed[HOT] <= 11.0
    assert mixed[ON_AIR] <= 21.0
    assert mixed[USUAL] <= 86.0


def test_intervals__few_rooms__no_more_often_than_at_best() -> None:
    assert intervals({HOT: 1, ON_AIR: 1, USUAL: 1, SILENT: 1, VIEWS: 1}, 20) == dict(AT_BEST)
    assert intervals({}, 20) == dict(AT_BEST)


def test_intervals__far_too_many_rooms__all_stretch_and_none_starves() -> None:
    counts = {HOT: 2000, ON_AIR: 3000, USUAL: 10_000, SILENT: 85_000, VIEWS: 3000}
    for budget in (1, 20):
        pace = intervals(counts, budget)
        assert _spent(counts, pace) <= budget * 1.001
        assert _spent(counts, pace) >= budget * 0.99
        assert pace[SILENT] <= 1.6 * 95_000 / (0.54 * budget)
        assert pace[USUAL] < pace[SILENT] / 1.4
        assert pace[HOT] < pace[USUAL]


def test_intervals__silent_rooms_without_number__do_not_hold_up_the_hot() -> None:
    counts = {HOT: 40, SILENT: 100_000}
    assert intervals(counts, 20)[HOT] == AT_BEST[HOT]
