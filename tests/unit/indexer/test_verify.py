"""`verify` compares three ways and names every difference (docs/index.md, "What is promised");
the contract's views are spelled out by hand beside the documents of `fold_tables`."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from chain import views
from chain.calldata import Terms
from chain.enums import EndReason, Mode, Status
from chain.hexes import ZERO_ADDRESS
from chain.history import HistoryView
from chain.views import AccountView, CreationView, OperatorView, RoomView
from indexer.cli import compare, verify
from indexer.cli.verify import ProgressBar, Verifier, unaccounted_documents, written_at
from indexer.documents import ACCOUNTS, CHECKPOINT, EVENTS, MODERATORS, OPERATORS, ROOMS, TERMS
from tests.support.indexer.fold_tables import (
    ACTIVE,
    ALICE,
    BASE,
    BOB,
    CAROL,
    CONTRACT,
    ENDED,
    MODERATOR,
    OPERATOR,
    OPERATOR_1,
    OWNER,
    PAYEE,
    PENDING,
    TAG_1,
    UID,
    Doc,
    account,
    moderator,
)
from tests.support.indexer.fold_tables import TERMS as TERMS_1
from tests.support.indexer.written_index import DEPOSIT, FEE, FOUNDATION, WrittenIndex
from tests.support.manual_clock import ManualClock

OF_PENDING = RoomView(
    room_id=7, host=ALICE, pending_host=ZERO_ADDRESS, created_at=1_700_000_000,
    expires_at=1_700_000_600, rekeyed_at=0, operator_id=1, terms_id=1, mode=Mode.WEBRTC,
    gated=False, status=Status.PENDING, end_reason=EndReason.NONE,
    effective_status=Status.PENDING, effective_reason=EndReason.NONE, released=False,
    uid=bytes(16), tag=TAG_1, key_version=1, events=1,
)  # fmt: skip
OF_ACTIVE = OF_PENDING._replace(
    status=Status.ACTIVE, effective_status=Status.ACTIVE, uid=UID, expires_at=1_700_086_400,
    events=2,
)  # fmt: skip
OF_ENDED = OF_ACTIVE._replace(
    status=Status.ENDED, effective_status=Status.ENDED, end_reason=EndReason.HOST,
    effective_reason=EndReason.HOST, events=3,
)  # fmt: skip


@pytest.mark.parametrize(
    ("doc", "view"),
    [
        (PENDING, OF_PENDING),
        (ACTIVE, OF_ACTIVE),
        (ENDED, OF_ENDED),
        ({**ACTIVE, "gate": BOB, "mode": "broadcast", "pending_host": CAROL, "rekeyed_at": 9},
         OF_ACTIVE._replace(gated=True, mode=Mode.BROADCAST, pending_host=CAROL, rekeyed_at=9)),
        # over by its age, but nobody has called `expire`: the document follows the storage
        (ACTIVE, OF_ACTIVE._replace(effective_status=Status.ENDED,
                                    effective_reason=EndReason.EXPIRED)),
    ],
    ids=["pending", "active", "ended", "gated_offered_rekeyed", "overdue"],
)  # fmt: skip
def test_compare_room__as_the_contract_tells_it__no_difference(doc: Any, view: RoomView) -> None:
    assert compare.room(doc, view) == []


@pytest.mark.parametrize(
    ("doc", "change", "told"),
    [
        (ACTIVE, {"host": BOB}, ["host"]),
        (ACTIVE, {"pending_host": BOB}, ["pending_host"]),
        (ACTIVE, {"created_at": 1}, ["created_at"]),
        (PENDING, {"deadline_at": 1}, ["expire_at"]),
        (ACTIVE, {"expire_at": 1_700_000_600}, ["expire_at"]),
        (ENDED, {"expire_at": 1_700_086_400}, ["expire_at"]),
        (ACTIVE, {"rekeyed_at": 5}, ["rekeyed_at"]),
        (ACTIVE, {"operator_id": 2}, ["operator_id"]),
        (ACTIVE, {"terms_id": 2}, ["terms_id"]),
        (ACTIVE, {"mode": "broadcast"}, ["mode"]),
        (ACTIVE, {"gate": BOB}, ["gated"]),
        (PENDING, {"status": "active"}, ["status"]),
        (ENDED, {"end": {**ENDED["end"], "reason": "expired"}}, ["end_reason"]),
        (ENDED, {"released": True}, ["released"]),
        (ACTIVE, {"uid": None}, ["uid"]),
        (ACTIVE, {"tag": "0x" + "00" * 12}, ["tag"]),
        (ACTIVE, {"key_version": 2}, ["key_version"]),
        (ACTIVE, {"events": 3}, ["events"]),
    ],
)
def test_compare_room__one_field_differs__named(doc: Doc, change: Doc, told: list[str]) -> None:
    view = {"pending": OF_PENDING, "active": OF_ACTIVE, "ended": OF_ENDED}[doc["status"]]
    changed: Any = {**doc, **change}
    found = compare.room(changed, view)
    assert [line.split(": ")[1].split(" is ")[0] for line in found] == told
    assert all(line.startswith("live_7: ") for line in found)


OF_OPERATOR = OperatorView(OPERATOR, PAYEE, True, True, BASE)
OF_TERMS = Terms(DEPOSIT, FEE, 86_400, 600, 5, 200, 60)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (lambda: compare.operator(_any(OPERATOR_1), OF_OPERATOR), []),
        (lambda: compare.operator(
            _any({**OPERATOR_1, "account": None}), OF_OPERATOR._replace(account=ZERO_ADDRESS)), []),
        (lambda: compare.operator(_any(OPERATOR_1), OF_OPERATOR._replace(accepting=False)),
         ["operator 1: accepting is True, should be False"]),
        (lambda: compare.operator(_any(OPERATOR_1), OF_OPERATOR._replace(payee=BOB)),
         [f"operator 1: payee is '{PAYEE}', should be '{BOB}'"]),
        (lambda: compare.operator(_any(OPERATOR_1), OF_OPERATOR._replace(enabled=False)),
         ["operator 1: enabled is True, should be False"]),
        (lambda: compare.terms(_any(TERMS_1), OF_TERMS), []),
        (lambda: compare.terms(_any(TERMS_1), OF_TERMS._replace(rekey_cooldown=61)),
         ["terms 1: rekey_cooldown is 60, should be 61"]),
        (lambda: compare.account(_any(account(ALICE, "0" * 28 + "17", 2, 5, 9)),
                                 AccountView(17, 2)), []),
        (lambda: compare.account(_any(account(ALICE, "0" * 30, 2, 5, 9)), AccountView(0, 1)),
         [f"account {ALICE}: open_rooms is 2, should be 1"]),
        (lambda: compare.moderator(_any(moderator(BOB, True, [4])), True), []),
        (lambda: compare.moderator(_any(moderator(BOB, True, [4])), False),
         [f"moderator {BOB}: allowed is True, should be False"]),
    ],
)  # fmt: skip
def test_compare__the_others__equal_or_told(found: Callable[[], Any], told: list[str]) -> None:
    assert found() == told


def _any(doc: Any) -> Any:
    return doc


# --- the whole command --------------------------------------------------------------------------


class StoryViews:
    """The contract's views of the foundation's story, by hand. `told`: which block was asked."""

    def __init__(self, index: WrittenIndex) -> None:
        point = index.store.kinds[CHECKPOINT][CONTRACT]
        self.block = point["block_hash"]
        self.history = HistoryView(point["seq"], bytes.fromhex(point["history"][2:]))
        docs = index.store.kinds[ROOMS]
        at = 1_700_000_000 + 12 * point["block"]
        base = OF_PENDING._replace(created_at=at)
        self.rooms = [
            base._replace(room_id=1, status=Status.ACTIVE, expires_at=at + 3600, events=3,
                          uid=bytes.fromhex(docs[1]["uid"]), tag=_tag(docs[1])),
            base._replace(room_id=2, host=BOB, pending_host=CAROL, expires_at=at + 60, events=2,
                          tag=_tag(docs[2])),
            base._replace(room_id=3, status=Status.ENDED, end_reason=EndReason.HOST, events=2,
                          tag=_tag(docs[3])),
        ]  # fmt: skip
        self.operators = [OF_OPERATOR._replace(playback_base=BASE + "1")]
        self.terms = [Terms(DEPOSIT, FEE, 3600, 60, 9, 99, 0)]
        self.accounts = {
            ALICE: AccountView(DEPOSIT + FEE, 1),
            BOB: AccountView(0, 1),
            PAYEE: AccountView(FEE, 0),
        }
        self.moderators = {MODERATOR: True}
        self.whole: dict[str, Any] = {"owner": OWNER, "rooms": 3}
        self.creation = CreationView(1, self.terms[0], False, ZERO_ADDRESS, False, True, 0, 0)

    def patch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        answers: dict[str, Callable[..., Any]] = {
            "read_rooms": lambda ids: [self.rooms[n - 1] for n in ids],
            "read_operator_count": lambda: len(self.operators),
            "read_operator": lambda n: self.operators[n - 1],
            "read_current_terms_id": lambda: len(self.terms),
            "read_terms": lambda n: self.terms[n - 1],
            "read_account": lambda who: self.accounts.get(who, AccountView(0, 0)),
            "read_is_moderator": lambda who: self.moderators.get(who, False),
            "read_owner": lambda: self.whole["owner"],
            "read_creation": lambda *_: self.creation,
            "read_room_count": lambda: self.whole["rooms"],
        }
        for name, answer in answers.items():
            monkeypatch.setattr(views, name, self._at_block(answer))

        async def history(*_: Any) -> HistoryView:
            return self.history

        monkeypatch.setattr(verify, "history_at", history)

    def _at_block(self, answer: Callable[..., Any]) -> Any:
        async def asked(node: Any, contract: str, *rest: Any) -> Any:
            assert (contract, rest[-1]) == (CONTRACT, self.block)
            return answer(*rest[:-1])

        return asked


def _tag(doc: Any) -> bytes:
    return bytes.fromhex(doc["tag"][2:])


class NoNodePool:
    def pick(self) -> None:
        return None


class Everything:
    """A memory store with the one question of `MongoStore` that reads whole collections."""

    def __init__(self, index: WrittenIndex) -> None:
        self._index = index

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index.store, name)

    async def every(self, kind: str, contract: str, fields: Sequence[str]) -> Any:
        for doc in self._index.store.kinds[kind].values():
            yield doc


class VerifyClock(ManualClock):
    async def sleep(self, seconds: float) -> None:
        self.tick(seconds)
        await asyncio.sleep(0)


def faults(
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[WrittenIndex, StoryViews], Any] = lambda *_: None,
) -> list[str]:
    async def read() -> list[str]:
        index = await WrittenIndex.begun()
        chain = StoryViews(index)
        chain.patch(monkeypatch)
        spoil(index, chain)
        use: Any = SimpleNamespace(pool=NoNodePool(), clock=VerifyClock(), database=None)
        verifier = Verifier(use, CONTRACT, quiet=True)
        verifier._store = Everything(index)  # type: ignore[assignment]
        return [line async for line in verifier.faults()]

    return asyncio.run(read())


def test_verify__an_index_that_equals_the_chain__nothing_to_tell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert faults(monkeypatch) == []


def held(kind: str, name: Any, **change: Any) -> Callable[[WrittenIndex, StoryViews], None]:
    """The document is changed by another hand."""
    return lambda index, _: index.store.kinds[kind][name].update(change)


def gone(kind: str, name: Any) -> Callable[[WrittenIndex, StoryViews], None]:
    return lambda index, _: index.store.kinds[kind].pop(name)


def _extra(index: WrittenIndex, _: StoryViews) -> None:
    held = index.store.kinds[MODERATORS]
    held["x"] = {**next(iter(held.values())), "_id": "x", "account": CAROL}


def creation(**change: Any) -> Callable[[WrittenIndex, StoryViews], None]:
    def spoil(_: WrittenIndex, chain: StoryViews) -> None:
        chain.creation = chain.creation._replace(**change)

    return spoil


FAULTS: dict[str, tuple[Callable[[WrittenIndex, StoryViews], Any], list[str]]] = {
    "room_missing": (gone(ROOMS, 2), ["room 2 is missing"]),
    "room_by_the_contract": (held(ROOMS, 2, host=CAROL), ["live_2: host", "livestreams 2 against"]),
    "title_by_its_events": (held(ROOMS, 1, title="forged"), ["livestreams 1 against its ev"]),
    "work_by_its_events": (held(ROOMS, 1, work="rekey"), ["livestreams 1 against its ev"]),
    "room_names_a_missing_event": (
        held(ROOMS, 1, seqs=[5, 7, 99]), ["livestreams 1: its stored events cannot be folded"]),
    "event_missing": (
        gone(EVENTS, (CONTRACT, 9)),
        [f"{CONTRACT}: event 9", "livestreams 1: its stored events cannot be folded"]),
    "operator_missing": (
        gone(OPERATORS, f"{CONTRACT}:1"),
        [*(f"livestreams {n}: its stored events cannot be folded" for n in (1, 2, 3)),
         "operators 1 is missing"]),
    "operator_differs": (
        held(OPERATORS, f"{CONTRACT}:1", accepting=False), ["operator 1: accepting"]),
    "terms_differ": (
        held(TERMS, f"{CONTRACT}:1", fee="0" * 30), ["terms 1: fee"]),
    **{
        f"account_missing_{who}": (gone(ACCOUNTS, f"{CONTRACT}:{who}"),
                                   [f"account {who} is missing"])
        for who in (PAYEE, ALICE, BOB)
    },
    "account_differs": (
        held(ACCOUNTS, f"{CONTRACT}:{BOB}", credit="0" * 29 + "1"), [f"account {BOB}: credit"]),
    "moderator_differs": (
        held(MODERATORS, f"{CONTRACT}:{MODERATOR}", allowed=False),
        [f"moderator {MODERATOR}: allowed"]),
    "moderator_that_no_event_made": (_extra, [f"moderators {CAROL} is in the index"]),
    "contract_differs": (
        lambda index, chain: chain.whole.update(owner=BOB), ["contract: owner"]),
    "contract_paused": (creation(paused=True), ["contract: paused is"]),
    "contract_retired": (
        creation(retired=True, successor=CAROL),
        ["contract: retired is", "contract: successor is"]),
    "contract_with_other_terms": (creation(terms_id=2), ["contract: current_terms is"]),
    "room_count_differs": (
        lambda index, chain: chain.whole.update(rooms=4), ["contract: rooms is 3, should be 4"]),
    "the_contract_tells_more": (
        lambda index, chain: setattr(
            chain, "history", HistoryView(len(FOUNDATION) + 1, chain.history.hash)),
        [f"{CONTRACT}: the contract has {len(FOUNDATION) + 1} events"]),
    "the_contract_tells_another_hash": (
        lambda index, chain: setattr(chain, "history", HistoryView(len(FOUNDATION), bytes(23))),
        [f"{CONTRACT}: the contract has {len(FOUNDATION)} events and hash 0x{'00' * 23}"]),
    "checkpoint_tells_another_hash": (
        held(CHECKPOINT, CONTRACT, history="0x" + "00" * 23),
        [f"{CONTRACT}: the history hash of the stored events differs from the index"]),
    "nothing_indexed": (
        lambda index, _: index.store.drop(), [f"{CONTRACT}: nothing is indexed"]),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "told"), FAULTS.values(), ids=FAULTS)
def test_verify__one_thing_is_not_as_it_should_be__told(
    monkeypatch: pytest.MonkeyPatch, spoil: Any, told: list[str]
) -> None:
    found = faults(monkeypatch, spoil)
    assert len(found) == len(told), found
    for line, beginning in zip(sorted(found), sorted(told), strict=True):
        assert line.startswith(beginning), found


def later(
    monkeypatch: pytest.MonkeyPatch, kind: str, name: Any, **change: Any
) -> Callable[[WrittenIndex, StoryViews], None]:
    """The document is put right while its room is looked at for the third time."""

    def spoil(index: WrittenIndex, _: StoryViews) -> None:
        looks = 0
        load, held = index.store.load, index.store.kinds[kind]
        true = dict(held[name])
        held[name].update(change)

        async def loading(kind: str, contract: str, names: Any) -> Any:
            nonlocal looks
            found = await load(kind, contract, names)
            looks += 1
            if looks == 3:
                held[name] = true
                index.store.kinds[CHECKPOINT][CONTRACT]["pending"] = None
            return found

        monkeypatch.setattr(index.store, "load", loading)

    return spoil


def test_verify__a_document_ahead_of_the_checkpoint__looked_at_again_until_it_is_still(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A small commit is not announced: for a moment its rooms are ahead."""
    assert faults(monkeypatch, later(monkeypatch, ROOMS, 1, last_seq=13)) == []
    told = faults(monkeypatch, held(ROOMS, 1, last_seq=13))
    assert told == ["livestreams 1 against its events: last_seq is 13, should be 9"]


