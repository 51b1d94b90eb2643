"""An operator's income, as the index's events tell it."""

from __future__ import annotations

import asyncio
from typing import Any

from oracle.income import EVENTS_AT_ONCE, Income, IncomeReader, Source
from oracle.index_view import IndexProgress


class Index:
    """Events by their numbers, from 1 on."""

    def __init__(self) -> None:
        self.stored: list[dict[str, Any]] = []

    def add(self, name: str, operator_id: int = 0, amount: int = 0, block: int = 1) -> None:
        args = {"operator_id": operator_id, "amount": str(amount)}
        seq = len(self.stored) + 1
        self.stored.append({"seq": seq, "name": name, "block": block, "args": args})

    async def progress(self) -> IndexProgress | None:
        return IndexProgress(0, "", len(self.stored), b"", None)

    async def events(self, first: int, last: int) -> list[dict[str, Any]]:
        return [event for event in self.stored if first <= event["seq"] <= last]


def begun() -> tuple[Index, IncomeReader]:
    """A reader that has seen all there is: a credit from before it started."""
    index = Index()
    index.add("RoomProvisioned")
    index.add("Credited", 1, 99)
    reader = IncomeReader(index, 1)
    assert asyncio.run(reader.more(10)) == []
    return index, reader


def test_income__after_a_fulfilment_or_an_early_end__told_by_its_source() -> None:
    index, reader = begun()
    for name in ("RoomProvisioned", "RoomProvisioned"):
        index.add(name)
    index.add("Credited", 1, 20)
    index.add("RoomEnded")
    index.add("Credited", 1, 5)
    assert asyncio.run(reader.more(10)) == [
        Income(Source.PROVISIONED, 20), Income(Source.FORFEITED, 5),
    ]  # fmt: skip
    assert asyncio.run(reader.more(10)) == [], "each once"


def test_income__of_another_operator_with_the_same_payee__not_ours() -> None:
    index, reader = begun()
    index.add("RoomEnded")
    index.add("Credited", 2, 5)
    assert asyncio.run(reader.more(10)) == []


def test_income__not_final__counted_once_it_is() -> None:
    index, reader = begun()
    index.add("RoomEnded", block=11)
    index.add("Credited", 1, 5, block=11)
    assert asyncio.run(reader.more(10)) == []
    assert asyncio.run(reader.more(11)) == [Income(Source.FORFEITED, 5)]


def test_income__many_events__all_counted_in_bounded_steps() -> None:
    index, reader = begun()
    for _ in range(EVENTS_AT_ONCE):
        index.add("RoomEnded")
        index.add("Credited", 1, 1)
    steps = [len(asyncio.run(reader.more(10))) for _ in range(3)]
    assert sum(steps) == EVENTS_AT_ONCE
    assert 0 < steps[0] < EVENTS_AT_ONCE
