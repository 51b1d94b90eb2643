"""An index store in memory that can crash before, within and after any write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from indexer.documents import CHECKPOINT, EVENTS, FOLDED, ROOMS, Checkpoint, EventDoc, doc_id
from indexer.store import LostWriter, StoreError


class StoreCrash(BaseException):
    """The process dies here."""


class MemoryStore:
    """`kinds[kind][_id]`: the documents. `on_write` may raise, `part` says how much got through."""

    def __init__(self) -> None:
        self.kinds: dict[str, dict[Any, Any]] = {kind: {} for kind in (*FOLDED, EVENTS, CHECKPOINT)}
        self.writes = 0
        self.crash_at: int | None = None
        self.fail_at: int | None = None
        self.part = 1.0

    def _write(self, kind: str, docs: Sequence[Mapping[str, Any]]) -> None:
        """Put documents, or, at the appointed write, some of them."""
        self.writes += 1
        due = self.writes in (self.crash_at, self.fail_at)
        took = docs if not due else docs[: round(len(docs) * self.part)]
        if due and kind == CHECKPOINT:
            took = docs if self.part >= 0.5 else ()
        held = self.kinds[kind]
        for doc in took:
            name = (doc["contract"], doc["seq"]) if kind == EVENTS else doc["_id"]
            held[name] = _copy(doc)
        if due:
            self._fall()

    def _remove(self, kind: str, ids: Sequence[Any]) -> None:
        self.writes += 1
        due = self.writes in (self.crash_at, self.fail_at)
        for name in ids if not due else ids[: round(len(ids) * self.part)]:
            self.kinds[kind].pop(name, None)
        if due:
            self._fall()

    def _fall(self) -> None:
        if self.writes == self.crash_at:
            raise StoreCrash
        raise StoreError("the database went away")

    async def checkpoint(self, contract: str) -> Checkpoint | None:
        found = self.kinds[CHECKPOINT].get(contract)
        return None if found is None else _copy(found)

    async def save_checkpoint(self, checkpoint: Checkpoint, *, fresh: bool = False) -> None:
        if not fresh and checkpoint["_id"] not in self.kinds[CHECKPOINT]:
            raise LostWriter("the checkpoint is missing")
        self._write(CHECKPOINT, [checkpoint])

    async def insert_events(self, docs: Sequence[EventDoc]) -> None:
        self._write(EVENTS, docs)

    async def events(self, contract: str, seqs: Iterable[int]) -> list[EventDoc]:
        held = self.kinds[EVENTS]
        return [held[name] for s in sorted(seqs) if (name := (contract, s)) in held]

    async def delete_events(self, contract: str, first: int, last: int) -> None:
        self._remove(EVENTS, [(contract, seq) for seq in range(first, last + 1)])

    async def load(self, kind: str, contract: str, names: Iterable[int | str]) -> list[Any]:
        held = self.kinds[kind]
        ids = [_id(kind, contract, name) for name in names]
        return [_copy(held[name]) for name in ids if name in held]

    async def insert(self, kind: str, docs: Sequence[Mapping[str, Any]]) -> None:
        if docs:
            self._write(kind, docs)

    async def replace(self, kind: str, docs: Sequence[Mapping[str, Any]]) -> None:
        if docs:
            self._write(kind, docs)

    async def delete(self, kind: str, contract: str, names: Iterable[int | str]) -> None:
        ids = [_id(kind, contract, name) for name in names]
        if ids:
            self._remove(kind, ids)

    async def clear(self, contract: str) -> None:
        for held in self.kinds.values():
            for name in [n for n, doc in held.items() if doc.get("contract") == contract]:
                del held[name]
        self.kinds[CHECKPOINT].pop(contract, None)

    def drop(self) -> None:
        """The database is dropped."""
        for held in self.kinds.values():
            held.clear()


def _id(kind: str, contract: str, name: int | str) -> Any:
    return name if kind == ROOMS else doc_id(contract, name)


def _copy(doc: Any) -> Any:
    """Deep enough: nested dictionaries are replaced by the fold, never changed; lists are."""
    return {k: list(v) if type(v) is list else v for k, v in doc.items()}
