"""Events in pages: how `livestream_events` holds them.

Promises: pure. A page is one document with the events of `PER_PAGE` consecutive sequence numbers,
or the first of them if it is the last page; an event's number tells its page. A database spends
more on sixteen documents than on sixteen events in one: a backlog is stored faster that way, and a
range of events is read with few look-ups.
Assumes: a contract's events come in order and without gaps, which `indexer.writer` sees to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from indexer.documents import EventDoc, EventPage

PER_PAGE = 16


def page_of(seq: int) -> int:
    """The number of the page that holds event `seq`; the first page is 0."""
    return (seq - 1) // PER_PAGE


def first_of(page: int) -> int:
    """The first event of a page."""
    return page * PER_PAGE + 1


def page_id(contract: str, page: int) -> str:
    """The `_id` of a page."""
    return f"{contract}:{page:010d}"


def page_ids(contract: str, seqs: Iterable[int]) -> list[str]:
    """The pages that hold these events, ascending, each once."""
    return [page_id(contract, page) for page in sorted({page_of(seq) for seq in seqs})]


def packed(docs: Sequence[EventDoc]) -> Iterator[EventPage]:
    """Events of one contract, in order, as pages; the first and the last may not be whole."""
    for page, events in groupby(docs, key=lambda doc: page_of(doc["seq"])):
        yield of(page, list(events))


def of(page: int, events: list[EventDoc]) -> EventPage:
    """A page of these events, of which there is at least one."""
    contract = events[0]["contract"]
    return {
        "_id": page_id(contract, page),
        "contract": contract,
        "page": page,
        "last": events[-1]["seq"],
        "events": events,
    }


def begun_by(page: EventPage) -> bool:
    """Whether a page has its first event, so that nothing stored belongs before it."""
    return page["events"][0]["seq"] == first_of(page["page"])


def below(page: EventPage, seq: int) -> list[EventDoc]:
    """The events of a page with numbers under `seq`."""
    return [doc for doc in page["events"] if doc["seq"] < seq]


def unpacked(pages: Iterable[EventPage], seqs: Iterable[int]) -> list[EventDoc]:
    """Those of these events that the pages hold, in the order of the pages."""
    wanted = set(seqs)
    return [doc for page in pages for doc in page["events"] if doc["seq"] in wanted]
