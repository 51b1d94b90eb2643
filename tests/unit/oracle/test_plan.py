"""The plan, case by case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chain.enums import BAD_KEY, INPUT_LOST, EndReason, Status
from chain.views import RoomView
from oracle.facts import Facts, Flight, KeyState
from oracle.journal import CutOff, RoomRecord, Rotation
from oracle.plan import (
    CONFIRMED_SECONDS,
    IDEMPOTENT_SECONDS,
    LOOK_SECONDS,
    LOST_SECONDS,
    UNUSABLE_SECONDS,
    Act,
    plan,
)
from tests.unit.oracle.facts_builder import (
    DIGEST,
    DIGEST2,
    NOW,
    TAG,
    TAG2,
    UID,
    UID2,
    active,
    ended,
    facts,
    made,
    off,
    proposal,
    record,
    view,
)


def act(f: Facts) -> Act:
    return plan(f).act


# --- pending --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "changes", "expected"),
    [
        ("new", {}, Act.CREATE),
        ("key not told", {"key": KeyState.UNKNOWN}, Act.WAIT),
        ("ended at the head", {"latest": ended()}, Act.WAIT),
        ("another host's at the head", {"latest": view(tag=TAG2)}, Act.WAIT),
        ("on the way", {"flight": Flight.FLYING}, Act.WAIT),
    ],
)
def test_pending__without_input(what: str, changes: dict[str, Any], expected: Act) -> None:
    assert act(facts(record(), view(), **changes)) is expected, what


def test_pending__intent_older_than_cloudflare_remembers__looks_before_it_creates() -> None:
    old = record(intent_at=NOW - IDEMPOTENT_SECONDS - 1)
    assert act(facts(old, view())) is Act.LOOKUP


def test_pending__room_old_and_nothing_begun__looks_before_it_creates() -> None:
    old = record(created_at=int(NOW - IDEMPOTENT_SECONDS - 1))
    assert act(facts(old, view())) is Act.LOOKUP
    assert act(facts(replace(old, intent_at=NOW - 1), view())) is Act.CREATE


def test_pending__sealed__fulfilled() -> None:
    assert act(facts(made(), view())) is Act.FULFILL


def test_pending__input_gone__next_attempt() -> None:
    assert act(facts(made(gone=True), view())) is Act.NEXT_ATTEMPT


@pytest.mark.parametrize("enabled", [False, None])
def test_pending__switch_not_surely_on__enabled(enabled: bool | None) -> None:
    assert act(facts(made(enabled=enabled), view())) is Act.ENABLE


def test_pending__history_unknown__its_one_key_is_served_without_a_rotation() -> None:
    assert act(facts(made(suspect=True), view())) is Act.FULFILL
    assert act(facts(made(suspect=True, seal=None), view())) is Act.SEAL


WINDOW = (int(NOW) // UNUSABLE_SECONDS) * UNUSABLE_SECONDS


@pytest.mark.parametrize("after", [0, 1, UNUSABLE_SECONDS // 2, UNUSABLE_SECONDS - 1])
def test_pending__unusable_key__no_input_and_declined_at_the_one_moment_of_its_window(
    after: int,
) -> None:
    bad = facts(record(), view(created_at=WINDOW + after), key=KeyState.UNUSABLE)
    due = float(WINDOW + UNUSABLE_SECONDS + CONFIRMED_SECONDS)
    step = plan(replace(bad, now=due - 1))
    assert (step.act, step.until) == (Act.WAIT, due)
    step = plan(replace(bad, now=due))
    assert (step.act, step.code) == (Act.DECLINE, BAD_KEY)
    assert act(replace(bad, now=due, flight=Flight.FLYING)) is Act.WAIT


def test_pending__unusable_key_and_time_over_before_its_batch__looked_at_then() -> None:
    soon = view(created_at=WINDOW, expires_at=WINDOW + 30)
    assert plan(facts(record(), soon, key=KeyState.UNUSABLE, now=WINDOW + 1)).until == WINDOW + 30


def test_pending__landed_without_effect__sent_again_once_that_is_final() -> None:
    landed = facts(made(), view(), flight=Flight.LANDED, landed_block=108)
    assert act(landed) is Act.WAIT
    assert act(replace(landed, final_block=108)) is Act.FULFILL


def test_pending__past_its_time__expired() -> None:
    assert act(facts(record(), view(effective_status=Status.ENDED))) is Act.EXPIRE


# --- active ---------------------------------------------------------------------------------------

TOLD = proposal(status="active", sealed_tag=TAG, work=None)


def test_active__not_verified__verified_once_the_index_tells_it() -> None:
    assert act(facts(made(), active(), proposal=TOLD)) is Act.VERIFY
    assert act(facts(made(), active())) is Act.WAIT


def test_active__verified__rests_when_final() -> None:
    done = made(verified=TAG)
    assert act(facts(done, active(), proposal=TOLD)) is Act.REST
    waits = plan(facts(done, active(), proposal=TOLD, final=view()))
    assert (waits.act, waits.until_final) == (Act.WAIT, 110)


def test_active__stale__sealed_anew() -> None:
    stale = made(stale=True, seal=None)
    assert act(facts(stale, active(), proposal=TOLD)) is Act.SEAL


NEW_KEY = proposal(tag=TAG2, key_version=2, former_tag=TAG, sealed_tag=TAG, work="rekey")
REKEYED = active(tag=TAG2, key_version=2)


def test_rekey__not_final__waits() -> None:
    assert act(facts(made(verified=TAG), REKEYED, proposal=NEW_KEY, final=active())) is Act.WAIT


def test_rekey__final__rotated_sealed_sent() -> None:
    assert act(facts(made(), REKEYED, proposal=NEW_KEY)) is Act.ROTATE
    rotated = made(digest=DIGEST2, rotation=Rotation(TAG2, None, done=True))
    assert act(facts(rotated, REKEYED, proposal=NEW_KEY)) is Act.SEAL


def test_rekey__unusable_key__declined() -> None:
    step = plan(facts(made(), REKEYED, proposal=NEW_KEY, key=KeyState.UNUSABLE))
    assert (step.act, step.code) == (Act.DECLINE, BAD_KEY)


def test_rekey__answer_landed_and_index_behind__not_rotated_again() -> None:
    sent = made(digest=DIGEST2, rotation=Rotation(TAG2, None, done=True))
    assert sent.seal is not None
    sent = replace(sent, seal=replace(sent.seal, tag=TAG2, digest=DIGEST2))
    landed = facts(
        sent, REKEYED, proposal=NEW_KEY, flight=Flight.LANDED, landed_block=109, index_block=108
    )
    assert act(landed) is Act.WAIT


def test_active__chain_names_another_input__ours_goes_when_final() -> None:
    other = active(uid=bytes.fromhex(UID2))
    assert act(facts(made(), other, final=view())) is Act.WAIT
    assert act(facts(made(), other)) is Act.DISABLE
    assert act(facts(off(cleared=True), other)) is Act.DELETE
    assert act(facts(made(gone=True), other)) is Act.ADOPT


def test_active__journal_lost__input_adopted() -> None:
    assert act(facts(record(), active())) is Act.ADOPT


def test_active__input_denied__declined_only_when_sure() -> None:
    fresh = made(lost_at=NOW - 1)
    assert act(facts(fresh, active(), proposal=TOLD)) is Act.WAIT
    long = made(lost_at=NOW - LOST_SECONDS - 1)
    assert act(facts(long, active(), proposal=TOLD)) is Act.VERIFY
    step = plan(facts(replace(long, gone=True), active(), proposal=TOLD))
    assert (step.act, step.code) == (Act.DECLINE, INPUT_LOST)


# --- ended ----------------------------------------------------------------------------------------


def test_ended__switched_off_at_once_deleted_when_final_then_released() -> None:
    over = ended(uid=bytes.fromhex(UID))
    assert act(facts(made(), over, final=active())) is Act.DISABLE
    assert act(facts(off(), over, final=active())) is Act.WAIT
    assert act(facts(off(), over)) is Act.CLEAR
    assert act(facts(off(cleared=True), over)) is Act.DELETE
    gone = off(cleared=True, gone=True)
    assert act(facts(gone, over)) is Act.RELEASE
    assert act(facts(gone, over, flight=Flight.FLYING)) is Act.WAIT
    done = ended(uid=bytes.fromhex(UID), released=True)
    assert act(facts(gone, done, final=over)) is Act.WAIT
    assert act(facts(gone, done)) is Act.REST


def test_ended__taken_down__urgent() -> None:
    over = ended(uid=bytes.fromhex(UID), end_reason=EndReason.TAKEN_DOWN)
    assert plan(facts(made(), over)).urgent


OVER = ended(uid=bytes.fromhex(UID))
UNFINAL: dict[str, Any] = {"final": active(), "final_block": 99}


@pytest.mark.parametrize("cut_off", [None, CutOff(NOW - 1)], ids=["not yet", "perhaps"])
def test_ended__disabled__keys_rotated_at_once(cut_off: CutOff | None) -> None:
    taken = made(enabled=False, cut_off=cut_off)
    assert act(facts(taken, OVER, **UNFINAL)) is Act.REVOKE
    assert act(facts(taken, OVER)) is Act.REVOKE
    by_moderator = OVER._replace(end_reason=EndReason.TAKEN_DOWN)
    assert plan(facts(taken, by_moderator, **UNFINAL)).urgent


def test_ended__keys_rotated__looked_at_once_after_30_seconds() -> None:
    rotated = CutOff(NOW - LOOK_SECONDS + 1, rotated=True)
    taken = facts(off(cut_off=rotated), OVER, **UNFINAL)
    assert act(taken) is Act.WAIT
    assert act(replace(taken, now=NOW + 1)) is Act.LOOK
    looked = off(cut_off=replace(rotated, looked_at=NOW + 1))
    assert act(replace(taken, record=looked, now=NOW + 9000)) is Act.WAIT


def test_ended__still_connected__looked_at_again_ever_more_seldom() -> None:
    looks, now, cut_off = [], NOW, CutOff(NOW, rotated=True)
    while now < NOW + 1000:
        step = plan(facts(off(cut_off=cut_off), OVER, now=now, **UNFINAL))
        if step.act is Act.LOOK:
            looks.append(now - NOW)
            cut_off = replace(cut_off, looked_at=now, connected=True)
        now += 1
    assert looks == [30, 60, 120, 240, 480, 960]


def test_ended__still_connected_when_final__deleted_before_its_recordings() -> None:
    """What is being recorded is closed by the delete alone."""
    there = CutOff(NOW - 60, rotated=True, looked_at=NOW - 20, connected=True)
    stays = off(cut_off=there)
    assert "still connected" in (plan(facts(stays, OVER, **UNFINAL)).why or "")
    assert act(facts(stays, OVER)) is Act.DELETE
    assert act(facts(replace(stays, gone=True), OVER)) is Act.CLEAR
    assert act(facts(replace(stays, gone=True, cleared=True), OVER)) is Act.RELEASE


def test_end_undone_by_a_reorg__pending__sealed_anew_before_it_is_sent() -> None:
    assert act(facts(off(), view())) is Act.ENABLE
    assert act(facts(off(enabled=True), view())) is Act.SEAL
    perhaps = off(enabled=True, cut_off=CutOff(NOW - 1))
    assert act(facts(perhaps, view())) is Act.SEAL


def test_end_undone_by_a_reorg__active__enabled_and_what_is_published_compared() -> None:
    back = facts(off(), active(), proposal=TOLD)
    assert act(back) is Act.ENABLE
    assert act(replace(back, record=off(enabled=True))) is Act.VERIFY


def test_ended__before_it_was_fulfilled__input_goes_nothing_is_released() -> None:
    assert act(facts(made(), ended(), final=view())) is Act.DISABLE
    gone = off(cleared=True, gone=True)
    assert act(facts(gone, ended())) is Act.REST


def test_ended__create_without_an_answer__found_out_first() -> None:
    assert act(facts(record(intent_at=NOW - 5), ended())) is Act.CREATE
    assert act(facts(record(intent_at=NOW - IDEMPOTENT_SECONDS - 1), ended())) is Act.LOOKUP


def test_ended__nothing_was_begun__rests_when_final() -> None:
    assert act(facts(record(), ended(), final=view())) is Act.WAIT
    assert act(facts(record(), ended())) is Act.REST


def test_ended__journal_lost__input_adopted_switched_off() -> None:
    over = ended(uid=bytes.fromhex(UID))
    assert act(facts(record(), over)) is Act.ADOPT
    assert act(facts(record().adopting(UID), over)) is Act.DISABLE


# --- reorged away ---------------------------------------------------------------------------------


def test_absent__not_final__left_alone() -> None:
    nowhere = facts(made(), None, proposal=None, final_block=99)
    assert plan(nowhere).until_final == 100
    assert act(nowhere) is Act.WAIT


def test_absent__final_and_on_no_chain__input_goes() -> None:
    assert act(facts(made(), None, proposal=None)) is Act.DISABLE
    assert act(facts(off(cleared=True), None, proposal=None)) is Act.DELETE
    assert act(facts(made(gone=True), None, proposal=None)) is Act.REST


def test_absent__another_hosts_room_has_the_number__not_taken_for_ours() -> None:
    namesake = view(tag=TAG2, host="0x" + "bb" * 20)
    told = proposal(tag=TAG2, tag0=TAG2)
    assert act(facts(made(), namesake, proposal=told)) is Act.DISABLE
    assert act(facts(made(), namesake, proposal=told, final_block=99)) is Act.WAIT


def test_absent__but_known_to_the_index__left_alone() -> None:
    assert act(facts(made(), None)) is Act.WAIT


def test_plan__same_facts__same_step() -> None:
    same = facts(made(digest=DIGEST), view())
    assert plan(same) == plan(same)
    assert made().uid == UID


NOTHING_FINAL: dict[str, Any] = {"final": None, "final_block": -1}
DESTROYS = {Act.ROTATE, Act.CLEAR, Act.DELETE, Act.RELEASE, Act.REST}


@pytest.mark.parametrize(
    ("of", "room"),
    [
        (made(), ended()),
        (made(enabled=False), ended()),
        (off(), ended()),
        (off(cleared=True), ended()),
        (made(gone=True), ended(uid=bytes.fromhex(UID))),
        (made(gone=True), ended()),
        (made(seen_block=0), None),
        (off(seen_block=0), None),
        (off(), active(uid=bytes.fromhex(UID2))),
        (made(), active(tag=TAG2, key_version=2)),
        (made(verified=TAG), active()),
    ],
)
def test_nothing_is_final__whatever_waits_for_that__waits(
    of: RoomRecord, room: RoomView | None
) -> None:
    told = proposal(tag0=b"\x09" * 12) if room is None else proposal(key_version=2, tag=TAG2)
    assert act(facts(of, room, proposal=told, **NOTHING_FINAL)) not in DESTROYS


def test_nothing_is_final__a_new_room__is_served_all_the_same() -> None:
    assert act(facts(record(), view(), **NOTHING_FINAL)) is Act.CREATE
    assert act(facts(made(), view(), **NOTHING_FINAL)) is Act.FULFILL
    assert act(facts(made(), ended(), **NOTHING_FINAL)) is Act.DISABLE
