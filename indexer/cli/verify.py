"""`python -m indexer verify`: does the index equal the chain?

Promises: three comparisons, each complete. The stored events hash to what the contract's
`history()` names; every folded document is what its stored events make, and there is no other;
every room, operator, terms, account and moderator equals the contract's own view. Reads only;
works while the index is followed and written. Exit code 0: equal; 1: not, with every difference in
words.
Assumes: a node that keeps the state of the last few blocks; each comparison is made at the index's
position of that moment.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import AsyncIterator, Container, Mapping, Sequence
from typing import Any

from chain import views
from chain.events import ChainEvent, ModeratorChanged
from chain.follow.fetch import history_at
from chain.hexes import ZERO_ADDRESS
from common import process
from common.settings import IndexerSettings
from indexer.assembly import Parts, chosen, parts
from indexer.checkpoint import position_of
from indexer.cli import compare
from indexer.documents import ACCOUNTS, MODERATORS, OPERATORS, ROOMS, TERMS, Checkpoint
from indexer.mongo_store import MongoStore
from indexer.projection.contract import account_changes
from indexer.projection.ledger import NAMES, FoldError
from indexer.rollback import refolded
from indexer.service import check_settings, why_waiting
from indexer.store import IncompleteIndex, stored_history

GROUP = 50
MOST_TOLD = 100
LOOKS = 20  # at a document that is ahead of the checkpoint, until that counts as a fault
LOOK_SECONDS = 0.1
BAR_WIDTH = 30
_POSITIONS = ("seq", "last_seq", "as_of", "seqs")


async def run(settings: IndexerSettings, arguments: argparse.Namespace) -> int:
    """The command."""
    faults = 0
    async with parts(settings) as use:
        await check_settings(use.pool, settings)
        for ref in chosen(settings, arguments.contract):
            verifier = Verifier(use, ref.address, quiet=arguments.quiet)
            async for fault in verifier.faults():
                faults += 1
                if faults <= MOST_TOLD:
                    print(fault)
            await verifier.tell_waiting(settings)
    print("the index matches the chain" if not faults else f"{faults} differences")
    return 1 if faults else 0


class Verifier:
    """Compares one contract's index."""

    def __init__(self, use: Parts, contract: str, *, quiet: bool) -> None:
        self._pool = use.pool
        self._clock = use.clock
        self._contract = contract
        self._store = MongoStore(use.database, process.name())
        self._quiet = quiet
        self._accounts: set[str] = set()
        self._moderators: set[str] = set()
        self._counts = {OPERATORS: 0, TERMS: 0}
        self._heard_all = False  # every event was there to name its people
        self._bar = ProgressBar("history", 0, quiet=True)

    async def faults(self) -> AsyncIterator[str]:
        """Every difference, in words."""
        point = await self._store.checkpoint(self._contract)
        if point is None or point["block"] < point["start_block"]:
            yield f"{self._contract}: nothing is indexed"
            return
        async for fault in self._history(point):
            yield fault
        numbers = range(point["first_room_id"], point["first_room_id"] + point["rooms"])
        bar = ProgressBar("rooms", len(numbers), self._quiet)
        for start in range(0, len(numbers), GROUP):
            async for fault in self._rooms(list(numbers[start : start + GROUP])):
                yield fault
            bar.at(min(start + GROUP, len(numbers)))
        bar.done()
        async for fault in self._others(point):
            yield fault
        known: dict[str, Container[Any]] = {
            ROOMS: numbers,
            OPERATORS: range(1, self._counts[OPERATORS] + 1),
            TERMS: range(1, self._counts[TERMS] + 1),
        }
        if self._heard_all:
            known |= {MODERATORS: self._moderators, ACCOUNTS: self._accounts}
        async for fault in unaccounted_documents(self._store, point, known):
            yield fault

    async def tell_waiting(self, settings: IndexerSettings) -> None:
        """Say it if the index, right as far as it goes, may go no further."""
        point = await self._store.checkpoint(self._contract)
        if point is not None and (why := await why_waiting(self._pool, settings, point["block"])):
            print(f"{self._contract}: {why}", file=sys.stderr)

    async def _history(self, point: Checkpoint) -> AsyncIterator[str]:
        """The stored events against the checkpoint, the checkpoint against the contract."""
        self._bar = ProgressBar("history", point["seq"], self._quiet)
        try:
            digest = await stored_history(self._store, point, point["seq"], self._note)
        except (IncompleteIndex, ValueError, KeyError) as error:
            yield f"{self._contract}: {error}"
            return
        finally:
            self._bar.done()
        self._heard_all = True
        if digest != position_of(point).history:
            yield f"{self._contract}: the history hash of the stored events differs from the index"
        by_contract = await history_at(self._pool.pick(), self._contract, point["block_hash"])
        if by_contract is not None and (by_contract.count, by_contract.hash) != (
            point["seq"],
            digest,
        ):
            yield (
                f"{self._contract}: the contract has {by_contract.count} events and hash "
                f"0x{by_contract.hash.hex()}, the index {point['seq']} and 0x{digest.hex()}"
            )

    def _note(self, event: ChainEvent) -> None:
        """Remember the accounts and moderators that events name."""
        if isinstance(event, ModeratorChanged):
            self._moderators.add(event.account)
        self._accounts.update(address for address, *_ in account_changes(event))
        if event.seq % GROUP == 0:
            self._bar.at(event.seq)

    async def _rooms(self, numbers: list[int]) -> AsyncIterator[str]:
        """A group of rooms, at a position at which they stood still."""
        point, found = await self._still(ROOMS, numbers)
        docs = {doc["n"]: doc for doc in found}
        by_contract = await views.read_rooms(
            self._pool.pick(), self._contract, numbers, point["block_hash"]
        )
        for number, view in zip(numbers, by_contract, strict=True):
            doc = docs.get(number)
            if doc is None:
                yield f"room {number} is missing"
                continue
            for fault in compare.room(doc, view):
                yield fault
            async for fault in self._refold(ROOMS, number, doc):
                yield fault

    async def _refold(self, kind: str, name: int | str, doc: dict[str, Any]) -> AsyncIterator[str]:
        try:
            made = await refolded(self._store, self._contract, kind, name, doc["seqs"])
        except (FoldError, KeyError, ValueError) as error:
            yield f"{kind} {name}: its stored events cannot be folded ({error})"
            return
        for fault in compare.differences(f"{kind} {name} against its events", doc, made):
            yield fault

    async def _others(self, point: Checkpoint) -> AsyncIterator[str]:
        """Operators, terms, moderators, accounts and the contract as a whole."""
        async for fault in self._numbered(OPERATORS):
            yield fault
        async for fault in self._numbered(TERMS):
            yield fault
        for address in sorted(self._moderators):
            point, docs = await self._still(MODERATORS, [address])
            allowed = await views.read_is_moderator(
                self._pool.pick(), self._contract, address, point["block_hash"]
            )
            for doc in docs:
                for fault in compare.moderator(doc, allowed):
                    yield fault
        accounts = sorted(self._accounts)
        bar = ProgressBar("accounts", len(accounts), self._quiet)
        for done, address in enumerate(accounts, 1):
            async for fault in self._account(address):
                yield fault
            bar.at(done)
        bar.done()
        async for fault in self._whole():
            yield fault

    async def _account(self, address: str) -> AsyncIterator[str]:
        point, docs = await self._still(ACCOUNTS, [address])
        view = await views.read_account(
            self._pool.pick(), self._contract, address, point["block_hash"]
        )
        if not docs:
            yield f"account {address} is missing"
        for doc in docs:
            for fault in compare.account(doc, view):
                yield fault

    async def _numbered(self, kind: str) -> AsyncIterator[str]:
        """Operators or terms: numbered from 1 without gaps."""
        point = await self._point()
        node, block = self._pool.pick(), point["block_hash"]
        if kind == OPERATORS:
            count = await views.read_operator_count(node, self._contract, block)
        else:
            count = await views.read_current_terms_id(node, self._contract, block)
        self._counts[kind] = count
        for number in range(1, count + 1):
            point, docs = await self._still(kind, [number])
            block = point["block_hash"]
            if not docs:
                yield f"{kind} {number} is missing"
            for doc in docs:
                if kind == OPERATORS:
                    view = await views.read_operator(node, self._contract, number, block)
                    faults = compare.operator(doc, view)
                else:
                    offer = await views.read_terms(node, self._contract, number, block)
                    faults = compare.terms(doc, offer)
                for fault in faults:
                    yield fault

    async def _whole(self) -> AsyncIterator[str]:
        point = await self._point()
        node, block = self._pool.pick(), point["block_hash"]
        for fault in compare.contract(
            point,
            owner=await views.read_owner(node, self._contract, block),
            creation=await views.read_creation(node, self._contract, 1, ZERO_ADDRESS, block),
            rooms=await views.read_room_count(node, self._contract, block),
        ):
            yield fault

    async def _point(self) -> Checkpoint:
        point = await self._store.checkpoint(self._contract)
        if point is None:
            raise IncompleteIndex("the index was removed")
        return point

    async def _still(self, kind: str, names: Sequence[int | str]) -> tuple[Checkpoint, list[Any]]:
        """Documents, and a position at which they are what they are."""
        looks = 0
        while True:
            before = await self._point()
            docs = await self._store.load(kind, self._contract, names)
            after = await self._point()
            unwritten = before["pending"] is None and after["pending"] is None
            if unwritten and before["writes"] == after["writes"]:
                # A small commit is not announced: its documents are ahead for a moment.
                if looks == LOOKS or all(written_at(doc) <= before["seq"] for doc in docs):
                    return before, docs
                looks += 1
                await self._clock.sleep(LOOK_SECONDS)


