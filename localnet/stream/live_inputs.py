"""What can be done to live inputs.

Promises: each change is on disk before the call returns; two creates with one idempotency key
make one input, at the same time or six hours apart; whoever publishes with a credential that just
lost its power is told to stop (`on_revoked`), unless `Quirks` lets them go on.
Assumes: one event loop calls it; no method awaits, so calls never interleave.
On restart: inputs that were connected are set to disconnected, since their media is gone.
"""

from collections.abc import Callable
from dataclasses import replace

from localnet.stream import errors
from localnet.stream.accounts import StandInAccount
from localnet.stream.clock import StandInClock
from localnet.stream.input_change import InputChange
from localnet.stream.model import StandInCredentials, StandInLiveInput
from localnet.stream.quirks import Quirks
from localnet.stream.recordings import StandInRecordings
from localnet.stream.store import IdempotencyRow, StandInStore

IDEMPOTENCY_SECONDS = 6 * 3600.0

RandomHex = Callable[[int], str]
"""Bytes wanted -> that many random bytes in lower-case hex."""


class LiveInputs:
    """The live inputs of every account."""

    def __init__(
        self,
        store: StandInStore,
        clock: StandInClock,
        random_hex: RandomHex,
        quirks: Quirks,
        recordings: StandInRecordings,
        public_base: str,
    ) -> None:
        self._store = store
        self._clock = clock
        self._random_hex = random_hex
        self._quirks = quirks
        self._recordings = recordings
        self._public_base = public_base
        self.on_revoked: list[Callable[[str], None]] = []
        for live in store.inputs():
            if live.is_live:
                self.disconnected(live.uid, "client_disconnect")

    def create(
        self, account: StandInAccount, change: InputChange, key: str | None = None, digest: str = ""
    ) -> StandInLiveInput:
        """Makes an input, or returns the one this key made. Raises ApiError 409.

        `digest` is of the request's body. A key lives six hours from the creation of its input;
        reuse after that input was deleted is a conflict (documented). What another body gets is
        `Quirks.idempotency_other_body`.
        """
        now = self._clock.now()
        if key is not None:
            known = self._store.idempotency(account.id, key)
            if known is not None and now - known.created < IDEMPOTENCY_SECONDS:
                return self._replay(known, digest)
        uid = self._random_hex(16)
        fresh = StandInLiveInput(
            uid=uid,
            account=account.id,
            base=account.public_base or self._public_base,
            created=now,
            modified=now,
            credentials=self._credentials(uid),
            rtmps_url=self._store.rtmps_url,
        )
        live = change.apply(fresh, now)
        row = None if key is None else IdempotencyRow(account.id, key, uid, now, digest)
        self._store.put_input(live, row)
        return live

    def get(self, account: str, uid: str) -> StandInLiveInput:
        """Raises ApiError 404/10003 for an unknown, deleted or foreign uid."""
        live = self._store.input(uid)
        if live is None or live.deleted is not None or live.account != account:
            raise errors.not_found()
        return live

    def find(self, uid: str) -> StandInLiveInput | None:
        """By uid alone, as the playback host sees it; None once deleted."""
        live = self._store.input(uid)
        return None if live is None or live.deleted is not None else live

    def list(self, account: str) -> list[StandInLiveInput]:
        return self._store.inputs(account)

    def update(self, account: str, uid: str, change: InputChange) -> StandInLiveInput:
        """Merges the change. Turning `enabled` off ends a running broadcast, unless
        `Quirks.disable_ends` leaves it."""
        before = self.get(account, uid)
        after = change.apply(before, self._clock.now())
        self._store.put_input(after)
        ends = self._quirks.disable_ends
        left = ends == "none" or (ends == "broadcast" and before.by_whip)
        if before.enabled and not after.enabled and not left:
            self._revoked(uid)
        return self.get(account, uid)

    def set_enabled(self, account: str, uid: str, enabled: bool) -> StandInLiveInput:
        """Disables (ending a running broadcast) or enables."""
        return self.update(account, uid, InputChange(recording={}, enabled=enabled))

    def rotate_keys(self, account: str, uid: str) -> StandInLiveInput:
        """Fresh secrets under the same uid; whoever publishes with the old ones is cut off, unless
        `Quirks.rotate_ends` leaves them.

        The stream ids stay (a guess: they are opaque, and no secret).
        """
        live = self.get(account, uid)
        now = self._clock.now()
        fresh = replace(
            self._credentials(uid),
            srt_stream_id=live.credentials.srt_stream_id,
            srt_playback_stream_id=live.credentials.srt_playback_stream_id,
        )
        self._store.put_input(replace(live, credentials=fresh, modified=now, keys_rotated=now))
        if self._quirks.rotate_ends == "all":
            self._revoked(uid)
        return self.get(account, uid)

    def delete(self, account: str, uid: str) -> None:
        """Deletes; recordings stay. A second call raises 404/10003."""
        live = self.get(account, uid)
        self._revoked(uid)
        live = self.get(account, uid)
        self._store.put_input(replace(live, deleted=self._clock.now()))

    def connected(self, uid: str, protocol: str) -> None:
        """A publisher arrived; starts a recording where Cloudflare would."""
        live = self.find(uid)
        if live is None:
            raise errors.not_found()
        now = self._clock.now()
        self._store.put_input(
            live.with_status("connected", "connected_to_live_input", protocol, now)
        )
        if protocol != "webrtc" and live.recording.mode == "automatic":
            self._recordings.begin(live)

    def disconnected(self, uid: str, reason: str = "client_disconnect") -> None:
        """The publisher left; the running recording becomes ready. Nothing if nobody was there."""
        live = self.find(uid)
        if live is None or live.status is None or not live.is_live:
            return
        protocol = str(live.status["current"]["ingestProtocol"])
        now = self._clock.now()
        self._store.put_input(live.with_status("disconnected", reason, protocol, now))
        self._recordings.finish(live)

    def _replay(self, known: IdempotencyRow, digest: str) -> StandInLiveInput:
        live = self.find(known.uid)
        if live is None:
            raise errors.idempotency_conflict(
                "the live input created with this idempotency key was deleted"
            )
        if known.body != digest and self._quirks.idempotency_other_body == "conflict":
            raise errors.idempotency_conflict("the idempotency key was used with another body")
        return live

    def _credentials(self, uid: str) -> StandInCredentials:
        def secret() -> str:
            return f"{self._random_hex(16)}k{uid}"

        return StandInCredentials(
            rtmps=secret(),
            rtmps_playback=secret(),
            srt=secret(),
            srt_playback=secret(),
            webrtc=secret(),
            srt_stream_id=self._random_hex(16),
            srt_playback_stream_id=f"play{self._random_hex(16)}",
        )

    def _revoked(self, uid: str) -> None:
        for stop in self.on_revoked:
            stop(uid)
        self.disconnected(uid)
