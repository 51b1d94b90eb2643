"""What is known of rooms, and the rows that follow from it."""

from __future__ import annotations

from presence.board import ActiveRoom, Board
from presence.documents import PresenceRow
from presence.pace import RoomKind
from presence.verdict import OracleNote

NOW = 1_800_000_000.0
BASE, OTHER = "https://here.example", "https://there.example"
CONTRACT = "0x" + "c0" * 20
DAY = 86_400


def _room(n: int, mode: str = "broadcast", **more: object) -> ActiveRoom:
    room = ActiveRoom(n, CONTRACT, "broadcast", BASE, f"{n:032x}", True, int(NOW), int(NOW) + DAY)
    return room._replace(mode=mode, **more)  # type: ignore[arg-type]


def _board(*rooms: ActiveRoom) -> Board:
    board = Board()
    for room in rooms:
        assert board.room_is(room, NOW)
    return board


def _look(board: Board, n: int, live: bool | None, at: float = NOW) -> None:
    board.looked(n, f"{n:032x}", live, at)


def _store(board: Board) -> list[PresenceRow]:
    rows = board.take_changes(100)
    board.stored(rows)
    return rows


def test_rows__only_of_rooms_that_were_looked_at_and_have_changed__with_rising_revs() -> None:
    board = _board(_room(1), _room(2), _room(3))
    assert _store(board) == []
    _look(board, 1, True)
    _look(board, 2, None)
    rows = _store(board)
    assert [(row["_id"], row["live"], row["live_since"], row["rev"]) for row in rows] == [
        (1, True, NOW, 1),
        (2, None, None, 2),
    ]
    _look(board, 1, True, NOW + 10)
    assert not board.dirty
    _look(board, 1, False, NOW + 20)
    assert [(row["live"], row["rev"], row["off_at"]) for row in _store(board)] == [
        (False, 3, NOW + 20)
    ]


def test_rows__whose_write_failed__are_written_again_with_a_newer_rev() -> None:
    board = _board(_room(1))
    _look(board, 1, True)
    rows = board.take_changes(100)
    board.not_stored(rows)
    assert [row["rev"] for row in board.take_changes(100)] == [2]


def test_rows__more_than_a_write_takes__are_left_for_the_next() -> None:
    board = _board(*(_room(n) for n in range(1, 6)))
    for n in range(1, 6):
        _look(board, n, False)
    assert [row["_id"] for row in board.take_changes(3)] == [1, 2, 3]
    assert board.dirty
    assert [row["_id"] for row in board.take_changes(3)] == [4, 5]


def test_viewers__of_a_room_that_goes_off_air_or_is_not_public__are_none() -> None:
    board = _board(_room(1), _room(2, public=False), _room(3, "webrtc"))
    for n in (1, 2, 3):
        _look(board, n, True)
    assert [board.wants_views(n) for n in (1, 2, 3)] == [True, False, False]
    board.saw_viewers(1, f"{1:032x}", 7, NOW)
    assert _store(board)[0]["viewers"] == 7
    _look(board, 1, None, NOW + 5)
    assert _store(board)[0]["viewers"] is None
    board.saw_viewers(1, f"{1:032x}", 9, NOW + 6)
    assert _store(board) == []


def test_look__at_a_former_live_input__does_not_count() -> None:
    board = _board(_room(1))
    board.looked(1, "f" * 32, True, NOW)
    assert _store(board) == []
    _look(board, 1, True)
    _store(board)
    assert board.room_is(_room(1, uid="e" * 32), NOW)
    assert [row["live"] for row in _store(board)] == [None]


def test_whip__called_live_once__false_counts_for_that_host_alone() -> None:
    board = _board(_room(1, "webrtc"), _room(2, "webrtc"), _room(3, "webrtc", base=OTHER))
    for n in (2, 3):
        _look(board, n, False)
    assert [row["live"] for row in _store(board)] == [None, None]
    _look(board, 1, True)
    assert board.new_hosts == {BASE: NOW}
    for n in (2, 3):
        _look(board, n, False, NOW + 1)
    assert [(row["_id"], row["live"]) for row in _store(board)] == [(1, True), (2, False)]


