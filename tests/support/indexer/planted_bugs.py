"""Bugs as well-known indexers had them, to be planted one at a time.

Each is a change of a few lines that looks plausible. The simulation must find every one of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, NamedTuple
from unittest.mock import patch

from chain.events import CreditSpent
from chain.follow import fetch
from chain.follow.follower import Follower, Fork, Nothing
from chain.follow.window import Window
from chain.history import step
from chain.rpc import client, judge
from chain.rpc.node_health import HealthRecord
from chain.rpc.pool import NodeRpc
from indexer import chain_sync, rollback
from indexer.checkpoint import window_entry
from indexer.documents import ACCOUNTS, OPERATORS
from indexer.node_trust import NodeTrust
from indexer.projection import contract
from indexer.projection.rooms import provision, transfer
from indexer.store import StoreError
from indexer.writer import IndexWriter
from tests.support.indexer.memory_store import MemoryStore


class Bug(NamedTuple):
    """`scenario`: which story it comes from; `place` and `name`: what is replaced, `by` what.

    `troubled_store`: it shows where the database fails and is dropped all the time. `first`: the
    first history that finds it, where to look before anywhere else.
    """

    title: str
    scenario: str
    place: Any
    name: str
    by: Any
    troubled_store: bool = False
    first: int = 0


async def _checkpoint_first(self: Any, positions: Any, final: int, *, proven: Any = None) -> None:
    """The checkpoint is written before the documents."""
    await self.stage()
    held, self.events_held = self.events_held, 0
    ledger, self._ledger = self._ledger, _HiddenLedger(self._ledger)
    await _commit(self, positions, final, proven=proven)
    self._ledger, self.events_held = ledger, held
    await _commit(self, [], final)


async def _proven_first(self: Any, positions: Any, final: int, *, proven: Any = None) -> None:
    """The proven place goes in with the intent, before what it vouches for."""
    if proven is not None:
        self.checkpoint["proven"] = window_entry(proven)
    await _commit(self, positions, final)


class _HiddenLedger:
    """A ledger whose changes nobody sees."""

    def __init__(self, ledger: Any) -> None:
        self.totals = ledger.totals
        self.rooms: dict[int, Any] = {}
        self.accounts: dict[str, Any] = {}

    def settle(self) -> None:
        return


_check_logs: Callable[..., Any] = fetch.check_logs
_commit: Callable[..., Awaitable[None]] = IndexWriter.commit
_stage: Callable[..., Awaitable[None]] = IndexWriter.stage
_load: Callable[..., Awaitable[list[Any]]] = MemoryStore.load
_look: Callable[..., Awaitable[Any]] = Follower.look
_refold: Callable[..., Awaitable[None]] = rollback._refold
_forget: Callable[..., None] = IndexWriter._forget


async def _no_intent(self: Any, *, announce: bool = True) -> None:
    """Events go in without a word that they will."""
    if self._unstaged:
        await self._store.insert_events(self._unstaged)
        self._unstaged = []


async def _trust_the_tip(
    self: Any, window: Window, final: int, *, node: Any = None, blooms: bool = True
) -> Any:
    """The next block is taken for the tip's child unseen."""
    step = await _look(self, window, final, node=node, blooms=blooms)
    if isinstance(step, Fork) and step.head.number == window.tip.number + 1:
        asked = node or self._nodes.pick()
        return await self._extension(asked, [step.head], step.head, final, blooms)
    return step


async def _nothing(*_: Any, **__: Any) -> None:
    return None


def _no_check(writer: Any, _: Any, events: Any) -> tuple[int, bytes]:
    history = writer.history
    for event in events:
        history = step(history, event)
    return writer.seq + len(events), history


async def _skip_operators(store: Any, contract: str, kind: str, names: Any, seq: int) -> None:
    if kind != OPERATORS:
        await _refold(store, contract, kind, names, seq)


def _settle_all(self: Any, final: int) -> None:
    """Only the tip is remembered."""
    self._entries = self._entries[-1:]


async def _restore_always(store: Any, contract: str, removed: Any, pending: Any) -> None:
    """Differences are taken back whether or not they were put in."""
    careless = {**pending, "kind": "cut", "write": -1}
    await _restore_accounts(store, contract, removed, careless)


_restore_accounts: Callable[..., Awaitable[None]] = rollback._restore_accounts


async def _accounts_unread(self: Any, kind: str, contract: str, names: Any) -> list[Any]:
    """Accounts are made anew instead of being read."""
    return [] if kind == ACCOUNTS else await _load(self, kind, contract, names)


def _keep_ledger(self: Any) -> None:
    """What is in memory survives a reorg."""
    ledger = self._ledger
    _forget(self)
    ledger.totals, ledger.contract = self._ledger.totals, self._ledger.contract
    ledger.settle()
    self._ledger = ledger


