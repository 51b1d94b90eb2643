"""brownie run deploy [main] from=KEYSTORE chain=ID [owner=0x...] [terms...] [successor=on] [yes]

Deploys LivestreamRooms with its first terms and writes deployments/<chain id>.json. `owner` is the
sender unless given. Terms: deposit, fee, max_room, deadline, max_open, max_events, cooldown
(see terms.py). `chain` is the id of the chain you mean: on any other the script stops.
Run again, it deploys nothing. `successor=on` deploys a successor, which continues the room numbers
of the existing contract, whose creation of rooms must be paused.
"""

from __future__ import annotations

from scripts.deployment import DEFAULT_TERMS, Plan, deploy, standing, successor_first_room_id
from scripts.support.chain_reads import chain_id
from scripts.support.cli_args import CliArgs, Stop
from scripts.support.plan import agree
from scripts.support.terms_text import read_terms, tell_terms
from scripts.support.wallet import open_wallet


def main(*given: str) -> None:
    """See above."""
    words = CliArgs(given)
    wallet = open_wallet(words)
    network = chain_id(wallet)
    if words.number("chain") != network:
        raise Stop(f"this network is chain {network}, not {words.number('chain')}")
    owner = words.address("owner", wallet.address)
    terms = read_terms(words, DEFAULT_TERMS)
    replace = words.has("successor") and words.switch("successor")
    words.done()
    former = standing(wallet)
    first = 1
    if former is not None and replace:
        first = successor_first_room_id(wallet, former["address"])
    if former is None or replace:
        print(f"chain {network}: deploy LivestreamRooms from {wallet.address}")
        print(f"  owner {owner}, first room {first}")
        print(f"  terms: {tell_terms(terms)}")
        agree(words.yes, "deploy?")
    deploy(wallet, Plan(owner, terms, first), replace=replace)
