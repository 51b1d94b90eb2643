"""What each event makes of accounts, operators, terms, moderators and the contract as a whole: one
table a kind of event, written from docs/contract.md and docs/index.md ("What an event changes")."""

from __future__ import annotations

from typing import Any

import pytest

from chain import events as t
from chain.enums import EndReason, Mode
from chain.hexes import ZERO_ADDRESS
from indexer.projection.contract import apply
from indexer.projection.ledger import FoldError, Totals
from tests.support.indexer.fold_tables import (
    ACTIVE,
    ALICE,
    AT,
    BLOCK,
    BOB,
    CAROL,
    CONTRACT,
    HASH,
    KEY_1,
    KEY_2,
    MODERATOR,
    NOW,
    OPERATOR,
    OPERATOR_1,
    OWNER,
    PAYEE,
    PENDING,
    SEQ,
    TAG_1,
    TAG_2,
    TERMS,
    UID,
    Doc,
    account,
    event,
    later,
    ledger,
    moderator,
)

NOTHING = "0" * 30
DEPOSIT = "000000000000010000000000000000"
DEPOSIT_AND_FEE = "000000000000011000000000000000"

# --- accounts -----------------------------------------------------------------------------------

CREATED = event(
    t.RoomCreated, ALICE, room_id=8, operator_id=1, terms_id=1, mode=Mode.WEBRTC,
    gate=ZERO_ADDRESS, ingest_key=KEY_1, tag=TAG_1, title=b"x",
)  # fmt: skip
TAKEN_OVER = event(
    t.RoomTransferred, BOB, room_id=7, former_host=ALICE, key_version=2, ingest_key=KEY_2,
    tag=TAG_2,
)  # fmt: skip
SEALED_AGAIN = event(
    t.RoomProvisioned, OPERATOR, room_id=7, tag=TAG_1, uid=UID, sealed_ingest=b"\x01"
)


def ended(reason: EndReason, actor: str, amount: int) -> Any:
    return event(t.RoomEnded, actor, room_id=7, host=ALICE, reason=reason, detail=0, amount=amount)


