"""brownie run ownership FUNCTION words...    (hands the contract over, in two steps)

propose  from=OWNER to=0x...     nothing changes until the other account accepts; to=none takes back
accept   from=NEW_OWNER
show

Each also takes chain=ID, contract=0x..., password_file=..., yes. What holds already is not sent.
Propose to an account whose key you have used before, best a multisig; it has to accept itself.
"""

from __future__ import annotations

from chain import calldata, views
from chain.hexes import ZERO_ADDRESS
from scripts.support.chainread import read
from scripts.support.cli_args import Words
from scripts.support.plan import Step, Target, carry_out, target


def propose(*given: str) -> None:
    """Offers ownership."""
    words = Words(given)
    to = target(words)
    new = words.address("to")
    words.done()
    text = f"offer ownership to {new}" if new != ZERO_ADDRESS else "take the offer back"
    step = Step(text, calldata.transfer_ownership(new), done=_pending(to) == new.lower())
    carry_out(to, [step], words.yes)


def accept(*given: str) -> None:
    """Takes ownership over."""
    words = Words(given)
    to = target(words)
    words.done()
    owner = read(to.wallet, views.read_owner, to.contract)
    step = Step(
        f"take ownership over from {owner}",
        calldata.accept_ownership(),
        done=owner == to.wallet.address.lower(),
    )
    carry_out(to, [step], words.yes)


def show(*given: str) -> None:
    """Prints the owner and who may accept ownership."""
    words = Words(given)
    to = target(words, sends=False)
    words.done()
    print(f"owner   {read(to.wallet, views.read_owner, to.contract)}")
    print(f"offered {_pending(to)}")


def main(*given: str) -> None:
    """Prints the owner and who may accept ownership."""
    show(*given)


def _pending(to: Target) -> str:
    return read(to.wallet, views.read_pending_owner, to.contract)
