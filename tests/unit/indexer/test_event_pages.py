"""Events in pages: each event in exactly one, whatever the batches."""

from __future__ import annotations

from typing import Any

import pytest

from indexer import event_pages
from indexer.event_pages import PER_PAGE

C = "0x" + "c0" * 20


def docs(first: int, last: int) -> list[Any]:
    return [{"contract": C, "seq": seq} for seq in range(first, last + 1)]


@pytest.mark.parametrize(
    ("first", "last"), [(1, 1), (1, 16), (1, 17), (16, 17), (5, 100), (33, 48)]
)
def test_packed__events_in_order__all_in_the_page_of_their_number(first: int, last: int) -> None:
    found = list(event_pages.pack_events(docs(first, last)))
    assert [doc["seq"] for page in found for doc in page["events"]] == list(range(first, last + 1))
    for page in found:
        assert {event_pages.page_number(doc["seq"]) for doc in page["events"]} == {page["page"]}
        assert page["last"] == page["events"][-1]["seq"]
        assert len(page["events"]) <= PER_PAGE
        assert page["_id"] == event_pages.page_id(C, page["page"])


def test_begun_by__a_batch_that_goes_on_within_a_page__no() -> None:
    assert event_pages.has_first_event(next(event_pages.pack_events(docs(17, 20))))
    assert not event_pages.has_first_event(next(event_pages.pack_events(docs(18, 20))))


def test_page_ids__scattered_numbers__each_page_once_ascending() -> None:
    assert event_pages.page_ids(C, [40, 1, 2, 33]) == [
        event_pages.page_id(C, 0),
        event_pages.page_id(C, 2),
    ]


def test_unpacked_and_below__only_what_is_asked_for() -> None:
    held = list(event_pages.pack_events(docs(1, 40)))
    assert [doc["seq"] for doc in event_pages.unpack_events(held, [3, 17, 90])] == [3, 17]
    assert [doc["seq"] for doc in event_pages.events_below(held[1], 20)] == [17, 18, 19]
