"""Whether a further nonce may be taken now, and whether a gap must be filled.

Promises: reasons in words for an operator; patience is measured here, in memory.
On restart: patience starts anew, which costs at most `patience_seconds`.
"""

from __future__ import annotations

from collections.abc import Sequence

from chain.send import decide
from chain.send.fees import SendPolicy, affordable
from chain.send.model import ChainView, SendRequest, SendState
from common.clock import Clock


class NonceGate:
    """Remembers since when unknown transactions are pending, and since when a gap exists."""

    def __init__(self, clock: Clock, policy: SendPolicy) -> None:
        self._clock = clock
        self._policy = policy
        self._unknown_since: tuple[int, float] | None = None
        self._gap_since: tuple[int, float] | None = None

    def closed(self, rows: Sequence[SendRequest], view: ChainView, floor: int) -> str | None:
        """Why no further nonce may be taken now; None: go on."""
        if not affordable(self._policy, view.base_fee):
            return decide.too_dear(view, self._policy)
        if view.mined_nonce < floor:
            return (
                f"the node knows {view.mined_nonce} transactions of this account, but {floor} are"
                " final: it lags, or this database belongs to another chain"
            )
        held = {row.held_nonce for row in rows}
        if decide.gaps(held, view, floor):
            # The lowest free nonce is one that all the others wait for.
            return None
        for row in rows:
            if row.state is SendState.SIGNED:
                return decide.not_accepted(row, view, self._policy)
        if not decide.unknown_pending(held, view, floor):
            self._unknown_since = None
            return None
        # Transactions of this account that we do not know: ours of before the store was lost, or
        # the operator's own. They get time; then their nonces are taken.
        now = self._clock.now()
        if self._unknown_since is None or self._unknown_since[0] != view.mined_nonce:
            self._unknown_since = (view.mined_nonce, now)
        if now - self._unknown_since[1] < self._policy.patience_seconds:
            return "unknown transactions of this account are pending: waiting before reusing nonces"
        return None

    def gap(self, held: set[int], view: ChainView, floor: int) -> int | None:
        """The nonce to fill, once it has been missing for long; None: there is none yet."""
        missing = decide.gaps(held, view, floor)
        if not missing:
            self._gap_since = None
            return None
        now = self._clock.now()
        if self._gap_since is None or self._gap_since[0] != missing[0]:
            self._gap_since = (missing[0], now)
        if now - self._gap_since[1] < self._policy.patience_seconds:
            return None
        return missing[0]