async def unaccounted_documents(
    store: MongoStore, point: Checkpoint, known: Mapping[str, Container[Any]]
) -> AsyncIterator[str]:
    """Every document that no event up to `point` made, in words. What was written later is left
    out, as the index may be followed meanwhile.

    `known`: per collection, the numbers or addresses that should be. This alone reads whole
    collections: there is no other way to see that nothing is there too much.
    """
    for kind, names in known.items():
        field = NAMES[kind]
        async for doc in store.every(kind, point["_id"], (field, *_POSITIONS)):
            name = doc.get(field)
            if name not in names and _since(doc) <= point["seq"]:
                yield f"{kind} {name} is in the index, but no event created it"


def written_at(doc: Mapping[str, Any]) -> int:
    """The number of the newest event that a document holds; 0: it does not say. A document that is
    ahead of the checkpoint belongs to a write under way."""
    found = doc.get("last_seq", doc.get("seq", (doc.get("as_of") or {}).get("seq")))
    return found if isinstance(found, int) else 0


def _since(doc: Mapping[str, Any]) -> int:
    """The number of the event since which a document may be there; 0: it does not say."""
    first = next(iter(doc.get("seqs") or ()), None)
    return first if isinstance(first, int) else written_at(doc)


class ProgressBar:
    """On standard error, if a person watches. `total`: how much there is; `quiet`: say nothing."""

    def __init__(self, name: str, total: int, quiet: bool = False) -> None:
        self._name = name
        self._total = total
        self._shown = -1
        self._silent = quiet or not sys.stderr.isatty()

    def at(self, done: int) -> None:
        """So much is done."""
        share = 100 * done // self._total if self._total else 100
        if self._silent or share == self._shown:
            return
        self._shown = share
        bar = "#" * (BAR_WIDTH * share // 100)
        text = f"\r{self._name:10} [{bar:{BAR_WIDTH}}] {share:3d} % of {self._total}"
        print(text, end="", file=sys.stderr, flush=True)

    def done(self) -> None:
        """End the line."""
        if not self._silent and self._shown >= 0:
            print(file=sys.stderr)
