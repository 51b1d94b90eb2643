"""The bytes of a call of the contract, as they go on the wire."""

from __future__ import annotations

from collections.abc import Callable

from chain import calldata as calls
from chain.contract import livestream_rooms
from tests.support.rulebook.turn import ContractCall

BUILDERS: dict[str, Callable[..., bytes]] = {
    "createRoom": calls.create_room,
    "updateRoom": calls.update_room,
    "describeRoom": calls.describe_room,
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
    "setOperatorPayee": calls.set_operator_payee,
    "setOperatorEnabled": calls.set_operator_enabled,
    "setTerms": calls.set_terms,
    "setModerator": calls.set_moderator,
    "setPaused": calls.set_paused,
    "retire": calls.retire,
    "transferOwnership": calls.transfer_ownership,
    "acceptOwnership": calls.accept_ownership,
    "renounceOwnership": lambda: livestream_rooms().encode("renounceOwnership"),
}
"""Every function that changes anything."""

BATCHES = ("fulfill", "decline", "release", "expire")
"""They answer how many entries took effect."""


def calldata(call: ContractCall) -> bytes:
    """What the caller sends."""
    return BUILDERS[call.name](*call.args)
