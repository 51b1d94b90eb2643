"""What a successor takes over from the contract before it, and what has to be set anew.

Promises: reads only; stops unless creation has ended there, since a successor's first room number
follows the last one.
"""

from __future__ import annotations

from typing import NamedTuple

from chain import views
from chain.calldata import Terms
from chain.event_codec import BY_TYPE, decode
from chain.events import ModeratorChanged
from chain.hexes import ZERO_ADDRESS
from chain.identity import read_first_room_id
from scripts.support.chain_reads import read
from scripts.support.cli_args import Stop
from scripts.support.deployment_records import DeploymentRecord
from scripts.support.room_events import find_logs
from scripts.support.wallet import Wallet


class Predecessor(NamedTuple):
    """`operators`: those not revoked; `moderators`: None if they are not known."""

    address: str
    block: int
    owner: str
    terms: Terms
    next_room_id: int
    retired: bool
    operators: dict[int, views.OperatorView]
    moderators: list[str] | None


def read_predecessor(wallet: Wallet, record: DeploymentRecord) -> Predecessor:
    """The contract that stands. Stops while it still creates rooms."""
    address = record["address"]
    now = read(wallet, views.read_creation, address, 0, ZERO_ADDRESS)
    if not (now.paused or now.retired):
        raise Stop("the predecessor still accepts rooms: brownie run pause main switch=on")
    first = read(wallet, read_first_room_id, address)
    count = read(wallet, views.read_operator_count, address)
    operators = {n: read(wallet, views.read_operator, address, n) for n in range(1, count + 1)}
    return Predecessor(
        address, record["block"],
        read(wallet, views.read_owner, address),
        now.terms,
        first + read(wallet, views.read_room_count, address),
        now.retired,
        {n: one for n, one in operators.items() if one.account != ZERO_ADDRESS},
        _moderators(wallet, record),
    )  # fmt: skip


def _moderators(wallet: Wallet, record: DeploymentRecord) -> list[str] | None:
    try:
        logs = find_logs(
            wallet, record["address"], record["block"], [BY_TYPE[ModeratorChanged].topic0]
        )
    except Stop:
        return None
    allowed = {}
    for log in logs:
        event = decode(log)
        if isinstance(event, ModeratorChanged):
            allowed[event.account] = event.allowed
    return [account for account, may in allowed.items() if may]