def test_verify__an_announced_write_under_way__waits_for_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spoil = later(monkeypatch, ROOMS, 1, host=CAROL)

    def under_way(index: WrittenIndex, chain: StoryViews) -> None:
        spoil(index, chain)
        pending = {"kind": "commit", "through": 40, "write": 2}
        index.store.kinds[CHECKPOINT][CONTRACT]["pending"] = pending

    assert faults(monkeypatch, under_way) == []


# --- what no event accounts for -----------------------------------------------------------------


class Listed:
    """The one question of `MongoStore` that reads whole collections."""

    def __init__(self, docs: dict[str, list[dict[str, Any]]]) -> None:
        self.docs = docs

    async def every(
        self, kind: str, contract: str, fields: Sequence[str]
    ) -> AsyncIterator[dict[str, Any]]:
        for doc in self.docs.get(kind, ()):
            yield {name: doc[name] for name in fields if name in doc}


@pytest.mark.parametrize(
    ("kind", "doc", "told"),
    [
        (ROOMS, {"n": 3, "seqs": [5], "last_seq": 9}, None),
        (ROOMS, {"n": 4, "seqs": [5, 99], "last_seq": 99}, "livestreams 4 is in the index"),
        (ROOMS, {"n": 4, "seqs": [13], "last_seq": 13}, None),
        (ROOMS, {"n": 4, "seqs": [12], "last_seq": 12}, "livestreams 4 is in the index"),
        (ROOMS, {"n": 4}, "livestreams 4 is in the index"),
        (OPERATORS, {"operator_id": 2, "seqs": [4], "last_seq": 4}, "operators 2 is in the index"),
        (OPERATORS, {"operator_id": 2, "seqs": [13], "last_seq": 13}, None),
        (TERMS, {"terms_id": 2, "seq": 12}, "terms 2 is in the index"),
        (TERMS, {"terms_id": 2, "seq": 13}, None),
        (ACCOUNTS, {"account": BOB, "as_of": {"seq": 12}}, f"accounts {BOB} is in the index"),
        (ACCOUNTS, {"account": BOB, "as_of": {"seq": 13}}, None),
        (ACCOUNTS, {"account": BOB, "as_of": None}, f"accounts {BOB} is in the index"),
        (ACCOUNTS, {"account": ALICE, "as_of": {"seq": 1}}, None),
        (MODERATORS, {"account": BOB, "seqs": [6], "last_seq": 6}, f"moderators {BOB} is in the"),
    ],
)
def test_unaccounted_documents__a_document_that_no_event_made__told_unless_it_is_newer(
    kind: str, doc: dict[str, Any], told: str | None
) -> None:
    point: Any = asyncio.run(WrittenIndex.begun()).store.kinds[CHECKPOINT][CONTRACT]
    assert point["seq"] == 12
    known: dict[str, Any] = {
        ROOMS: range(1, 4), OPERATORS: range(1, 2), TERMS: range(1, 2), ACCOUNTS: {ALICE},
        MODERATORS: set(),
    }  # fmt: skip
    listed: Any = Listed({kind: [doc]})

    async def read() -> list[str]:
        return [line async for line in unaccounted_documents(listed, point, known)]

    found = asyncio.run(read())
    assert len(found) == (0 if told is None else 1)
    if told is not None:
        assert found[0].startswith(told)


