"""brownie run ownership FUNCTION words...    (transfers the contract, in two steps)

propose  from=OWNER to=0x...     nothing changes until that account accepts; to=none withdraws it
accept   from=NEW_OWNER
show

Each also takes chain=ID, contract=0x..., password_file=..., yes, and if it sends print=call (then
`from` may be an address). Steps already done are skipped.
Propose an account whose key you have used before, preferably a multisig; it must accept itself.
"""

from __future__ import annotations

from chain import calldata, views
from chain.hexes import ZERO_ADDRESS
from scripts.support.chain_reads import read
from scripts.support.cli_args import CliArgs
from scripts.support.plan import PlannedTransaction, Target, carry_out, target


def propose(*given: str) -> None:
    """Offers ownership."""
    words = CliArgs(given)
    to = target(words)
    new = words.address("to")
    words.done()
    text = f"offer ownership to {new}" if new != ZERO_ADDRESS else "withdraw the offer"
    step = PlannedTransaction(
        text, calldata.transfer_ownership(new), done=_pending(to) == new.lower()
    )
    carry_out(to, [step], words.yes)


def accept(*given: str) -> None:
    """Takes ownership over."""
    words = CliArgs(given)
    to = target(words)
    words.done()
    owner = read(to.wallet, views.read_owner, to.contract)
    step = PlannedTransaction(
        f"accept ownership from {owner}",
        calldata.accept_ownership(),
        done=owner == to.wallet.address.lower(),
    )
    carry_out(to, [step], words.yes)


def show(*given: str) -> None:
    """Prints the owner and who may accept ownership."""
    words = CliArgs(given)
    to = target(words, sends=False)
    words.done()
    print(f"owner   {read(to.wallet, views.read_owner, to.contract)}")
    print(f"offered {_pending(to)}")


def main(*given: str) -> None:
    """Prints the owner and who may accept ownership."""
    show(*given)


def _pending(to: Target) -> str:
    return read(to.wallet, views.read_pending_owner, to.contract)
