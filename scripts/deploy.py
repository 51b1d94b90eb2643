"""brownie run deploy [main] from=KEYSTORE chain=ID [owner=0x...] [terms...] [successor=on]
                          [retire=on] [yes] [print=call]

Deploys LivestreamRooms with its first terms and writes deployments/<chain id>.json. `owner` is the
sender unless given. Terms: deposit, fee, max_room, deadline, max_open, max_events, cooldown
(see terms.py). `chain` is the id of the chain you mean: on any other the script stops.
Run again, it deploys nothing. `successor=on` deploys a successor, which takes over owner, current
terms and room numbers from the existing contract, unless other owner or terms are given. Creation
of rooms must be paused there. It prints the operators and moderators to be set anew; `retire=on`
retires the existing contract, whose owner must be the sender, and names the successor there.
print=call prints the creation instead of sending it (then `from` may be an address).
"""

from __future__ import annotations

from chain import abi, calldata
from scripts.deployment import (
    DEFAULT_TERMS,
    Plan,
    constructor_arguments,
    deploy,
    refusal,
    standing,
)
from scripts.support.chain_reads import chain_id
from scripts.support.cli_args import CliArgs, Stop
from scripts.support.deployment_records import DeploymentRecord
from scripts.support.plan import PlannedTransaction, Target, agree, carry_out, prints_call
from scripts.support.predecessor import Predecessor, read_predecessor
from scripts.support.printed_call import print_call
from scripts.support.terms_text import read_terms, tell_terms
from scripts.support.wallet import Wallet, open_wallet


def main(*given: str) -> None:
    """See above."""
    words = CliArgs(given)
    prints = prints_call(words)
    wallet = open_wallet(words, signs=not prints)
    network = chain_id(wallet)
    if words.number("chain") != network:
        raise Stop(f"this network is chain {network}, not {words.number('chain')}")
    replace = words.has("successor") and words.switch("successor")
    retires = words.has("retire") and words.switch("retire")
    former = standing(wallet)
    old = _predecessor(wallet, former, retires) if replace else None
    owner = words.address("owner", old.owner if old is not None else wallet.address)
    terms = read_terms(words, old.terms if old is not None else DEFAULT_TERMS)
    words.done()
    if retires and old is None:
        raise Stop("retire=on belongs to successor=on: brownie run retire")
    if retires and prints:
        raise Stop("leave out retire=on: the successor has no address yet to be named")
    plan = Plan(owner, terms, old.next_room_id if old is not None else 1)
    if former is None or replace:
        print(f"chain {network}: deploy LivestreamRooms from {wallet.address}")
        print(f"  owner {owner}, first room {plan.first_room_id}")
        print(f"  terms: {tell_terms(terms)}")
        if retires and old is not None:
            print(f"  then retire {old.address} for good, naming the new contract")
        reason = refusal(wallet, plan)
        if reason is not None:
            raise Stop(f"the deployment would revert: {reason}")
        if prints:
            print_call(None, 0, abi.load().bytecode + constructor_arguments(plan))
            if old is not None:
                _tell_anew(old, "0x...", retired=False)
            return
        agree(words.yes, "deploy?")
    record = deploy(wallet, plan, replace=replace)
    print(f"in the services' settings: CONTRACTS={record['address']}@{record['block']}")
    if old is not None:
        if retires:
            _retire(wallet, network, old, record["address"])
        _tell_anew(old, record["address"], retired=retires)


def _predecessor(wallet: Wallet, former: DeploymentRecord | None, retires: bool) -> Predecessor:
    if former is None:
        raise Stop("there is no contract to succeed on this chain: leave out successor=on")
    old = read_predecessor(wallet, former)
    if retires and old.owner != wallet.address.lower():
        raise Stop(
            f"only {old.owner}, the owner of {old.address}, can retire it: leave out retire=on, and"
            f" let them run: brownie run retire main contract={old.address} successor=..."
        )
    return old


def _retire(wallet: Wallet, network: int, old: Predecessor, successor: str) -> None:
    step = PlannedTransaction(
        f"retire it for good, naming {successor}", calldata.retire(successor), done=old.retired
    )
    carry_out(Target(wallet, old.address, network, old.block), [step], yes=True)


def _tell_anew(old: Predecessor, successor: str, *, retired: bool) -> None:
    """What the successor does not have yet."""
    print(f"operators and moderators stay behind; to be set anew by the owner of {successor}:")
    for number, operator in old.operators.items():
        print(
            f"  brownie run operators add account={operator.account} payee={operator.payee}"
            f" base={operator.playback_base}    (operator {number} before)"
        )
    for account in old.moderators or ():
        print(f"  brownie run moderators add account={account}")
    if old.moderators is None:
        print("  moderators: not known, the node gave no events of theirs")
    if not retired:
        print(f"then: brownie run retire main contract={old.address} successor={successor}")
