"""A call of the contract as a value: which function, with what, from whom.

Promises: `Call.data` is what goes on the wire; `Call` prints well when a test fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from chain import calls

BUILDERS: dict[str, Callable[..., bytes]] = {
    "createRoom": calls.create_room,
    "updateRoom": calls.update_room,
    "rekeyRoom": calls.rekey_room,
    "transferRoom": calls.transfer_room,
    "acceptRoom": calls.accept_room,
    "endRoom": calls.end_room,
    "withdrawTo": calls.withdraw_to,
    "fulfill": calls.fulfill,
    "decline": calls.decline,
    "release": calls.release,
    "setOperatorAccepting": calls.set_operator_accepting,
    "expire": calls.expire,
    "takeDown": calls.take_down,
    "addOperator": calls.add_operator,
    "setOperatorAccount": calls.set_operator_account,
    "setOperatorEnabled": calls.set_operator_enabled,
    "setTerms": calls.set_terms,
    "setModerator": calls.set_moderator,
    "setPaused": calls.set_paused,
    "transferOwnership": calls.transfer_ownership,
    "acceptOwnership": calls.accept_ownership,
    "renounceOwnership": lambda: calls.call("renounceOwnership", ()),
}
"""Every function that changes anything."""

BATCHES = ("fulfill", "decline", "release", "expire")
"""They answer how many entries took effect."""


class Call(NamedTuple):
    """`args` as the builder in `chain.calls` takes them."""

    sender: str
    name: str
    args: tuple[Any, ...] = ()
    value: int = 0

    @property
    def data(self) -> bytes:
        return BUILDERS[self.name](*self.args)