async def _swallow(self: Any, *, announce: bool = True) -> None:
    """A failed write of events is taken for a done one."""
    with contextlib.suppress(StoreError):
        await _stage(self, announce=announce)


async def _hash_by_number(
    self: Any, window: Window, final: int, *, node: Any = None, blooms: bool = True
) -> Any:
    """A head at or below our height is always taken for a node that is behind."""
    step = await _look(self, window, final, node=node, blooms=blooms)
    if isinstance(step, Fork) and step.head.number <= window.tip.number + 2:
        return Nothing(step.node, step.head, final)
    return step


def _deadline_stays(doc: Any, event: Any) -> None:
    """The life of an active room is taken for that of a pending one."""
    before = doc["expire_at"]
    provision(doc, event)
    doc["expire_at"] = before


def _offer_stays(doc: Any, event: Any) -> None:
    """What was offered is taken to be on offer still."""
    before = doc["pending_host"]
    transfer(doc, event)
    doc["pending_host"] = before


def _no_doubt(*_: Any) -> None:
    """What the node says is what any node would say."""
    return


def _whatever_comes(answer: Any, *args: Any, **kwargs: Any) -> Any:
    """No list of logs means that there are no logs."""
    return _check_logs(answer if isinstance(answer, list) else [], *args, **kwargs)


def _never(*_: Any) -> bool:
    return False


def _always(*_: Any) -> bool:
    return True


_account_changes: Callable[[Any], list[Any]] = contract.account_changes


def _spent_credit_stays(event: Any) -> list[Any]:
    """What a room took of its host's credit is forgotten."""
    return [] if isinstance(event, CreditSpent) else _account_changes(event)


BUGS: tuple[Bug, ...] = (
    Bug("the checkpoint is written before the documents", "10", IndexWriter, "commit",
        _checkpoint_first),
    Bug("events are written without an intent", "10, 14", IndexWriter, "stage", _no_intent),
    Bug("a failed write is taken for a done one", "14", IndexWriter, "stage", _swallow,
        troubled_store=True),
    Bug("the parent hash of the next block is not compared", "2, 4", Follower, "look",
        _trust_the_tip),
    Bug("a sideways reorg is taken for a node that is behind", "2, 8", Follower, "look",
        _hash_by_number),
    Bug("recent blocks are forgotten before they are final", "3", Window, "settle", _settle_all),
    Bug("an empty answer is believed: neither gaps nor the hash are checked", "1", chain_sync,
        "check_history", _no_check),
    Bug("a reorg leaves the orphaned events in place", "4", MemoryStore, "delete_events", _nothing,
        first=11),
    Bug("a reorg forgets the accounts", "3, 4", rollback, "_restore_accounts", _nothing),
    Bug("a reorg forgets the operators", "3, 4", rollback, "_refold", _skip_operators, first=5),
    Bug("a crash within a reorg takes differences back twice", "10", rollback,
        "_restore_accounts", _restore_always),
    Bug("accounts are overwritten instead of read", "10, 11", MemoryStore, "load",
        _accounts_unread),
    Bug("documents in memory survive a reorg", "4", IndexWriter, "_forget", _keep_ledger),
    Bug("what a small write left is not looked for", "10", rollback, "_unannounced", _nothing),
    Bug("a place counts as proven before it is written", "1, 10", IndexWriter, "commit",
        _proven_first),
    Bug("a room's expiry stays at the deadline when it becomes active", "the fold", contract,
        "provision", _deadline_stays),
    Bug("an offer outlives the transfer that took it", "the fold", contract, "transfer",
        _offer_stays),
    Bug("credit spent on a room stays credit", "the fold", contract, "account_changes",
        _spent_credit_stays),
    Bug("a node whose head stands still is asked for ever", "8, 20", HealthRecord, "frozen",
        _never, first=50),
    Bug("a refusal in unknown words is taken for an answer", "19", judge, "doubted_error",
        _no_doubt, first=8),
    Bug("a node whose answers cannot be used is asked again and again", "21", NodeRpc,
        "gave_malformed", _no_doubt, first=18),
    Bug("what is no list of logs is an empty one", "21", fetch, "check_logs", _whatever_comes,
        first=146),
    Bug("how many calls a node takes at once is not learned", "22", client,
        "_may_blame_the_batch", _never),
    Bug("blooms are always believed", "24", NodeTrust, "believes_blooms", _always, first=7),
)  # fmt: skip


@contextlib.contextmanager
def planted(bug: Bug) -> Iterator[None]:
    """Plant a bug for a while."""
    with patch.object(bug.place, bug.name, bug.by):
        yield
