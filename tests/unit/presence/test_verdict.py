"""What is said of a room, row by row as docs/presence.md tells it."""

from __future__ import annotations

import pytest

from indexer.documents import ModeWord
from presence.verdict import LifecycleLook, OracleNote, Standing, follows, judge

NOW = 1_800_000_000.0
FRESH, OLDER, STALE = NOW - 5, NOW - 60, NOW - 181
LOOKED = NOW - 30


@pytest.mark.parametrize(
    ("mode", "said", "knows", "note", "expected"),
    [
        ("broadcast", True, False, None, True),
        ("broadcast", False, False, None, False),
        ("broadcast", None, True, None, None),
        ("broadcast", False, False, (True, FRESH), False),
        ("webrtc", True, False, None, True),
        ("webrtc", True, True, (False, FRESH), True),
        ("webrtc", False, False, None, None),
        ("webrtc", False, True, None, False),
        ("webrtc", False, False, (True, FRESH), True),
        ("webrtc", False, False, (True, OLDER), True),
        ("webrtc", False, False, (False, FRESH), False),
        ("webrtc", False, False, (True, STALE), None),
        ("webrtc", False, True, (True, FRESH), True),
        ("webrtc", False, True, (True, OLDER), False),
        ("webrtc", False, True, (False, FRESH), False),
        ("webrtc", None, True, None, None),
        ("webrtc", None, True, (True, OLDER), True),
        ("webrtc", None, False, (False, OLDER), False),
        ("webrtc", None, False, (False, STALE), None),
    ],
)
def test_judge__each_row_of_the_table__says_so(
    mode: ModeWord,
    said: bool | None,
    knows: bool,
    note: tuple[bool, float] | None,
    expected: bool | None,
) -> None:
    told = None if note is None else OracleNote(*note)
    look = LifecycleLook(said, LOOKED)
    assert judge(mode, look, knows_whip=knows, note=told, now=NOW) is expected


@pytest.mark.parametrize("mode", ["webrtc", "broadcast"])
def test_judge__a_room_that_nobody_looked_at__is_unknown(mode: ModeWord) -> None:
    assert judge(mode, None, knows_whip=True, note=None, now=NOW) is None


def _told(*steps: tuple[bool | None, float]) -> Standing:
    standing = Standing()
    for live, after in steps:
        standing = follows(standing, live, NOW + after)
    return standing


def test_follows__on_air_over_a_short_unknown__keeps_since() -> None:
    unknown = _told((False, 0), (True, 10), (None, 60), (None, 170))
    assert (unknown.live, unknown.live_since) == (None, None)
    assert _told((False, 0), (True, 10), (None, 60), (True, 179)).live_since == NOW + 10


def test_follows__on_air_after_two_minutes_unknown__is_on_air_anew() -> None:
    assert _told((True, 10), (None, 60), (True, 180)).live_since == NOW + 180
    assert _told((True, 10), (None, 60), (None, 190), (True, 191)).live_since == NOW + 191


def test_follows__off_air__says_when_it_went_off_and_forgets_since() -> None:
    off = _told((True, 10), (None, 20), (False, 30))
    assert (off.live, off.live_since, off.off_at) == (False, None, NOW + 30)
    assert _told((True, 10), (False, 30), (False, 60)).off_at == NOW + 30
    assert _told((True, 10), (False, 30), (True, 40)).live_since == NOW + 40
    assert _told((None, 0), (False, 30)).off_at is None