@pytest.mark.parametrize(
    ("room", "before", "happened", "after"),
    [
        pytest.param(ACTIVE, [], CREATED, [account(ALICE, NOTHING, 1, 1, 1)], id="a_first_room"),
        pytest.param(
            ACTIVE,
            [account(ALICE, DEPOSIT, 2, 5, 9)],
            CREATED,
            [account(ALICE, DEPOSIT, 3, 6, 10)],
            id="another_room",
        ),
        pytest.param(
            {**ACTIVE, "pending_host": BOB},
            [account(ALICE, DEPOSIT, 2, 5, 9)],
            TAKEN_OVER,
            [account(ALICE, DEPOSIT, 1, 4, 10), account(BOB, NOTHING, 1, 1, 1)],
            id="a_room_handed_over",
        ),
        pytest.param(
            ACTIVE,
            [account(ALICE, DEPOSIT, 2, 5, 9)],
            ended(EndReason.HOST, ALICE, 10**16),
            [account(ALICE, "000000000000020000000000000000", 1, 5, 10)],
            id="an_active_room_ended_by_its_host",
        ),
        pytest.param(
            PENDING,
            [account(ALICE, NOTHING, 1, 1, 1)],
            ended(EndReason.UNFULFILLED, CAROL, 11 * 10**15),
            [account(ALICE, DEPOSIT_AND_FEE, 0, 1, 2)],
            id="a_pending_room_ended_by_anybody",
        ),
        pytest.param(
            ACTIVE,
            [account(PAYEE, "000000000000000000000000000007", 0, 0, 3)],
            event(t.Credited, OPERATOR, account=PAYEE, amount=10**15, operator_id=1),
            [account(PAYEE, "000000000000001000000000000007", 0, 0, 4)],
            id="fees_for_an_operators_payee",
        ),
        pytest.param(
            ACTIVE,
            [],
            event(t.Credited, OPERATOR, account=PAYEE, amount=10**15, operator_id=1),
            [account(PAYEE, "000000000000001000000000000000", 0, 0, 1)],
            id="its_first_fees",
        ),
        pytest.param(
            PENDING,
            [account(ALICE, NOTHING, 1, 1, 1)],
            ended(EndReason.HOST, ALICE, 10**16),
            [account(ALICE, DEPOSIT, 0, 1, 2)],
            id="a_pending_room_ended_early_by_its_host",
        ),
        pytest.param(
            PENDING,
            [account(ALICE, DEPOSIT_AND_FEE, 1, 2, 4)],
            event(t.CreditSpent, ALICE, room_id=7, amount=10**16),
            [account(ALICE, "000000000000001000000000000000", 1, 2, 5)],
            id="a_room_paid_from_credit",
        ),
        pytest.param(
            ACTIVE,
            [account(ALICE, DEPOSIT_AND_FEE, 1, 2, 4), account(BOB, DEPOSIT, 0, 1, 2)],
            event(t.Withdrawn, ALICE, to=BOB, amount=11 * 10**15),
            [account(ALICE, NOTHING, 1, 2, 5), account(BOB, DEPOSIT, 0, 1, 2)],
            id="all_paid_out_to_another_address",
        ),
        pytest.param(ACTIVE, [], SEALED_AGAIN, [], id="a_fulfilment_alone_owes_nothing"),
        pytest.param(
            ACTIVE,
            [account(ALICE, DEPOSIT, 1, 1, 1)],
            event(t.RoomTransferStarted, ALICE, room_id=7, to=BOB),
            [account(ALICE, DEPOSIT, 1, 1, 1)],
            id="an_offer_moves_nothing",
        ),
    ],
)
def test_account__each_event_that_moves_money_or_rooms__counted_once(
    room: Doc, before: list[Doc], happened: Any, after: list[Doc]
) -> None:
    folded = ledger(rooms=[room], operators=[OPERATOR_1], terms=[TERMS], accounts=before)
    apply(folded, happened)
    assert {name: _plain(doc) for name, doc in folded.accounts.items()} == {
        doc["account"]: _plain(doc) for doc in after
    }
    touched = {doc["account"] for doc in after if doc not in before}
    for address, doc in folded.accounts.items():
        stands = {"block": BLOCK, "block_hash": HASH, "seq": SEQ}
        known = next((d["as_of"] for d in before if d["account"] == address), None)
        assert doc["as_of"] == (stands if address in touched else known)


def _plain(doc: Any) -> Doc:
    return {name: value for name, value in doc.items() if name not in ("as_of", "write")}


def test_credit_spent__its_room__stays_as_it_is() -> None:
    held = [account(ALICE, DEPOSIT, 1, 1, 1)]
    folded = ledger(rooms=[PENDING], operators=[OPERATOR_1], terms=[TERMS], accounts=held)
    apply(folded, event(t.CreditSpent, ALICE, room_id=7, amount=1))
    assert folded.rooms == {7: PENDING}


@pytest.mark.parametrize(
    ("kind", "values"), [(t.Withdrawn, {"to": BOB}), (t.CreditSpent, {"room_id": 7})]
)
def test_credit_taken__more_than_owed__no_story(kind: Any, values: Doc) -> None:
    folded = ledger(rooms=[PENDING], accounts=[account(ALICE, DEPOSIT, 1, 1, 2)])
    with pytest.raises(FoldError):
        apply(folded, event(kind, ALICE, amount=10**16 + 1, **values))


# --- operators ----------------------------------------------------------------------------------


def test_operator_added__enabled_and_accepting() -> None:
    folded = ledger(operators=[OPERATOR_1])
    happened = event(
        t.OperatorAdded, OWNER, operator_id=2, account=BOB, payee=CAROL,
        playback_base=b"http://127.0.0.1:81",
    )  # fmt: skip
    apply(folded, happened)
    assert folded.operators == {
        1: OPERATOR_1,
        2: {
            "_id": CONTRACT + ":2",
            "contract": CONTRACT,
            "operator_id": 2,
            "account": BOB,
            "payee": CAROL,
            "accepting": True,
            "enabled": True,
            "playback_base": "http://127.0.0.1:81",
            "added_at": AT,
            "seqs": [SEQ],
            "last_seq": SEQ,
            "updated": NOW,
        },
    }


