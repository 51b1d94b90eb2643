"""What was taken back, and since when the records reach, at most a second old.

Promises: `revoked` and `waits` decide by the store's records of the last `MAX_AGE`; a change made
through this process is seen at once. A delegation of before the records began waits until its host
has been back (`wait_for_hosts`), since what it had revoked may be lost with the former records.
On restart: the first question reads.
"""

from __future__ import annotations

from collections.abc import Sequence

from common.clock import Clock
from playback.index_view import Fresh
from playback.store import PlaybackStore, ScopeRevocations


class Records:
    """`host`: lower case; `scope`: its text."""

    def __init__(self, store: PlaybackStore, clock: Clock, *, wait_for_hosts: bool) -> None:
        self._store = store
        self._wait_for_hosts = wait_for_hosts
        self._scopes: Fresh[tuple[str, str], ScopeRevocations] = Fresh(clock, self._read)
        self._since: Fresh[None, int] = Fresh(clock, lambda _: store.since(int(clock.now())))

    def since(self) -> int:
        """When the records began. Raises `StoreUnavailable`, as all of these."""
        return self._since.get(None)

    def of(self, host: str, scope: str) -> ScopeRevocations:
        self.since()  # makes the beginning of new records before anything else is read of them
        return self._scopes.get((host, scope))

    def waits(self, known: ScopeRevocations, delegation: str, granted: int) -> bool:
        """Whether the delegation waits for its host to be back."""
        return self._wait_for_hosts and granted < self.since() and delegation not in known.returned

    def revoke_links(self, host: str, scope: str, links: Sequence[str]) -> None:
        self._store.revoke_links(host, scope, links)
        self._scopes.forget((host, scope))

    def withdraw(self, host: str, scope: str, delegation: str | None, before: int) -> None:
        self._store.withdraw(host, scope, delegation, before)
        self._scopes.forget((host, scope))

    def returned(self, host: str, scope: str, delegation: str) -> None:
        self._store.host_returned(host, scope, delegation)
        self._scopes.forget((host, scope))

    def _read(self, key: tuple[str, str]) -> ScopeRevocations:
        return self._store.revocations(*key, self._scopes.old(key))
