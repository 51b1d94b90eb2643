"""Recordings of BROADCAST inputs.

Promises: a recording per broadcast, `live-inprogress` while it runs; retention days are kept on
the stand-in's clock; a recording outlives its input and must be deleted by itself.
Assumes: no media is kept; `StandInRecordings` is about the list that clients read.
On restart: recordings in progress become ready (`LiveInputs` says so).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from localnet.stream import errors
from localnet.stream.clock import StandInClock
from localnet.stream.model import StandInLiveInput
from localnet.stream.store import StandInStore
from localnet.stream.video import LIVE, READY, StandInVideo

_DAY = 86400.0
_BYTES_PER_SECOND = 250_000


class StandInRecordings:
    """The videos of every account."""

    def __init__(
        self, store: StandInStore, clock: StandInClock, random_hex: Callable[[int], str]
    ) -> None:
        self._store = store
        self._clock = clock
        self._random_hex = random_hex
        self.on_deleted: list[Callable[[str], None]] = []

    def begin(self, live: StandInLiveInput) -> StandInVideo:
        """A broadcast began."""
        now = self._clock.now()
        video = StandInVideo(
            uid=self._random_hex(16),
            account=live.account,
            base=live.base,
            live_input=live.uid,
            created=now,
            modified=now,
            state=LIVE,
            meta={"name": self._name(live)},
            require_signed_urls=live.recording.require_signed_urls,
            allowed_origins=live.recording.allowed_origins,
            creator=live.default_creator,
        )
        self._store.put_video(video)
        return video

    def finish(self, live: StandInLiveInput, duration: float | None = None) -> None:
        """The broadcast ended: its recording is ready (a real one takes about a minute)."""
        now = self._clock.now()
        for video in self._store.videos(live.account, live.uid):
            if video.state == LIVE:
                length = now - video.created if duration is None else duration
                days = live.delete_recording_after_days
                self._store.put_video(
                    replace(
                        video,
                        state=READY,
                        modified=now,
                        ready_at=now,
                        duration=round(length, 3),
                        size=int(length * _BYTES_PER_SECOND),
                        scheduled_deletion=None if days is None else now + days * _DAY,
                    )
                )

    def list(self, account: str, live_input: str | None = None) -> list[StandInVideo]:
        """Newest first; what is past its retention is gone."""
        return list(self._kept(self._store.videos(account, live_input)))

    def get(self, account: str, uid: str) -> StandInVideo:
        """Raises ApiError 404/10003."""
        found = self._store.video(uid)
        if found is None or found.account != account or not self._kept([found]):
            raise errors.not_found()
        return found

    def current(self, live_input: str) -> StandInVideo | None:
        """The recording in progress of an input."""
        for video in self._store.videos(None, live_input):
            if video.state == LIVE:
                return video
        return None

    def delete(self, account: str, uid: str) -> None:
        """Raises ApiError 404/10003, or 409/10046 while the broadcast runs."""
        if self.get(account, uid).state == LIVE:
            raise errors.video_is_live()
        self._drop([uid])

    def _kept(self, videos: Sequence[StandInVideo]) -> Sequence[StandInVideo]:
        """Those whose retention has not run out; the others are deleted."""
        now = self._clock.now()
        gone = [
            video.uid
            for video in videos
            if video.scheduled_deletion is not None and video.scheduled_deletion <= now
        ]
        if gone:
            self._drop(gone)
        return [video for video in videos if video.uid not in gone]

    def _drop(self, uids: Sequence[str]) -> None:
        self._store.drop_videos(uids)
        for uid in uids:
            for forget in self.on_deleted:
                forget(uid)

    def _name(self, live: StandInLiveInput) -> str:
        name = (live.meta or {}).get("name", "")
        at = self._clock.now()
        return f"{name} {at:.0f}".strip()
