"""Fetched logs against what is known: the index's history, and the contract's.

Promises: pure. What is returned continues the history without a gap and, where the node gave the
contract's `history()`, gives exactly that. Anything else is a `Contradiction`.
"""

from __future__ import annotations

from collections.abc import Iterator

from chain.event_codec import EventError, decode
from chain.events import ChainEvent
from chain.follow.fetch import Fetched
from chain.header import Header
from chain.history import NO_CONTRACT, HistoryView
from indexer.writer import IndexWriter, SequenceGap


class Contradiction(Exception):
    """What `node` answered does not continue the index's history; the text says why.

    `missing`: the index, or the answer, lacks events that the contract has. `begins_with`: the
    number of the first event that was told, where the index has none and it is not 1.
    """

    def __init__(
        self, node: str, text: str, *, missing: bool = False, begins_with: int | None = None
    ) -> None:
        super().__init__(text)
        self.node = node
        self.missing = missing
        self.begins_with = begins_with


def decoded_events(fetched: Fetched) -> list[ChainEvent]:
    """The events among the logs."""
    try:
        events = [decode(entry) for entry in fetched.logs]
    except EventError as error:
        raise Contradiction(fetched.node, str(error)) from None
    return [event for event in events if event is not None]


def check_history(
    writer: IndexWriter, fetched: Fetched, events: list[ChainEvent]
) -> tuple[int, bytes]:
    """The events against the index's history and the contract's at the last block.

    Number and hash after them. Raises `Contradiction`.
    """
    try:
        seq, history = writer.hash(events)
    except SequenceGap as error:
        begins_with = events[0].seq if writer.seq == 0 and events[0].seq > 1 else None
        raise Contradiction(
            fetched.node, str(error), missing=error.missing, begins_with=begins_with
        ) from None
    told = fetched.history
    if told is None or agrees(told, seq, history):
        return seq, history
    where = f"at block {fetched.last.number}"
    if told.count != seq:
        text = f"{where} the contract has {told.count} events, the logs give {seq}"
    else:
        text = f"{where} the logs give a different history hash than the contract"
    raise Contradiction(fetched.node, text, missing=told.count > seq)


def agrees(told: HistoryView, seq: int, history: bytes) -> bool:
    """Whether what a node told of the contract's history is that of `seq` events. A contract that
    is not there yet has none."""
    return (told.count, told.hash) == (seq, history) or (told == NO_CONTRACT and seq == 0)


def by_block(
    blocks: Fetched, events: list[ChainEvent]
) -> Iterator[tuple[Header, list[ChainEvent]]]:
    """Each header with its block's events."""
    at = 0
    for header in blocks.headers:
        end = at
        while end < len(events) and events[end].meta.block_number == header.number:
            end += 1
        yield header, events[at:end]
        at = end
