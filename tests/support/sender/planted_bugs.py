"""Bugs to be planted into the sender, each one a mistake that relayers have really made.

Each patches the product through pytest's monkeypatch. The sender's simulation must find every one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chain.send import broadcast, decide, fees, nonce_gate
from chain.send.broadcast import Broadcaster
from chain.send.model import SendRequest, SendState
from chain.send.txpool_errors import TxpoolRefusal, classify_refusal

Patch = pytest.MonkeyPatch


def lost_answer_means_not_sent(patch: Patch) -> None:
    """A broadcast without an answer is begun anew, on a nonce of its own."""
    offer = Broadcaster.offer

    async def hasty(self: Broadcaster, row: SendRequest) -> SendRequest:
        self.blocked = None
        row = await offer(self, row)
        if row.state is SendState.SIGNED and str(self.blocked).startswith("no answer"):
            await self._store.save(replace(row, state=SendState.QUEUED, nonce=None, attempts=()))
        return row

    patch.setattr(Broadcaster, "offer", hasty)


def next_nonce_is_the_nodes_pending_one(patch: Patch) -> None:
    """The node's pool is asked for the next nonce, also when it has forgotten some of ours."""

    def asked(held: set[int], view: Any, _floor: int) -> int:
        nonce = int(view.pending_nonce)
        while nonce in held:
            nonce += 1
        return nonce

    patch.setattr(decide, "free_nonce", asked)


def gap_is_left(patch: Patch) -> None:
    """A nonce that nobody uses any more is not filled."""
    patch.setattr(decide, "gaps", lambda *_: [])
    patch.setattr(nonce_gate.NonceGate, "gap", lambda *_: None)
    patch.setattr(
        decide,
        "free_nonce",
        lambda held, view, floor: max([view.mined_nonce, floor, *(n + 1 for n in held)]),
    )


def mined_is_final(patch: Patch) -> None:
    """The first receipt ends it; a reorg may take it back unseen."""
    confirm = decide._mined

    def naive(row: SendRequest, mined: Any, kind: str, view: Any) -> SendRequest:
        return confirm(row, mined, kind, replace(view, finalized=mined.block_number))

    patch.setattr(decide, "_mined", naive)


def dropped_is_not_sent_again(patch: Patch) -> None:
    """What a node once took is taken to be there for ever."""
    step = decide.next_step

    def trusting(row: SendRequest, *rest: Any) -> Any:
        what, fees = step(row, *rest)
        taken = row.last.sent_at is not None and row.last.tried_at is not None
        return (
            (decide.SendStep.WAIT, None)
            if what is decide.SendStep.OFFER and taken
            else (what, fees)
        )

    patch.setattr(decide, "next_step", trusting)


def never_bumped(patch: Patch) -> None:
    """The fee of the first attempt stands."""
    patch.setattr(decide, "_wants_attempt", lambda *_: False)


def already_known_is_a_failure(patch: Patch) -> None:
    """A node that has the bytes already is taken to refuse them."""

    def strict(text: str) -> TxpoolRefusal:
        found = classify_refusal(text)
        return TxpoolRefusal.FATAL if found is TxpoolRefusal.KNOWN else found

    patch.setattr(broadcast, "classify_refusal", strict)


def underpriced_raises_nothing(patch: Patch) -> None:
    """What a node calls underpriced is offered again as it is."""
    patch.setattr(decide, "demanded", lambda *_, **__: None)


def suggestion_is_believed(patch: Patch) -> None:
    """The tip that a node suggests is paid, whatever it is."""
    patch.setattr(fees, "tip_of", lambda policy, tip: max(policy.min_tip, tip))


Bug = Callable[[Patch], None]
PLANTED: tuple[Bug, ...] = (
    lost_answer_means_not_sent,
    next_nonce_is_the_nodes_pending_one,
    gap_is_left,
    mined_is_final,
    dropped_is_not_sent_again,
    never_bumped,
    already_known_is_a_failure,
    underpriced_raises_nothing,
    suggestion_is_believed,
)

FIRST: dict[Bug, int] = {
    next_nonce_is_the_nodes_pending_one: 484,
}
"""For a rare one the first history that finds them: where to look before anywhere else."""
