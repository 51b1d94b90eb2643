"""The contract's views and the fold's documents, against the rule book's state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from chain import events as t
from indexer.documents import ACCOUNTS, FOLDED, ROOMS, VOLATILE
from tests.support.rulebook.documents import account_doc, documents, room_doc, totals
from tests.support.rulebook.state import AccountRow
from tests.support.rulebook.views import creation_view, room_view

if TYPE_CHECKING:
    from tests.support.registry.registry import Registry

ROOMS_AT_ONCE = 100


def _rooms(registry: Registry, ids: Sequence[int]) -> None:
    state = registry.state
    for start in range(0, len(ids), ROOMS_AT_ONCE):
        part = list(ids[start : start + ROOMS_AT_ONCE])
        now = registry.machine.view(registry.address, b"").at
        for view in registry.views.rooms(part):
            wanted = room_view(state, view.room_id, now)
            assert view == wanted, f"the contract tells {view}, the rule book {wanted}"
    for number in ids:
        wanted_doc = room_doc(registry.address, state, state.rooms[number])
        _same(ROOMS, registry.ledger.rooms[number], wanted_doc)


def _account(registry: Registry, who: str) -> None:
    row = registry.state.accounts.get(who, AccountRow())
    wanted = (row.credit, row.open_rooms)
    got = tuple(registry.views.account(who))
    assert got == wanted, f"account {who}: the contract tells {got}, the rule book {wanted}"
    if row.changes:
        wanted_doc = account_doc(registry.address, registry.state, who)
        _same(ACCOUNTS, registry.ledger.accounts[who], wanted_doc)


def _same(kind: str, folded: Any, wanted: dict[str, Any]) -> None:
    """A document of the fold is the rule book's."""
    stable = {name: value for name, value in folded.items() if name not in VOLATILE}
    if stable != wanted:
        names = sorted(name for name in stable | wanted if stable.get(name) != wanted.get(name))
        told = {name: (stable.get(name), wanted.get(name)) for name in names}
        raise AssertionError(f"{kind} {wanted['_id']}: (folded, by the rule book) {told}")


def _history_and_money(registry: Registry) -> None:
    history, state = registry.views.history(), registry.state
    assert (history.count, history.hash) == (state.count, state.digest), "the history differs"
    balance = registry.machine.balance(registry.address)
    owed = state.obligations() + registry.gifts
    assert balance == owed, f"the contract holds {balance} wei and owes {owed}"


def _touched(events: Iterable[t.ChainEvent]) -> set[str]:
    """Whose accounts these events may have changed, besides the rooms' present hosts."""
    found: set[str] = set()
    for event in events:
        found.add(event.actor)
        if isinstance(event, t.RoomTransferred):
            found.add(event.former_host)
        elif isinstance(event, t.Credited):
            found.add(event.account)
    return found


def compare_touched(registry: Registry, events: Sequence[t.ChainEvent]) -> None:
    """History and money, and the rooms and accounts that events touched."""
    _history_and_money(registry)
    ids = sorted({e.room_id for e in events if isinstance(e, t.RoomEvent)})
    if ids:
        _rooms(registry, ids)
    for who in {registry.state.rooms[i].host for i in ids} | _touched(events):
        _account(registry, who)


def compare_all(registry: Registry) -> None:
    """Every room, account, operator, terms, moderator, and the contract's own state."""
    _history_and_money(registry)
    state, views = registry.state, registry.views
    _rooms(registry, sorted(state.rooms))
    for who in state.accounts:
        _account(registry, who)
    assert views.number("roomCount") == len(state.rooms)
    assert views.number("operatorCount") == len(state.operators)
    for number, operator in state.operators.items():
        told = views.operator(number)
        assert (told.account, told.payee) == (operator.account, operator.payee)
        assert (told.accepting, told.enabled) == (operator.accepting, operator.enabled)
        assert told.playback_base == operator.playback_base
    assert views.number("currentTermsId") == len(state.terms)
    for number, row in state.terms.items():
        assert views.terms(number) == row.terms
    for who, moderator in state.moderators.items():
        assert views.flag("isModerator", who) == moderator.allowed
    assert views.address("owner") == state.owner
    assert views.address("pendingOwner") == state.pending_owner
    assert views.flag("paused") == state.paused
    for number in (*state.operators, 0, 0xFFFF):
        for who in (state.owner, *list(state.accounts)[-2:]):
            assert views.creation(number, who) == creation_view(state, number, who)
    _fold_whole(registry)


def _fold_whole(registry: Registry) -> None:
    """The fold holds what the rule book says, and nothing else."""
    ledger = registry.ledger
    for kind, wanted in documents(registry.address, registry.state).items():
        folded = {doc["_id"]: doc for doc in ledger.held(kind).values()}
        assert folded.keys() == wanted.keys(), f"{kind} differ"
        for name, doc in wanted.items():
            _same(kind, folded[name], doc)
    assert set(FOLDED) == set(documents(registry.address, registry.state))
    told = {name: getattr(ledger.totals, name) for name in totals(registry.state)}
    assert told == totals(registry.state), f"the fold tells {told} of the contract"
