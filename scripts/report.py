"""brownie run report [main] [contract=0x... block=N]

Reports on the deployment on the connected chain: does its code come from this source; who owns it;
which operators, terms and moderators it has; does its history hash match its events; does it hold
what it owes. Sends nothing. The exit code is 1 if anything is wrong.
"""

from __future__ import annotations

from chain.hexes import ZERO_ADDRESS
from chain.units import in_ether
from scripts.support.cli_args import CliArgs, Stop
from scripts.support.findings import Findings, inspect
from scripts.support.plan import target
from scripts.support.terms_text import tell_terms


def main(*given: str) -> None:
    """See above."""
    words = CliArgs(given)
    to = target(words, sends=False)
    words.done()
    findings = inspect(to.wallet, to.contract, to.block)
    tell(findings)
    if findings.wrong:
        raise Stop(f"{len(findings.wrong)} thing(s) wrong")


def tell(f: Findings) -> None:
    """Print the findings."""
    print(f"contract    {f.contract} on chain {f.chain}, read at block {f.block}")
    print(f"code        {f.code or 'matches what the source here compiles to'}")
    print(f"owner       {f.owner}{_offered(f.pending_owner)}")
    print(f"creation    {_creation(f)}")
    print(f"rooms       {f.room_count}, numbered from {f.first_room_id}")
    for number, operator in f.operators.items():
        who = "revoked" if operator.account == ZERO_ADDRESS else operator.account
        switches = f"accepting {operator.accepting}, enabled {operator.enabled}"
        print(f"operator {number:2} {who}, payee {operator.payee}, {switches},")
        print(f"            {operator.playback_base}")
    for number, terms in f.terms.items():
        print(f"terms {number:5} {tell_terms(terms)}")
    print(f"moderators  {', '.join(f.moderators) or 'none'}")
    agrees = "agrees with" if f.history_agrees else "DIFFERS FROM"
    print(
        f"history     {f.events} events, 0x{f.history.hex()}, {agrees} the {f.folded} events read"
    )
    print(f"holds       {in_ether(f.balance)}")
    print(f"owes        {in_ether(f.deposits)} deposits, {in_ether(f.fees)} fees of pending rooms,")
    print(f"            {in_ether(f.credits)} credits; {in_ether(f.spare)} over")
    for line in f.wrong:
        print(f"WRONG       {line}")


def _creation(f: Findings) -> str:
    if not f.retired:
        return "paused" if f.paused else "open"
    named = "no successor" if f.successor == ZERO_ADDRESS else f"{f.successor} as its successor"
    return f"retired; the owner names {named}"


def _offered(pending: str) -> str:
    return "" if pending == ZERO_ADDRESS else f" (offered to {pending})"
