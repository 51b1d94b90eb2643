"""A private room, its host, a service with records in memory, and time that the test owns."""

from __future__ import annotations

import hashlib
import random
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from chain import events as t
from chain.enums import Mode
from chain.rpc.blocking import NodeUnavailable, run
from chain.rpc.client import Call, Rpc
from common.playback_key import PlaybackKeyFile, PlaybackKeys
from common.web.problems import Problem
from playback.gate import GateAnswer
from playback.index_view import RoomsView
from playback.invitation import (
    Delegation,
    InvitationScope,
    encode_delegation,
    session_message,
)
from playback.proofs import InvitationProof, WalletProof
from playback.response_types import AdmissionJson
from playback.service import PlaybackConfig, PlaybackService
from playback.sign_in import personal_digest
from playback.store import PlaybackStore
from playback.wallet_proof import WalletProofs
from tests.support.indexer.contract_story import CONTRACT, GATE, MODERATOR, OWNER, ContractStory
from tests.support.manual_clock import ManualClock
from tests.support.playback.inviting import ORIGIN, InvitingHost, link_of
from tests.support.playback.memory_index import MemoryPlaybackIndex
from tests.support.playback.memory_store import MemoryPlaybackStore
from tests.support.playback_keys import playback_key

T = TypeVar("T")
DAY = 86400
TOKEN_SECONDS = 600
CLASS = "0123456789abcdef"


class ScriptedGate:
    """`holders` hold the token; `away`: nobody can say."""

    def __init__(self) -> None:
        self.holders: set[str] = set()
        self.away = False
        self.asked = 0

    def holds(self, gate: str, wallet: str) -> GateAnswer:
        self.asked += 1
        if self.away:
            return GateAnswer.AWAY
        return GateAnswer.YES if wallet in self.holders else GateAnswer.NO


class CountedLimits:
    """Counts; refuses what stands in `over`."""

    def __init__(self) -> None:
        self.counted: Counter[tuple[str, str]] = Counter()
        self.over: set[str] = set()

    def entered(self, kind: str, key: str) -> None:
        self.counted[kind, key] += 1
        if kind in self.over:
            raise Problem("rate-limited", "too many", retry_after=1)


class ContractNode:
    """A node that answers each call with `answer`. `down`: it does not. `calls`: what was asked."""

    def __init__(self) -> None:
        self.answer = "0x"
        self.down = False
        self.calls: list[Any] = []

    def ask(self, question: Callable[[Rpc], Coroutine[Any, Any, T]]) -> T:
        if self.down:
            raise NodeUnavailable("no node (Test)")
        return run(question(self))

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        self.calls.append((method, params))
        return self.answer

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        return [await self.call(*call) for call in calls]

    def close(self) -> None:
        pass


