"""A simulated Cloudflare account: live inputs, idempotency keys, rotation, tombstones.

`SimCloudflareAccount` is the truth; `SimCloudflareClient` is one oracle's way to it, with faults.
Behaviour as in docs/cloudflare.md: a key is remembered for six hours from the input's creation, and
answers 409 once that input is deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson

from oracle.cloudflare.errors import (
    AnswerLost,
    BudgetExhausted,
    CloudflareError,
    CloudflareRateLimited,
    Gone,
    IdempotencyConflict,
    NotActing,
    ServerTrouble,
    TokenInvalid,
    UnexpectedAnswer,
    Unreachable,
)
from oracle.cloudflare.models import (
    Issued,
    ListedInput,
    LiveInput,
    Playback,
    PublishCredentials,
    Recording,
    Video,
)
from oracle.cloudflare.operations import Operation, Priority
from oracle.ingest import WebRtcIngest
from oracle.secret import Secret
from tests.support.oracle.simulation.faulty_edges import FaultyEdge

BASE = "https://customer-sim.cloudflarestream.com"
KEY_SECONDS = 6 * 3600
T = TypeVar("T")


@dataclass
class SimLiveInput:
    uid: str
    meta: dict[str, Any]
    created: float
    enabled: bool = True
    generation: int = 0
    rotated_at: float | None = None
    state: str | None = None
    """As Cloudflare shows it: `connected` while somebody broadcasts; None: nobody ever did."""
    key: str | None = None

    def listed(self) -> ListedInput:
        return ListedInput(self.uid, self.enabled, _moment(self.created), self.meta)

    def live(self) -> LiveInput:
        return LiveInput(
            uid=self.uid,
            enabled=self.enabled,
            created=_moment(self.created),
            modified=None,
            keys_rotated_at=None if self.rotated_at is None else _moment(self.rotated_at),
            state=self.state,
            recording=Recording(),
            delete_recording_after_days=None,
            prefer_low_latency=False,
            meta=self.meta,
            playback=Playback(webrtc=f"{BASE}/{self.uid}/webRTC/play"),
        )

    def credentials(self) -> PublishCredentials:
        secret = Secret(f"{BASE}/{self.uid}/generation/{self.generation}")
        return PublishCredentials(self.uid, WebRtcIngest(secret), None)

    def issued(self) -> Issued:
        return Issued(self.live(), self.credentials())


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


@dataclass
class SimCloudflareAccount:
    """The account's live inputs. `deleted`: who asked for each deletion. `disable_ends`,
    `rotate_ends`: whether that ends a running broadcast, which nobody knows for sure."""

    inputs: dict[str, SimLiveInput] = field(default_factory=dict)
    keys: dict[str, tuple[str, float]] = field(default_factory=dict)
    deleted: dict[str, str] = field(default_factory=dict)
    rotations: int = 0
    disable_ends: bool = True
    rotate_ends: bool = True
    made: int = 0
    on_create: Callable[[dict[str, Any]], None] = lambda _meta: None

    def create(self, body: bytes, key: str | None, now: float) -> SimLiveInput:
        known = self.keys.get(key) if key is not None else None
        if known is not None and now - known[1] < KEY_SECONDS:
            if known[0] not in self.inputs:
                raise IdempotencyConflict(Operation.CREATE, "its input was deleted", status=409)
            return self.inputs[known[0]]
        self.made += 1
        live = SimLiveInput(f"{self.made:032x}", orjson.loads(body)["meta"], now, key=key)
        self.inputs[live.uid] = live
        self.on_create(live.meta)
        if key is not None:
            self.keys[key] = (live.uid, now)
        return live

    def one(self, uid: str, operation: Operation) -> SimLiveInput:
        if uid not in self.inputs:
            raise Gone(operation, "not found", status=404, code=10003)
        return self.inputs[uid]

    def switch(self, uid: str, on: bool) -> SimLiveInput:
        live = self.one(uid, Operation.ENABLE if on else Operation.DISABLE)
        live.enabled = on
        return live if on else self._hung_up(live, self.disable_ends)

    def rotate(self, uid: str, now: float) -> SimLiveInput:
        live = self.one(uid, Operation.ROTATE_KEYS)
        self.rotations += 1
        live.generation += 1
        live.rotated_at = now + live.generation / 1e6  # never twice the same
        return self._hung_up(live, self.rotate_ends)

    def broadcast(self, uid: str, generation: int) -> None:
        """A host comes with the credentials of that generation."""
        live = self.one(uid, Operation.GET)
        if live.enabled and live.generation == generation:
            live.state = "connected"

    @staticmethod
    def _hung_up(live: SimLiveInput, ends: bool) -> SimLiveInput:
        if ends and live.state is not None:
            live.state = "disconnected"
        return live

    def delete(self, uid: str, by: str) -> None:
        self.one(uid, Operation.DELETE)
        del self.inputs[uid]
        self.deleted[uid] = by


class SimCloudflareClient:
    """One oracle's way to the account."""

    def __init__(
        self,
        account: SimCloudflareAccount,
        edge: FaultyEdge,
        now: Callable[[], float],
        may_act: Callable[[float], bool],
        acts: Callable[[str], None],
        chance: Callable[[], float],
        seconds: float,
    ) -> None:
        self._account = account
        self._edge = edge
        self._now = now
        self._may_act = may_act
        self._acts = acts
        self._chance = chance
        self._seconds = seconds

    async def create(
        self, body: bytes, idempotency_key: str, *, priority: Priority = Priority.PROVISION
    ) -> Issued:
        return await self._call(
            Operation.CREATE,
            lambda: self._account.create(body, idempotency_key, self._now()).issued(),
        )

    async def get(self, uid: str, *, priority: Priority = Priority.PROVISION) -> Issued:
        return await self._call(
            Operation.GET, lambda: self._account.one(uid, Operation.GET).issued()
        )

    async def list_inputs(self, *, priority: Priority = Priority.SWEEP) -> tuple[ListedInput, ...]:
        return await self._call(
            Operation.LIST, lambda: tuple(i.listed() for i in self._account.inputs.values())
        )

    async def disable(self, uid: str, *, priority: Priority = Priority.RELEASE) -> LiveInput:
        return await self._call(Operation.DISABLE, lambda: self._account.switch(uid, False).live())

    async def enable(self, uid: str, *, priority: Priority = Priority.RELEASE) -> LiveInput:
        return await self._call(Operation.ENABLE, lambda: self._account.switch(uid, True).live())

    async def rotate_keys(self, uid: str, *, priority: Priority = Priority.REKEY) -> Issued:
        return await self._call(
            Operation.ROTATE_KEYS, lambda: self._account.rotate(uid, self._now()).issued()
        )

    async def delete(self, uid: str, *, priority: Priority = Priority.RELEASE) -> bool:
        def effect() -> bool:
            if uid not in self._account.inputs:
                return False
            self._account.delete(uid, "oracle")
            return True

        return await self._call(Operation.DELETE, effect)

    async def videos(
        self, uid: str, *, after_delete: bool = False, priority: Priority = Priority.RELEASE
    ) -> tuple[Video, ...]:
        return await self._call(Operation.VIDEOS, tuple)

    async def delete_video(self, video_uid: str, *, priority: Priority = Priority.RELEASE) -> bool:
        return await self._call(Operation.DELETE_VIDEO, lambda: False)

    async def _call(self, operation: Operation, effect: Callable[[], T]) -> T:
        changing = operation not in (Operation.GET, Operation.LIST, Operation.VIDEOS)
        if changing and not self._may_act(self._seconds):
            raise NotActing(operation, "no lease")

        def acting() -> T:
            if changing:
                self._acts(operation.value)
            return effect()

        return await self._edge(
            operation.value,
            acting,
            lambda: self._refusal(operation),
            lambda: AnswerLost(operation, "no answer", effect_unknown=True),
        )

    def _refusal(self, operation: Operation) -> CloudflareError:
        until = self._now() + 3.0
        kinds: list[CloudflareError] = [
            Unreachable(operation, "no connection"),
            ServerTrouble(operation, "HTTP 500", status=500),
            UnexpectedAnswer(operation, "an HTML page", status=502),
            CloudflareRateLimited(operation, "slow down", status=429, until=until),
            BudgetExhausted(operation, "no place", until=until),
            TokenInvalid(operation, "bad token", status=403),
        ]
        return kinds[int(self._chance() * len(kinds))]
