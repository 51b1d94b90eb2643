"""Records as documents, and the open ones in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

import pytest

from oracle.journal import (
    CutOff,
    JournalConflict,
    MemoryJournal,
    OpenRecords,
    RoomRecord,
    Rotation,
    to_document,
    to_record,
)
from tests.unit.oracle.facts_builder import TAG, TAG2, made, record

FULL = made(
    rotation=Rotation(TAG2, "2026-01-01T00:00:00+00:00", done=True), verified=TAG,
    sent="fulfill:x:1", lost_at=5.0, reason="because", account="cf", stale=True,
    suspect=True, cleared=True, cut_off=CutOff(1.0, rotated=True, looked_at=31.0, connected=True),
)  # fmt: skip


@pytest.mark.parametrize("one", [record(), made(), FULL], ids=["new", "made", "full"])
def test_document__there_and_back__same_record(one: RoomRecord) -> None:
    assert to_record(to_document(one)) == one


def test_document__of_an_older_version__read() -> None:
    old = to_document(FULL)
    del old["cut_off"]
    assert to_record(old) == replace(FULL, cut_off=None)


def test_document__every_field_is_stored() -> None:
    stored = set(to_document(FULL)) - {"_id", "contract"} | {"id"}
    assert stored == {field.name for field in fields(RoomRecord)}


def test_document__no_secret_like_text() -> None:
    text = repr(to_document(FULL))
    assert "whip" not in text and "http" not in text
    assert "sealed" not in repr(made()), "sealed bytes are left out of reprs"


async def test_journal__older_version__refused() -> None:
    journal = MemoryJournal()
    (first,) = await journal.save([record(version=0)])
    await journal.save([first])
    with pytest.raises(JournalConflict):
        await journal.save([first])


class Failing(MemoryJournal):
    """Writes, and loses the answer."""

    async def save(self, records: Sequence[RoomRecord]) -> list[RoomRecord]:
        await super().save(records)
        raise ConnectionError("the answer is lost")


async def test_open_records__answer_to_a_save_lost__loaded_again_and_nothing_forgotten() -> None:
    journal = Failing()
    records = OpenRecords(journal, "c", 1)
    await records.load(1)
    with pytest.raises(ConnectionError):
        await records.save(record(version=0))
    assert records.fence is None, "what is in the journal is not known any more"
    await records.load(1)
    assert [e.room_id for e in records.open] == [7]


async def test_open_records__closed__found_but_not_open() -> None:
    journal = MemoryJournal()
    records = OpenRecords(journal, "c", 1)
    await records.load(1)
    saved = await records.save(record(version=0))
    closed = await records.save(replace(saved, closed=True))
    assert records.open == []
    assert await records.get([closed.id]) == {closed.id: closed}


async def test_open_records__saved_while_loading__kept() -> None:
    journal = MemoryJournal()
    records = OpenRecords(journal, "c", 1)

    class Slow(MemoryJournal):
        async def open_records(self, contract: str, operator_id: int) -> list[RoomRecord]:
            await records.save(record(version=0))
            return []

    records._journal = slow = Slow()
    await records.load(3)
    assert [e.id for e in records.open] == list(slow.records)
    assert records.fence == 3
