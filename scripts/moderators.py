"""brownie run moderators FUNCTION words...    (who may take rooms down)

add        from=OWNER account=0x...
remove     from=OWNER account=0x...
take_down  from=MODERATOR room=N reason=1|2|3|4   1 unlawful, 2 rights, 3 abuse, 4 other
show       account=0x...

Each also takes chain=ID, contract=0x..., password_file=..., yes, and if it sends print=call (then
`from` may be an address). Steps already done are skipped.
"""

from __future__ import annotations

from chain import calldata, views
from chain.enums import DETAILS, EndReason, Status
from scripts.support.chain_reads import read
from scripts.support.cli_args import CliArgs, Stop
from scripts.support.plan import PlannedTransaction, carry_out, target
from scripts.support.rooms import existing_room

REASONS = DETAILS[EndReason.TAKEN_DOWN]


def add(*given: str) -> None:
    """Makes an account a moderator."""
    _set(given, True)


def remove(*given: str) -> None:
    """Takes it back."""
    _set(given, False)


def take_down(*given: str) -> None:
    """Ends a room against its host's will; the deposit goes back to the host all the same."""
    words = CliArgs(given)
    to = target(words)
    room_id, reason = words.number("room"), words.number("reason")
    words.done()
    if reason not in REASONS:
        raise Stop(f"reason={reason}: must be one of {REASONS}")
    room = existing_room(to, room_id)
    step = PlannedTransaction(
        f"take down room {room_id} of {room.host}: {REASONS[reason]}",
        calldata.take_down(room_id, reason),
        done=room.status == Status.ENDED,
    )
    carry_out(to, [step], words.yes)


def show(*given: str) -> None:
    """Whether an account is a moderator."""
    words = CliArgs(given)
    to = target(words, sends=False)
    account = words.address("account")
    words.done()
    is_one = read(to.wallet, views.read_is_moderator, to.contract, account)
    print(f"{account} is {'a' if is_one else 'no'} moderator")


def _set(given: tuple[str, ...], allowed: bool) -> None:
    words = CliArgs(given)
    to = target(words)
    account = words.address("account")
    words.done()
    now = read(to.wallet, views.read_is_moderator, to.contract, account)
    text = f"{account} may {'' if allowed else 'no longer '}take rooms down"
    step = PlannedTransaction(text, calldata.set_moderator(account, allowed), done=now == allowed)
    carry_out(to, [step], words.yes)


def main(*given: str) -> None:
    """Whether an account is a moderator."""
    show(*given)
