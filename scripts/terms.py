"""brownie run terms FUNCTION words...    (what hosting costs and what bounds it)

set   from=OWNER [deposit=0.001ether] [fee=100000gwei] [max_room=24h] [deadline=30m] [max_open=5]
      [max_events=60] [cooldown=60s]      for rooms created from now on; the rest stays as it is
show  every terms there were

Each also takes chain=ID, contract=0x..., password_file=..., yes, and if it sends print=call (then
`from` may be an address). Steps already done are skipped.
"""

from __future__ import annotations

from chain import calldata, views
from scripts.support.chain_reads import read
from scripts.support.cli_args import CliArgs
from scripts.support.plan import PlannedTransaction, carry_out, target
from scripts.support.terms_text import read_terms, tell_terms


def set(*given: str) -> None:
    """Sets terms."""
    words = CliArgs(given)
    to = target(words)
    current = read(to.wallet, views.read_current_terms_id, to.contract)
    now = read(to.wallet, views.read_terms, to.contract, current)
    wanted = read_terms(words, now)
    words.done()
    print(f"terms {current} now: {tell_terms(now)}")
    step = PlannedTransaction(
        f"new terms: {tell_terms(wanted)}", calldata.set_terms(wanted), done=wanted == now
    )
    carry_out(to, [step], words.yes)


def show(*given: str) -> None:
    """Prints all terms."""
    words = CliArgs(given)
    to = target(words, sends=False)
    words.done()
    current = read(to.wallet, views.read_current_terms_id, to.contract)
    for number in range(1, current + 1):
        terms = read(to.wallet, views.read_terms, to.contract, number)
        print(f"terms {number}{' (current)' if number == current else ''}: {tell_terms(terms)}")


def main(*given: str) -> None:
    """Prints all terms."""
    show(*given)
