"""Entries as documents, and the book that holds the open ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

import pytest

from oracle.journal import (
    Book,
    Entry,
    JournalConflict,
    MemoryJournal,
    Rotation,
    to_document,
    to_entry,
)
from tests.unit.oracle.facts_builder import TAG, TAG2, entry, made

FULL = made(
    rotation=Rotation(TAG2, "2026-01-01T00:00:00+00:00", done=True), verified=TAG,
    sent="fulfill:x:1", lost_at=5.0, reason="because", account="cf", stale=True,
    suspect=True, cleared=True,
)  # fmt: skip


@pytest.mark.parametrize("one", [entry(), made(), FULL], ids=["new", "made", "full"])
def test_document__there_and_back__same_entry(one: Entry) -> None:
    assert to_entry(to_document(one)) == one


def test_document__every_field_is_stored() -> None:
    stored = set(to_document(FULL)) - {"_id", "contract"} | {"id"}
    assert stored == {field.name for field in fields(Entry)}


def test_document__no_secret_like_text() -> None:
    text = repr(to_document(FULL))
    assert "whip" not in text and "http" not in text
    assert "sealed" not in repr(made()), "sealed bytes are left out of reprs"


async def test_journal__older_version__refused() -> None:
    journal = MemoryJournal()
    (first,) = await journal.save([entry(version=0)])
    await journal.save([first])
    with pytest.raises(JournalConflict):
        await journal.save([first])


class Failing(MemoryJournal):
    """Writes, and loses the answer."""

    async def save(self, entries: Sequence[Entry]) -> list[Entry]:
        await super().save(entries)
        raise ConnectionError("the answer is lost")


async def test_book__answer_to_a_save_lost__loaded_again_and_nothing_forgotten() -> None:
    journal = Failing()
    book = Book(journal, "c", 1)
    await book.load(1)
    with pytest.raises(ConnectionError):
        await book.save(entry(version=0))
    assert book.fence is None, "what is in the journal is not known any more"
    await book.load(1)
    assert [e.room_id for e in book.open] == [7]


async def test_book__closed__found_but_not_open() -> None:
    journal = MemoryJournal()
    book = Book(journal, "c", 1)
    await book.load(1)
    saved = await book.save(entry(version=0))
    closed = await book.save(replace(saved, closed=True))
    assert book.open == []
    assert await book.get([closed.id]) == {closed.id: closed}


async def test_book__saved_while_loading__kept() -> None:
    journal = MemoryJournal()
    book = Book(journal, "c", 1)

    class Slow(MemoryJournal):
        async def open_entries(self, contract: str, operator_id: int) -> list[Entry]:
            await book.save(entry(version=0))
            return []

    book._journal = slow = Slow()
    await book.load(3)
    assert [e.id for e in book.open] == list(slow.entries)
    assert book.fence == 3
