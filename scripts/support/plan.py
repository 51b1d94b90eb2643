"""Says what a script will do, asks, and does it.

Promises: nothing is sent before the whole list has been told and agreed to; a step that already
holds is left out, so running a script twice sends nothing the second time; each transaction is
tried by a call first, and why it would revert is told in words. With `print=call` nothing is sent:
what would be sent is printed, for a multisig or another wallet (`scripts.support.printed_call`).
Assumes: a person at the terminal, or the word `yes`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NamedTuple

from chain.units import in_ether
from scripts.support.chain_reads import chain_id, check_contract, would_revert
from scripts.support.cli_args import CliArgs, Stop
from scripts.support.deployment_records import load
from scripts.support.printed_call import print_call
from scripts.support.wallet import BrownieWallet, Receipt, Wallet, open_wallet


class PlannedTransaction(NamedTuple):
    """One transaction to the contract. `done`: it already holds, there is nothing to send."""

    text: str
    data: bytes
    value: int = 0
    done: bool = False


class Target(NamedTuple):
    """The contract that a script speaks to, and who speaks. `prints`: calls instead of sending."""

    wallet: Wallet
    contract: str
    chain: int
    block: int
    prints: bool = False


def target(words: CliArgs, *, sends: bool = True) -> Target:
    """The deployment on the connected chain, with the wallet of `from=` if the script sends.

    `contract=` names another than the recorded one (then `block=`, where it was created).
    `chain=` is the id that the person has in mind: another one stops the script.
    """
    prints = sends and prints_call(words)
    wallet: Wallet = open_wallet(words, signs=not prints) if sends else BrownieWallet(None)
    network = chain_id(wallet)
    if words.has("chain") and words.number("chain") != network:
        raise Stop(f"this network is chain {network}, not {words.number('chain')}")
    if words.has("contract"):
        contract, block = words.address("contract"), words.number("block", 0, bits=64)
    else:
        record = load(network)
        contract, block = record["address"], record["block"]
    check_contract(wallet, contract, network)
    return Target(wallet, contract, network, block, prints)


def prints_call(words: CliArgs) -> bool:
    """Whether the words ask for calls to be printed instead of sent."""
    if not words.has("print"):
        return False
    if words.text("print") != "call":
        raise Stop(f"print={words.text('print')}: must be call")
    return True


def agree(yes: bool, question: str) -> None:
    """Goes on if the answer is yes; stops otherwise."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Stop("no terminal to ask on: add the word yes to confirm in advance")
    if input(f"{question} [yes/no] ").strip().lower() != "yes":
        raise Stop("nothing was sent")


def carry_out(target: Target, steps: Sequence[PlannedTransaction], yes: bool) -> list[Receipt]:
    """Tell the steps, ask, send those that do not hold yet; their receipts.

    Raises `scripts.support.wallet.TransactionRefused`."""
    wallet = target.wallet
    print(f"chain {target.chain}, contract {target.contract}, from {wallet.address}")
    for step in steps:
        value = f", sending {in_ether(step.value)}" if step.value else ""
        print(f"  {'(already done) ' if step.done else ''}{step.text}{value}")
    todo = [step for step in steps if not step.done]
    if not todo:
        print("nothing to do")
        return []
    reason = would_revert(wallet, target.contract, todo[0].data, todo[0].value)
    if reason is not None:
        raise Stop(f"the contract would revert: {reason}")
    if target.prints:
        for step in todo:
            print_call(target.contract, step.value, step.data)
        return []
    agree(yes, f"send {len(todo)} transaction(s)?")
    receipts = []
    for step in todo:
        receipt = wallet.send(target.contract, step.data, step.value, _sent)
        print(f"  mined in block {receipt.block} ({receipt.gas_used} gas)")
        receipts.append(receipt)
    return receipts


def _sent(tx: str) -> None:
    print(f"  sent {tx}")