@pytest.mark.parametrize(
    ("before", "kind", "actor", "values", "changes"),
    [
        pytest.param(
            {}, t.OperatorAccountChanged, OWNER, {"account": BOB}, {"account": BOB}, id="account"
        ),
        pytest.param(
            {},
            t.OperatorAccountChanged,
            OWNER,
            {"account": ZERO_ADDRESS},
            {"account": None},
            id="revoked",
        ),
        pytest.param(
            {"account": None},
            t.OperatorAccountChanged,
            OWNER,
            {"account": OPERATOR},
            {"account": OPERATOR},
            id="back_again",
        ),
        pytest.param({}, t.OperatorPayeeChanged, PAYEE, {"payee": BOB}, {"payee": BOB}, id="payee"),
        pytest.param(
            {},
            t.OperatorAcceptingChanged,
            OPERATOR,
            {"accepting": False},
            {"accepting": False},
            id="closes",
        ),
        pytest.param(
            {"accepting": False, "enabled": False},
            t.OperatorAcceptingChanged,
            OPERATOR,
            {"accepting": True},
            {"accepting": True},
            id="opens_while_disabled",
        ),
        pytest.param(
            {}, t.OperatorEnabledChanged, OWNER, {"enabled": False}, {"enabled": False}, id="off"
        ),
        pytest.param(
            {"accepting": False, "enabled": False},
            t.OperatorEnabledChanged,
            OWNER,
            {"enabled": True},
            {"enabled": True},
            id="on_while_closed",
        ),
    ],
)
def test_operator_changed__one_field__rooms_stay_as_they_are(
    before: Doc, kind: Any, actor: str, values: Doc, changes: Doc
) -> None:
    had = {**OPERATOR_1, **before}
    folded = ledger(rooms=[PENDING, {**ACTIVE, "_id": 9, "n": 9}], operators=[had], terms=[TERMS])
    apply(folded, event(kind, actor, operator_id=1, **values))
    assert folded.operators == {1: later(had, **changes)}
    assert folded.rooms == {7: PENDING, 9: {**ACTIVE, "_id": 9, "n": 9}}


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (t.OperatorAccountChanged, {"account": BOB}),
        (t.OperatorPayeeChanged, {"payee": BOB}),
        (t.OperatorAcceptingChanged, {"accepting": True}),
        (t.OperatorEnabledChanged, {"enabled": True}),
    ],
)
def test_operator_changed__never_added__no_story(kind: Any, values: Doc) -> None:
    with pytest.raises(FoldError):
        apply(ledger(operators=[OPERATOR_1]), event(kind, OWNER, operator_id=2, **values))


# --- terms --------------------------------------------------------------------------------------


def test_terms_set__new_ones_are_current__the_former_stay() -> None:
    totals = Totals(owner=OWNER, current_terms=1, contract_seqs=[1, 2])
    folded = ledger(terms=[TERMS], totals=totals)
    happened = event(
        t.TermsSet, OWNER, terms_id=2, deposit=2 * 10**16, fee=0, max_room_seconds=7200,
        fulfill_deadline_seconds=60, max_open_rooms=1, max_room_events=8, rekey_cooldown=0,
    )  # fmt: skip
    apply(folded, happened)
    assert folded.terms == {
        1: TERMS,
        2: {
            "_id": CONTRACT + ":2",
            "contract": CONTRACT,
            "terms_id": 2,
            "deposit": "000000000000020000000000000000",
            "fee": NOTHING,
            "max_room_seconds": 7200,
            "fulfill_deadline_seconds": 60,
            "max_open_rooms": 1,
            "max_room_events": 8,
            "rekey_cooldown": 0,
            "set_at": AT,
            "seq": SEQ,
            "updated": NOW,
        },
    }
    assert folded.totals == Totals(owner=OWNER, current_terms=2, contract_seqs=[1, 2, SEQ])


# --- moderators ---------------------------------------------------------------------------------


