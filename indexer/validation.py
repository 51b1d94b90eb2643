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
from indexer.writer import IndexWriter, SequenceGap


class Contradiction(Exception):
    """What `node` answered does not continue the index's history; the text says why."""

    def __init__(self, node: str, text: str) -> None:
        super().__init__(text)
        self.node = node


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
        raise Contradiction(fetched.node, str(error)) from None
    proof = fetched.history
    if proof is None or (proof.count, proof.hash) == (seq, history):
        return seq, history
    where = f"at block {fetched.last.number}"
    if proof.count != seq:
        text = f"{where} the contract has {proof.count} events, the logs give {seq}"
    else:
        text = f"{where} the logs give a different history hash than the contract"
    raise Contradiction(fetched.node, text)


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
