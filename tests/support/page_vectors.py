"""One story as the page meets it: logs, the history hash after each, a room as the API tells it.

The page's own tests read dapp/test/vectors.json, so that its decoding, folding and tags are the
same as ours. `python -m tests.support.page_vectors` writes the file anew; a test compares.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from api import response_shapes
from chain import events as t
from chain.enums import EndReason, Mode
from chain.event_codec import build_event, encode
from chain.hexes import ZERO_ADDRESS
from chain.history import room_tag
from tests.support.indexer.contract_story import (
    ALICE,
    BASE,
    BOB,
    FEE,
    MODERATOR,
    OPERATOR,
    OWNER,
    PAYEE,
    ContractStory,
)

FILE = Path(__file__).resolve().parents[2] / "dapp" / "test" / "vectors.json"
DETAILS = '{"about":"Mang theo đàn","lang":"vi"}'.encode() + b"\xff"
HOSTILE = '<img src=x onerror="alert(1)"> \u202etxt.exe \U0001f3a5'


class PageStory(ContractStory):
    """A story that keeps its logs and hashes."""

    def __init__(self) -> None:
        self.logs: list[dict[str, Any]] = []
        self.hashes: list[str] = []
        super().__init__(at=1_790_000_000)

    def emit(self, kind: Any, actor: str, **values: Any) -> dict[str, Any]:
        doc = super().emit(kind, actor, **values)
        meta = t.LogMeta(self.contract, doc["block"], doc["block_hash"], doc["tx"], 0, 0)
        event = build_event(kind, meta, seq=doc["seq"], actor=actor, timestamp=doc["at"], **values)
        self.logs.append(encode(event))
        self.hashes.append("0x" + self.history.hex())
        return doc

    def new_key(self, number: int, host: str, kind: Any, key: bytes, **values: Any) -> None:
        """A rekey or a transfer, with the tag that follows from it."""
        room = self.room(number)
        version = room["key_version"] + 1
        former = bytes.fromhex(str(room["tag"])[2:])
        mode = int(Mode.WEBRTC)
        tag = room_tag(self.chain_id, self.contract, number, host, 1, mode, former, key, version)
        self.emit(
            kind, host, room_id=number, **values, key_version=version, ingest_key=key, tag=tag
        )


def vectors() -> dict[str, Any]:
    """Every kind of event at least once; room 1 lives a whole life."""
    story = PageStory()
    room = story.live(ALICE, "Lớp học đàn")
    other = story.live(BOB, HOSTILE, mode=Mode.BROADCAST)
    story.rename(room, "Lớp học đàn, bài 2")
    story.describe(room, DETAILS, starts_at=1_790_100_000)
    story.new_key(room, ALICE, t.RoomRekeyed, b"\x22" * 32)
    story.provision(room)
    story.emit(t.RoomTransferStarted, ALICE, room_id=room, to=BOB)
    story.new_key(room, BOB, t.RoomTransferred, b"\x33" * 32, former_host=ALICE)
    story.provision(room)
    story.end(room)
    story.release(room)
    story.emit(t.Credited, OPERATOR, account=PAYEE, amount=FEE, operator_id=1)
    story.end(other, EndReason.TAKEN_DOWN, 2, MODERATOR)
    story.emit(t.Withdrawn, BOB, to=BOB, amount=10**15)
    next_one = story.create(BOB, "", gate=story.contract)
    story.emit(t.CreditSpent, BOB, room_id=next_one, amount=10**15)
    story.emit(
        t.OperatorAdded, OWNER, operator_id=2, account=OPERATOR, payee=PAYEE,
        playback_base=BASE.encode(),
    )  # fmt: skip
    story.emit(t.OperatorPayeeChanged, PAYEE, operator_id=2, payee=BOB)
    story.emit(t.OperatorAccountChanged, OWNER, operator_id=2, account=ZERO_ADDRESS)
    story.emit(t.OperatorAcceptingChanged, OPERATOR, operator_id=1, accepting=False)
    story.emit(t.OperatorEnabledChanged, OWNER, operator_id=1, enabled=False)
    story.emit(t.ModeratorChanged, OWNER, account=MODERATOR, allowed=True)
    story.emit(t.PauseChanged, OWNER, paused=True)
    story.emit(t.OwnerProposed, OWNER, account=ALICE)
    story.emit(t.Retired, OWNER, successor=ZERO_ADDRESS)
    return {
        "about": "Made by tests/support/page_vectors.py; do not edit.",
        "chainId": story.chain_id,
        "contract": story.contract,
        "logs": story.logs,
        "hashes": story.hashes,
        "room": response_shapes.room(story.room(room)),
        "events": [response_shapes.event(doc) for doc in story.events if doc["room_id"] == room],
        "hostile": HOSTILE,
    }


def text() -> str:
    """The file's content."""
    return json.dumps(vectors(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