def test_moderator_changed__appointed__a_document() -> None:
    folded = ledger()
    apply(folded, event(t.ModeratorChanged, OWNER, account=MODERATOR, allowed=True))
    assert folded.moderators == {
        MODERATOR: {
            "_id": f"{CONTRACT}:{MODERATOR}",
            "contract": CONTRACT,
            "account": MODERATOR,
            "allowed": True,
            "seqs": [SEQ],
            "last_seq": SEQ,
            "updated": NOW,
        }
    }


@pytest.mark.parametrize(("was", "is_now"), [(True, False), (False, True)])
def test_moderator_changed__dismissed_or_back__only_that_one(was: bool, is_now: bool) -> None:
    had, other = moderator(MODERATOR, was, [4, 9]), moderator(BOB, True, [5])
    folded = ledger(moderators=[had, other])
    apply(folded, event(t.ModeratorChanged, OWNER, account=MODERATOR, allowed=is_now))
    assert folded.moderators == {MODERATOR: later(had, allowed=is_now), BOB: other}


# --- the contract as a whole --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "happened", "after"),
    [
        pytest.param(
            {"owner": None, "contract_seqs": []},
            event(t.OwnerChanged, OWNER, account=OWNER),
            {"contract_seqs": [SEQ]},
            id="the_first_owner",
        ),
        pytest.param(
            {},
            event(t.OwnerProposed, OWNER, account=BOB),
            {"pending_owner": BOB},
            id="ownership_offered",
        ),
        pytest.param(
            {"pending_owner": BOB},
            event(t.OwnerProposed, OWNER, account=ZERO_ADDRESS),
            {"pending_owner": None},
            id="offer_taken_back",
        ),
        pytest.param(
            {"pending_owner": BOB},
            event(t.OwnerChanged, BOB, account=BOB),
            {"owner": BOB, "pending_owner": None},
            id="ownership_accepted",
        ),
        pytest.param({}, event(t.PauseChanged, OWNER, paused=True), {"paused": True}, id="paused"),
        pytest.param(
            {"paused": True},
            event(t.PauseChanged, OWNER, paused=False),
            {"paused": False},
            id="goes_on",
        ),
        pytest.param(
            {"paused": True},
            event(t.Retired, OWNER, successor=BOB),
            {"retired": True, "successor": BOB},
            id="retired_for_a_successor",
        ),
        pytest.param(
            {},
            event(t.Retired, OWNER, successor=ZERO_ADDRESS),
            {"retired": True, "successor": None},
            id="retired_for_none",
        ),
    ],
)
def test_contract_event__owner_pause_retirement__told_by_the_checkpoint(
    before: Doc, happened: Any, after: Doc
) -> None:
    had: Doc = {
        "rooms": 3, "ended_rooms": 1, "owner": OWNER, "pending_owner": None, "paused": False,
        "retired": False, "successor": None, "current_terms": 1, "contract_seqs": [1, 2],
    }  # fmt: skip
    given = {**had, **before}
    expected = {**had, **before, "contract_seqs": [*given["contract_seqs"], SEQ], **after}
    if before.get("owner", OWNER) is None:
        expected["owner"] = OWNER
    folded = ledger(totals=Totals(**{**given, "contract_seqs": list(given["contract_seqs"])}))
    apply(folded, happened)
    assert folded.totals == Totals(**expected)


@pytest.mark.parametrize(
    ("held", "happened"),
    [
        ({"terms": [TERMS]}, CREATED),
        ({"operators": [OPERATOR_1]}, CREATED),
        (
            {"operators": [OPERATOR_1], "terms": [TERMS], "rooms": [{**PENDING, "n": 8}]},
            CREATED,
        ),
        (
            {"operators": [OPERATOR_1]},
            event(
                t.OperatorAdded,
                OWNER,
                operator_id=1,
                account=BOB,
                payee=BOB,
                playback_base=b"http://a",
            ),
        ),
    ],
    ids=["operator_never_added", "terms_never_set", "room_made_twice", "operator_added_twice"],
)
def test_made__under_what_is_not_there_or_twice__no_story(held: Doc, happened: Any) -> None:
    with pytest.raises(FoldError):
        apply(ledger(**held), happened)
