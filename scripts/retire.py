"""brownie run retire [main] from=OWNER [successor=0x...] [contract=0x...]

Retires a contract for good: it creates no more rooms, and takes no new terms or operators. Open
rooms go on to their end. `successor`: the contract that takes its place, whose room numbers begin
after its last; it is shown as the owner's word, and nobody follows it by itself. Where the record
of the chain names the successor already, `contract=` names the contract to be retired.
Also takes chain=ID, password_file=..., yes, and print=call (then `from` may be an address).
"""

from __future__ import annotations

from chain import calldata, views
from chain.hexes import ZERO_ADDRESS
from scripts.support.chain_reads import read
from scripts.support.cli_args import CliArgs, Stop
from scripts.support.plan import PlannedTransaction, carry_out, target


def main(*given: str) -> None:
    """See above."""
    words = CliArgs(given)
    to = target(words)
    successor = words.address("successor", "none")
    words.done()
    now = read(to.wallet, views.read_creation, to.contract, 0, ZERO_ADDRESS)
    if now.retired and now.successor != successor.lower():
        named = "no successor" if now.successor == ZERO_ADDRESS else now.successor
        raise Stop(f"{to.contract} is retired already, and names {named}: that cannot be changed")
    naming = "naming no successor" if successor == ZERO_ADDRESS else f"naming {successor}"
    step = PlannedTransaction(
        f"retire {to.contract} for good, {naming}: this cannot be taken back",
        calldata.retire(successor),
        done=now.retired,
    )
    carry_out(to, [step], words.yes)