@pytest.mark.parametrize(
    ("doc", "seq"),
    [
        ({"last_seq": 9, "seqs": [1, 9]}, 9),
        ({"seq": 4}, 4),
        ({"as_of": {"seq": 7}}, 7),
        ({"as_of": None}, 0),
        ({}, 0),
        ({"last_seq": "x"}, 0),
    ],
)
def test_written_at__each_kind_of_document__its_newest_event(doc: Any, seq: int) -> None:
    assert written_at(doc) == seq


# --- what a person sees ------------------------------------------------------------------------


class Terminal(io.StringIO):
    """A person watches."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("watched", [True, False])
def test_progress_bar__only_for_a_person__each_percent_once(
    monkeypatch: pytest.MonkeyPatch, watched: bool
) -> None:
    screen = Terminal() if watched else io.StringIO()
    monkeypatch.setattr("sys.stderr", screen)
    bar = ProgressBar("rooms", 300)
    for done in (0, 1, 2, 3, 150, 300):
        bar.at(done)
    bar.done()
    shown = [line[-20:].strip() for line in screen.getvalue().split("\r")[1:]]
    percents = [0, 1, 50, 100] if watched else []
    assert [line.split("] ")[-1] for line in shown] == [f"{p:3d} % of 300" for p in percents]


def test_progress_bar__nothing_to_do__done_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", Terminal())
    bar = ProgressBar("rooms", 0)
    bar.at(0)
    bar.done()
    screen: Any = sys.stderr
    assert "100 % of 0" in screen.getvalue()
    assert screen.getvalue().endswith("\n")