class PlaybackScene:
    """Room 1 is by invitation (`self.room`) and of class `CLASS`, room 2 has a gate (`gated`).

    `store`, `index`: others than those in memory."""

    def __init__(
        self, folder: Path, *, store: PlaybackStore | None = None, mode: Mode = Mode.WEBRTC
    ) -> None:
        self.clock = ManualClock(float(int(time.time())))
        self.host = InvitingHost(1)
        self.other_host = InvitingHost(2)
        self.viewer = InvitingHost(3)
        self.story = ContractStory(at=int(self.clock.now()) - 600)
        self.story.updated_at = self.clock.now()
        self.room = self.story.live(self.host.account, gate=CONTRACT, mode=mode)
        self.gated = self.story.live(self.host.account, gate=GATE, mode=mode)
        self.story.describe(self.room, f'{{"class":"{CLASS}"}}'.encode())
        self.index = MemoryPlaybackIndex(self.story)
        self.memory = MemoryPlaybackStore()
        self.gate = ScriptedGate()
        self.limits = CountedLimits()
        self.keys_at = folder / "playback-key.json"
        self.keys = PlaybackKeys("c" * 32, playback_key(0))
        self.keys.save(self.keys_at, replace=True)
        self.config = PlaybackConfig(
            operator_id=1,
            chain_id=self.story.chain_id,
            contracts=(CONTRACT,),
            origins=(ORIGIN, "https://other.example"),
            session_key=b"\x07" * 32,
            token_seconds=TOKEN_SECONDS,
        )
        self.store: PlaybackStore = store or self.memory
        self.node = ContractNode()
        self.start()
        self.service.status()  # the records begin

    def start(self, **changes: Any) -> None:
        """The service, anew."""
        self.config = replace(self.config, **changes)
        view = RoomsView(self.index, self.clock, self.config.chain_id, self.config.contracts)
        self.service = PlaybackService(
            self.config, view, self.store, self.gate, WalletProofs(self.node),
            PlaybackKeyFile(self.keys_at, self.clock.now), self.limits, self.clock,
            random.Random(1), background=False,
        )  # fmt: skip

    @property
    def now(self) -> int:
        return int(self.clock.now())

    def wait(self, seconds: float) -> None:
        """The indexer looks at the chain meanwhile."""
        self.clock.tick(seconds)
        self.story.updated_at = self.clock.now()

    # --- the host ---------------------------------------------------------------------------------

    def delegate(
        self,
        *,
        host: InvitingHost | None = None,
        scope: InvitationScope | None = None,
        start: int | None = None,
        until: int | None = None,
        **more: Any,
    ) -> Delegation:
        begins = self.now if start is None else start
        return (host or self.host).delegate(
            scope or InvitationScope.of_room(self.room), begins, until or begins + DAY, **more
        )

    def invite(
        self,
        number: int = 1,
        seats: int = 1,
        *,
        granted: Delegation | None = None,
        host: InvitingHost | None = None,
        start: int | None = None,
        until: int | None = None,
    ) -> str:
        """A link's text."""
        granted = granted or self.delegate(host=host)
        link = link_of(
            granted.start if start is None else start, until or granted.until,
            number=number, seats=seats,
        )  # fmt: skip
        return (host or self.host).invite(granted, link).encode()

    def host_session(
        self,
        granted: Delegation,
        *,
        room: int | None = None,
        host: InvitingHost | None = None,
        clock: int = 0,
        nonce: str | None = None,
    ) -> str:
        """`clock`: how far the host's is off."""
        number = self.room if room is None else room
        taken = nonce or self.service.challenge(number, None, ORIGIN)["nonce"]
        at = self.now + clock
        message = session_message(granted, at, bytes.fromhex(taken), number)
        answer = self.service.host.open_session(
            number, ORIGIN, "192.0.2.1", delegation=encode_delegation(granted), at=at, nonce=taken,
            signature=(host or self.host).sign_by_key(message),
        )  # fmt: skip
        return answer["session"]

    def transfer(self, number: int, to: InvitingHost) -> None:
        room = self.story.room(number)
        self.story.offer(number, to.account)
        self.story.emit(
            t.RoomTransferred, to.account, room_id=number, former_host=room["host"],
            key_version=room["key_version"] + 1, ingest_key=b"\x33" * 32,
            tag=hashlib.sha256(str(room["tag"]).encode()).digest()[:12],
        )  # fmt: skip
        self.wait(2)

    def moderate(self, account: str = MODERATOR) -> None:
        self.story.emit(t.ModeratorChanged, OWNER, account=account, allowed=True)
        self.wait(2)

    # --- viewers ----------------------------------------------------------------------------------

    def enter(
        self, text: str, browser: int = 1, *, room: int | None = None, origin: str | None = ORIGIN
    ) -> AdmissionJson:
        """By invitation."""
        number = self.room if room is None else room
        return self.service.enter(
            number, origin, "192.0.2.9", bytes([browser]) * 16, InvitationProof(text)
        )

    def sign_in(
        self,
        wallet: InvitingHost,
        room: int | None = None,
        browser: int = 1,
        *,
        origin: str | None = ORIGIN,
        altered: Callable[[str], str] = lambda text: text,
    ) -> AdmissionJson:
        """By wallet, which signs what `altered` makes of the text."""
        number = self.gated if room is None else room
        asked = self.service.challenge(number, wallet.address, origin)
        signature = wallet.sign_digest(personal_digest(altered(asked["message"] or "")))
        return self.bring(asked["nonce"], signature, number, browser, origin=origin)

    def bring(
        self,
        nonce: str,
        signature: bytes,
        room: int,
        browser: int = 1,
        *,
        origin: str | None = ORIGIN,
    ) -> AdmissionJson:
        return self.service.enter(
            room, origin, "192.0.2.9", bytes([browser]) * 16, WalletProof(nonce, signature)
        )


def refused(slug: str, act: Callable[[], Any]) -> Problem:
    """The problem that the act is refused with."""
    with pytest.raises(Problem) as error:
        act()
    assert error.value.slug == slug, error.value.detail
    return error.value
