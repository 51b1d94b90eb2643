"""Facts for the plan's tests: a pending room of version 1, everything else as asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chain.enums import EndReason, Mode, Status
from chain.hexes import ZERO_ADDRESS
from chain.views import RoomView
from oracle.facts import Facts, KeyState, Proposal
from oracle.journal import CutOff, RoomRecord, Seal

TAG, TAG2 = b"\x01" * 12, b"\x02" * 12
UID, UID2 = "11" * 16, "22" * 16
NOW = 1_700_000_000.0
HOST = "0x" + "aa" * 20
DIGEST, DIGEST2 = "d1" * 32, "d2" * 32


def view(**changes: Any) -> RoomView:
    base = RoomView(
        room_id=7, host=HOST, pending_host=ZERO_ADDRESS, created_at=int(NOW) - 60,
        expires_at=int(NOW) + 9000, rekeyed_at=0, operator_id=1, terms_id=1, mode=Mode.WEBRTC,
        gated=False, status=Status.PENDING, end_reason=EndReason.NONE,
        effective_status=Status.PENDING, effective_reason=EndReason.NONE, released=False,
        uid=bytes(16), tag=TAG, key_version=1, events=1,
    )  # fmt: skip
    if "status" in changes:
        changes.setdefault("effective_status", changes["status"])
    return base._replace(**changes)


def active(**changes: Any) -> RoomView:
    return view(**{"status": Status.ACTIVE, "uid": bytes.fromhex(UID)} | changes)


def ended(**changes: Any) -> RoomView:
    return view(**{"status": Status.ENDED, "end_reason": EndReason.HOST} | changes)


def record(**changes: Any) -> RoomRecord:
    base = RoomRecord(
        id="c:7:" + TAG.hex(), operator_id=1, room_id=7, tag0=TAG, mode=Mode.WEBRTC, gated=False,
        host=HOST, created_at=int(NOW) - 60, seen_block=100, version=1,
    )  # fmt: skip
    return replace(base, **changes)


def made(**changes: Any) -> RoomRecord:
    """A record whose input is made and sealed for TAG."""
    seal = Seal(TAG, DIGEST, b"sealed")
    base = record(
        intent_at=NOW - 50, uid=UID, enabled=True, digest=DIGEST, seal=seal,
    )  # fmt: skip
    return replace(base, **changes)


def off(**changes: Any) -> RoomRecord:
    """A record whose input was taken from its host: disabled, its keys rotated, nobody there."""
    cut_off = CutOff(NOW - 60, rotated=True, looked_at=NOW - 30)
    return made(**{"enabled": False, "cut_off": cut_off} | changes)


def proposal(**changes: Any) -> Proposal:
    base = Proposal(
        room_id=7, operator_id=1, host=HOST, status="pending", end_reason=None, gate=None, tag=TAG,
        tag0=TAG, former_tag=None, ingest_key=b"\x09" * 32, key_version=1, sealed_tag=None,
        created_block=90, work="provision", expire_at=None,
    )  # fmt: skip
    return base._replace(**changes)


def facts(e: RoomRecord, acting: RoomView | None, **changes: Any) -> Facts:
    """All three depths see `acting` unless told otherwise."""
    base = Facts(
        now=NOW, record=e, latest=acting, acting=acting, final=acting, acting_block=110,
        final_block=105, proposal=proposal(), index_block=112, key=KeyState.USABLE,
    )  # fmt: skip
    return replace(base, **changes)
