"""Everything about a deployment that can be checked from outside, with the index's own fold.

Promises: all is read at one block; events are folded by `indexer.projection.contract`, and what the
fold says is compared with what the contract says. Assumes: the node gives all logs since `first`
(it may allow short ranges only); memory for one document per room.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from chain import views
from chain.calldata import Terms
from chain.event_codec import EventError, decode
from chain.hexes import ZERO_ADDRESS
from chain.history import genesis, step
from chain.identity import read_first_room_id
from chain.rpc import answers
from chain.rpc.client import Rpc
from indexer.projection.contract import apply
from indexer.projection.ledger import FoldError, Ledger
from scripts.support.chain_reads import WalletRpc, chain_id
from scripts.support.code_check import same_code
from scripts.support.room_events import find_logs
from scripts.support.wallet import Wallet, answer_of


@dataclass
class Findings:
    """`code`: how the code differs, or None. Amounts are wei. `wrong`: what does not hold."""

    contract: str
    chain: int
    block: int
    code: str | None = None
    owner: str = ""
    pending_owner: str = ""
    paused: bool = False
    retired: bool = False
    successor: str = ZERO_ADDRESS
    first_room_id: int = 0
    room_count: int = 0
    operators: dict[int, views.OperatorView] = field(default_factory=dict)
    terms: dict[int, Terms] = field(default_factory=dict)
    moderators: list[str] = field(default_factory=list)
    events: int = 0
    history: bytes = b""
    history_agrees: bool = False
    folded: int = 0
    balance: int = 0
    deposits: int = 0
    fees: int = 0
    credits: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def spare(self) -> int:
        """What it holds beyond what it owes."""
        return self.balance - self.deposits - self.fees - self.credits


def inspect(wallet: Wallet, contract: str, first: int) -> Findings:
    """Look at the contract that was created in block `first`."""
    head = answer_of(wallet, "eth_blockNumber", [], answers.number)
    found = Findings(contract, chain_id(wallet), head)
    asyncio.run(_read(WalletRpc(wallet), found, hex(head)))
    found.balance = answer_of(wallet, "eth_getBalance", [contract, hex(head)], answers.amount)
    found.code = same_code(wallet, contract, found.first_room_id)
    if found.code is not None:
        found.wrong.append(f"the code differs from the source: {found.code}")
    _fold(found, find_logs(wallet, contract, first, [], head))
    if found.spare < 0:
        found.wrong.append("the balance is less than what it owes")
    return found


async def _read(rpc: Rpc, f: Findings, block: str) -> None:
    at = (rpc, f.contract)
    history = await views.read_history(*at, block)
    f.events, f.history = history.count, history.hash
    f.owner = await views.read_owner(*at, block)
    f.pending_owner = await views.read_pending_owner(*at, block)
    creation = await views.read_creation(*at, 0, ZERO_ADDRESS, block)
    f.paused, f.retired, f.successor = creation.paused, creation.retired, creation.successor
    f.first_room_id = await read_first_room_id(*at, block)
    f.room_count = await views.read_room_count(*at, block)
    for number in range(1, await views.read_operator_count(*at, block) + 1):
        f.operators[number] = await views.read_operator(*at, number, block)
    for number in range(1, await views.read_current_terms_id(*at, block) + 1):
        f.terms[number] = await views.read_terms(*at, number, block)


def _fold(f: Findings, logs: list[dict[str, Any]]) -> None:
    ledger = Ledger(f.contract.lower())
    h = genesis(f.chain, f.contract)
    try:
        for log in logs:
            event = decode(log)
            if event is None:
                continue
            if event.seq != f.folded + 1:
                raise FoldError(f"event {f.folded + 1} is missing")
            apply(ledger, event)
            h = step(h, event)
            f.folded += 1
    except (FoldError, EventError) as error:
        f.wrong.append(f"the events are inconsistent: {error}")
    f.history_agrees = (f.folded, h) == (f.events, f.history)
    if not f.history_agrees:
        f.wrong.append("the history hash does not match the events from the node")
    f.moderators = [who for who, doc in ledger.moderators.items() if doc["allowed"]]
    f.credits = sum(int(doc["credit"]) for doc in ledger.accounts.values())
    for doc in ledger.rooms.values():
        if doc["status"] != "ended":
            terms = ledger.terms[doc["terms_id"]]
            f.deposits += int(terms["deposit"])
            f.fees += int(terms["fee"]) if doc["uid"] is None else 0