def test_note__of_a_webrtc_room__decides_where_lifecycle_has_nothing() -> None:
    board = _board(_room(1, "webrtc"), _room(2))
    assert [board.wants_note(n) for n in (1, 2, 3)] == [True, False, False]
    _look(board, 1, False)
    board.noted(1, OracleNote(True, NOW - 5), NOW)
    assert [row["live"] for row in _store(board)] == [True]
    _look(board, 1, False, NOW + 200)
    assert [row["live"] for row in _store(board)] == [None]
    _look(board, 1, True, NOW + 201)
    assert not board.wants_note(1)


def test_room_that_is_over__is_unknown_at_once_and_gone_an_hour_later() -> None:
    board = _board(_room(1), _room(2, ends_at=int(NOW) + 60))
    for n in (1, 2):
        _look(board, n, True)
    _store(board)
    assert board.room_is_over(1, NOW + 10)
    assert not board.room_is_over(1, NOW + 11)
    assert board.overdue(NOW + 60) == [2]
    assert [(row["_id"], row["live"], row["live_since"]) for row in _store(board)] == [
        (1, None, None)
    ]
    _look(board, 1, True, NOW + 12)
    assert _store(board) == []
    assert board.gone(NOW + 3609) == []
    assert board.gone(NOW + 3610) == [1]
    board.forget([1])
    assert board.room(1) is None


def test_room_that_a_reorg_brings_back__is_looked_at_again() -> None:
    board = _board(_room(1))
    _look(board, 1, True)
    board.room_is_over(1, NOW)
    assert board.room_is(_room(1), NOW + 1)
    _look(board, 1, True, NOW + 2)
    assert _store(board)[0]["live_since"] == NOW + 2
    assert board.gone(NOW + 7200) == []


def _loaded(*, kept: bool) -> Board:
    stored: list[PresenceRow] = [
        {
            "_id": n, "contract": CONTRACT, "live": live, "live_since": 70 if live else None,
            "viewers": None, "rev": 40 + n, "off_at": None,
        }
        for n, live in ((1, True), (2, False))
    ]  # fmt: skip
    board = Board()
    board.load(stored, {BASE: 5}, 41, kept=kept, now=NOW)
    return board


def test_restart__at_once__rooms_on_air_keep_since_and_nothing_is_written() -> None:
    board = _loaded(kept=True)
    assert board.unclaimed() == [1, 2]
    assert board.rev == 42
    board.room_is(_room(1), NOW)
    assert board.unclaimed() == [2]
    assert board.kind(1, NOW) is RoomKind.ON_AIR
    _look(board, 1, True)
    assert _store(board) == []


def test_restart__long_after__rooms_are_unknown_until_they_were_looked_at() -> None:
    board = _loaded(kept=False)
    board.room_is(_room(1), NOW)
    assert [(row["_id"], row["live"]) for row in _store(board)] == [(1, None), (2, None)]
    _look(board, 1, True)
    assert _store(board)[0]["live_since"] == NOW


def test_host__silent_for_long__makes_its_rooms_unknown_also_those_of_before_a_restart() -> None:
    board = _loaded(kept=True)
    board.room_is(_room(1), NOW)
    board.room_is(_room(3, base=OTHER), NOW)
    _look(board, 3, True)
    board.host_is_silent(BASE, NOW + 10)
    assert [(row["_id"], row["live"]) for row in _store(board)] == [(1, None), (3, True)]


def test_kind__of_a_room__as_lively_as_it_was_lately() -> None:
    old = int(NOW) - 5 * DAY
    board = _board(
        _room(1), _room(2, new_at=old), _room(3, new_at=int(NOW) - 7200), _room(4, new_at=old)
    )
    assert [board.kind(n, NOW) for n in (1, 2, 3, 4)] == [
        RoomKind.HOT,
        RoomKind.SILENT,
        RoomKind.USUAL,
        RoomKind.SILENT,
    ]
    assert board.hinted(4, NOW)
    assert not board.hinted(5, NOW)
    assert board.kind(4, NOW + 100) is RoomKind.HOT
    assert board.kind(4, NOW + 121) is RoomKind.SILENT
    _look(board, 2, True)
    assert board.kind(2, NOW) is RoomKind.ON_AIR
    _look(board, 2, False, NOW + 1)
    assert board.kind(2, NOW + 3000) is RoomKind.HOT
    assert board.kind(2, NOW + 4000) is RoomKind.USUAL
    assert board.counts() == {"on_air": 0, "off_air": 1, "unknown": 3}
