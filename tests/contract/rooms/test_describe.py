"""describeRoom: any bytes up to its limit, at any stage of an open room, counted as an event."""

from __future__ import annotations

import pytest

from chain.events import RoomDescribed
from tests.support.registry.stage import HOST, OTHER, Stage


@pytest.mark.parametrize("pending", [True, False])
def test_describe__open__is_told_and_counts(stage: Stage, pending: bool) -> None:
    room_id = stage.create() if pending else stage.active()
    before = stage.room(room_id)
    details = '{"about": "Lớp toán", "lang": "vi"}'.encode()
    (event,) = stage.act(HOST, "describeRoom", room_id, 1_800_000_000, details)
    assert isinstance(event, RoomDescribed)
    assert (event.starts_at, event.details) == (1_800_000_000, details)
    assert stage.room(room_id) == before._replace(events=before.events + 1)


@pytest.mark.parametrize("details", [b"", b"\xff\xfe\x00", b"[" * 1024, b"\xed\xa0\x80" * 300])
@pytest.mark.parametrize("starts_at", [0, 1, 2**40 - 1])
def test_describe__any_bytes_and_any_time__are_told_as_they_are(
    stage: Stage, details: bytes, starts_at: int
) -> None:
    (event,) = stage.act(HOST, "describeRoom", stage.create(), starts_at, details)
    assert event[-2:] == (starts_at, details)


def test_describe__too_long__is_refused(stage: Stage) -> None:
    room_id = stage.create()
    refused = stage.refuse(HOST, "describeRoom", room_id, 0, b"x" * 1025)
    assert refused == ("DetailsTooLong", 1025, 1024)


def test_describe__anew__the_last_counts(stage: Stage) -> None:
    room_id = stage.create()
    for n in range(3):
        stage.act(HOST, "describeRoom", room_id, n, b"%d" % n)
    doc = stage.ledger.rooms[room_id]
    assert (doc["starts_at"], doc["details"]) == (2, "2")


def test_describe__room_given_away__the_new_host_describes_it(stage: Stage) -> None:
    room_id = stage.active()
    stage.act(HOST, "describeRoom", room_id, 1, b"mine")
    stage.act(HOST, "transferRoom", room_id, OTHER)
    stage.act(OTHER, "acceptRoom", room_id, stage.tag(room_id), b"\x01" * 32)
    assert stage.refuse(HOST, "describeRoom", room_id, 1, b"") == ("NotHost", room_id, HOST)
    stage.act(OTHER, "describeRoom", room_id, 0, b"theirs")
