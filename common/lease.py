"""One holder at a time: a row that its holder renews, and that others watch.

Promises
1. At most one process holds the lease at a time, without anybody's wall clock: a watcher takes it
   over only after it saw the same beat for a whole `seconds` of its own monotonic time, or if the
   holder's process is known to be dead (`common.process`: same machine, killed).
2. `covers(s)` is true only while nobody else can have taken it for `s` more seconds; it is asked
   before every effect with that effect's time-out.
3. A silent holder is replaced within `seconds` plus two watch intervals (a beat may be as old as
   one when it is seen, and its end as old as another): 14 s of the longest lease that the settings
   allow. One that stops in order releases the lease, and the next holder need not wait.
4. `token` rises with every change of holder.
5. `step(ask=True)` asks the holder to let go, and others to leave it to us. The wish is renewed by
   each such step and withdrawn once it is served or released. One that nobody renews has no effect
   on the holder, and is over for those who see it for `seconds`, at once if its asker is dead. A
   second asker waits until the first one's wish is over.
6. The holder of an older version's row is watched in the same way, never ignored, and `older` tells
   that it is one; it is not asked to let go.

Assumes: the store's conditional update is atomic and durable; monotonic clocks of two machines run
equally fast to one per cent and do not stand still while a process is stopped; what a dead process
had sent is harmless to its successor. `step` is called every `pause_seconds`. Fences of last resort
are the users': a version, a nonce, the writer's name.
On restart: a process has a fresh name, so its former life counts as another holder, and a dead one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, NamedTuple, Protocol, TypeVar

import structlog
from pymongo.errors import PyMongoError

from common import process
from common.clock import Clock, within

log = structlog.get_logger(__name__)

LET_GO_SECONDS = 2.0
"""How long a process that ends waits for its lease to be released."""
_CLOCK_MARGIN = 0.99
T = TypeVar("T")


class LeaseWish(NamedTuple):
    """Somebody asks for the lease. `beat` rises as long as they do."""

    by: str
    beat: int


@dataclass(frozen=True, slots=True)
class LeaseRecord:
    """The stored lease. `holder` None: released. `beat` changes with every renewal.

    `older`: an older version wrote it.
    """

    name: str
    holder: str | None
    token: int
    beat: float
    wish: LeaseWish | None = None
    older: bool = False


class LeaseStore(Protocol):
    """One row per lease."""

    async def read(self, name: str) -> LeaseRecord | None: ...

    async def swap(self, before: LeaseRecord | None, after: LeaseRecord) -> bool:
        """Write holder, token and beat of `after` if the row's are still those of `before`; False
        if they are not. A wish stays as it is."""
        ...

    async def wish(self, name: str, before: str | None, after: LeaseWish | None) -> bool:
        """Write `after` if the wish is still by `before` (None: there is none)."""
        ...


class Lease:
    """See the module. `seconds`: how long a silent holder keeps it."""

    def __init__(
        self,
        store: LeaseStore,
        name: str,
        holder: str,
        seconds: float,
        clock: Clock,
        *,
        is_dead: Callable[[str], bool] = process.is_dead,
    ) -> None:
        self.name = name
        self.holder = holder
        self.seconds = seconds
        self._store = store
        self._clock = clock
        self._is_dead = is_dead
        self._mine: LeaseRecord | None = None
        self._held_until = float("-inf")
        self._asks = False
        self._seen: _Sighting[LeaseRecord] = _Sighting(clock)
        self._wish: _Sighting[LeaseWish] = _Sighting(clock)

    @property
    def renew_seconds(self) -> float:
        """How often its holder is to call `step`: six renewals fit into a lease."""
        return self.seconds / 6

    @property
    def pause_seconds(self) -> float:
        """When to call `step` again: whoever watches looks twice as often as the holder renews, and
        so does a holder who sees a wish."""
        quiet = self.held and self._wish.value is None
        return self.renew_seconds if quiet else self.seconds / 12

    @property
    def held(self) -> bool:
        """Whether this process holds it now."""
        return self.covers(0.0)

    @property
    def token(self) -> int:
        """The fencing token of our hold; 0 if we hold nothing."""
        return self._mine.token if self._mine is not None else 0

    @property
    def other(self) -> str | None:
        """Who holds it, where it is not us, for a person to read."""
        seen = self._seen.value
        if seen is None or seen.holder is None or self.held:
            return None
        return process.describe(seen.holder)

    @property
    def older(self) -> bool:
        """Whether that one is of an older version."""
        return self.other is not None and self._seen.value is not None and self._seen.value.older

    def covers(self, seconds: float) -> bool:
        """Whether it is surely ours for `seconds` more."""
        return self._mine is not None and self._clock.monotonic() + seconds < self._held_until

    async def step(self, *, ask: bool = False) -> bool:
        """Renew it, or look whether it is free; True if it is ours. Raises the store's errors.

        `ask`: if it is not free, say that we want it.
        """
        if not await self._renewed_or_taken(ask):
            return False
        await self._withdraw()
        return True

    async def asked(self) -> str | None:
        """Who asks for it, for a person to read: somebody whom we saw renew the wish since we
        looked last. A wish that is over is removed. Raises the store's errors."""
        before, began = self._wish.value, self._clock.monotonic()
        found = await self._store.read(self.name)
        if found is None or found.wish is None or found.wish.by == self.holder:
            self._wish.forget()
            return None
        wish = found.wish
        if self._wish.age(wish, began) >= self.seconds or self._is_dead(wish.by):
            self._wish.forget()
            await self._store.wish(self.name, wish.by, None)
            return None
        renewed = before is not None and before.by == wish.by and before.beat != wish.beat
        return process.describe(wish.by) if renewed else None

    async def keep(self) -> None:
        """Renew it until it is lost. A store that fails is tried again as long as it lasts."""
        token = self.token
        while self.held and self.token == token:
            await self._clock.sleep(self.pause_seconds)
            try:
                await self.step()
            except PyMongoError:
                continue

    async def release(self) -> None:
        """Give it up in order, and a wish of ours; nothing happens if it is not ours."""
        mine, self._mine = self._mine, None
        self._held_until = float("-inf")
        if mine is not None:
            await self._store.swap(mine, replace(mine, holder=None, beat=mine.beat + 1))
        await self._withdraw()

    async def let_go(self) -> None:
        """Release it on the way out. If the database does not answer, it runs out by itself."""
        try:
            await within(self._clock, LET_GO_SECONDS, self.release())
        except (TimeoutError, PyMongoError) as error:
            log.warning("lease not released", error=type(error).__name__)

    async def _renewed_or_taken(self, ask: bool) -> bool:
        if self._mine is not None and await self._renew(self._mine):
            return True
        began = self._clock.monotonic()
        found = await self._store.read(self.name)
        if found is not None and found.holder == self.holder:
            # A write of ours whose answer was lost. Others may have seen that beat for long, so
            # only the next beat counts.
            return await self._renew(found)
        self._mine, self._held_until = None, float("-inf")
        if self._is_free(found, began):
            return await self._take(found)
        if ask and found is not None and not found.older:
            await self._ask(found)
        return False

    def _is_free(self, found: LeaseRecord | None, began: float) -> bool:
        if found is None:
            return True
        beat = replace(found, wish=None)
        silent = self._seen.age(beat, began) >= self.seconds
        held = found.holder is not None and not silent and not self._is_dead(found.holder)
        wish = self._wish_of_another(found)
        if wish is None:
            self._wish.forget()
            return not held
        left_alone = self._wish.age(wish, began) >= self.seconds
        return not held and left_alone

    def _wish_of_another(self, found: LeaseRecord | None) -> LeaseWish | None:
        """The row's wish, unless it is ours or a dead process's."""
        wish = found.wish if found is not None else None
        if wish is None or wish.by == self.holder or self._is_dead(wish.by):
            return None
        return wish

    async def _ask(self, found: LeaseRecord) -> None:
        """Say or renew our wish, unless it is another asker's turn."""
        there = found.wish
        if self._wish.value is None or self._wish.seconds >= self.seconds:
            beat = there.beat + 1 if there is not None else 0
            self._asks = True
            before = there.by if there is not None else None
            await self._store.wish(self.name, before, LeaseWish(self.holder, beat))

    async def _withdraw(self) -> None:
        if self._asks:
            await self._store.wish(self.name, self.holder, None)
            self._asks = False

    async def _take(self, found: LeaseRecord | None) -> bool:
        token = found.token + 1 if found is not None else 1
        return await self._write(found, LeaseRecord(self.name, self.holder, token, 0))

    async def _renew(self, mine: LeaseRecord) -> bool:
        return await self._write(mine, replace(mine, beat=mine.beat + 1))

    async def _write(self, before: LeaseRecord | None, after: LeaseRecord) -> bool:
        began = self._clock.monotonic()
        written = await self._store.swap(before, after)
        self._seen.forget()
        if written:
            # Counted from before the write: nobody can have seen this beat earlier.
            self._mine, self._held_until = after, began + self.seconds * _CLOCK_MARGIN
        return written


class _Sighting(Generic[T]):
    """For how long we have seen the same value, by our own monotonic clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since = 0.0
        self.value: T | None = None
        self.seconds = 0.0

    def age(self, value: T, asked: float) -> float:
        """Seconds that `value` has been there, `asked` being when we asked for it."""
        if self.value != value:
            # Counted from after the answer: it may be as young as that.
            self.value, self._since = value, self._clock.monotonic()
        self.seconds = max(0.0, asked - self._since)
        return self.seconds

    def forget(self) -> None:
        self.value, self.seconds = None, 0.0
