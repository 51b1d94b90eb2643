"""How often one client, wallet or link may ask, counted for all workers together.

Promises: entries and refused entries of a client are counted apart, so that a class that enters
from one address is not kept out by one of it who tries a broken link; whoever has used up either
is refused before anything is read. A wallet and a link are counted once their signature held: no
stranger uses up theirs. Everything else of a client is counted where it comes in.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TypeVar

from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from common.settings import PlaybackSettings
from common.web.problems import Problem
from common.web.rate_limits import Allowance, client, storage_uri

T = TypeVar("T")
# Refusals of those who have the right: they wait, and come again.
_WAITING = frozenset({
    "rate-limited", "seats-taken", "door-closed", "link-waits", "host-must-return",
    "invitation-early", "room-public", "room-ended",
})  # fmt: skip


class PlaybackLimits:
    """`entered` makes it a `playback.proofs.EntryLimits`. `counters`: as `storage_uri`."""

    def __init__(
        self, settings: PlaybackSettings, counters: str | None, now: Callable[[], float]
    ) -> None:
        limiter = FixedWindowRateLimiter(storage_from_string(storage_uri(counters)))

        def of(limit: str, kind: str, what: str) -> Allowance:
            return Allowance(limiter, limit, kind, what, now)

        self._entries = of(settings.playback_entry_rate_limit, "entry", "entries")
        self._failures = of(settings.playback_failure_rate_limit, "failure", "refused entries")
        self._others = of(settings.playback_rate_limit, "other", "")
        wallets = of(settings.playback_wallet_rate_limit, "wallet", "entries of this wallet")
        self._subjects = {
            "wallet": wallets,
            "host": wallets,
            "link": of(settings.playback_link_rate_limit, "link", "entries by this link"),
            "proof": of(
                settings.playback_proof_rate_limit, "proof", "signatures of contract wallets"
            ),
        }

    def entered(self, kind: str, key: str) -> None:
        self._subjects[kind].take(f"{kind} {key}")

    def asked(self) -> None:
        """Anything but an entry. Raises `Problem`."""
        self._others.take(client())

    def entering(self, act: Callable[[], T]) -> T:
        """What `act` answers, which proves something. Raises `Problem`."""
        who = client()
        for allowance in (self._failures, self._entries):
            if not allowance.left(who):
                raise allowance.refused(who)
        try:
            found = act()
        except Problem as problem:
            if problem.slug not in _WAITING and not problem.slug.endswith("-unavailable"):
                with contextlib.suppress(Problem):
                    self._failures.take(who)
            raise
        self._entries.take(who)
        return found
