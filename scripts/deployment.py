"""Puts the contract on a chain, once.

    record = deploy(wallet, Plan(owner=..., terms=...), tell=print)

Promises: pure of brownie, so that scripts, tests and the local stack share it. Safe to run twice:
where the chain's record and code are there, it deploys nothing and says so; a run that was killed
after sending finds its transaction again by a note beside the record. A creation is tried by a call
before there is a note, and a note of which nothing came blocks no later plan.
Assumes: the wallet's node is on the chain named; nobody else sends from the account meanwhile.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from eth_utils.address import to_checksum_address
from web3.types import Nonce
from web3.utils.address import get_create_address

from chain import abi, calldata
from chain.hexes import hex_data
from chain.rpc import answers
from chain.units import GWEI
from scripts.support.chain_reads import chain_id, code_at, creation_would_revert
from scripts.support.cli_args import Stop
from scripts.support.deployment_records import (
    Constructor,
    DeploymentRecord,
    find,
    path_of,
    write_whole,
)
from scripts.support.wallet import Receipt, TransactionRefused, Wallet, answer_of, read_receipt

DEFAULT_TERMS = calldata.Terms(
    deposit=1_000_000 * GWEI,  # 0.001 ether
    fee=100_000 * GWEI,
    max_room_seconds=24 * 3600,
    fulfill_deadline_seconds=1800,
    max_open_rooms=5,
    max_room_events=60,
    rekey_cooldown=60,
)
WAIT_SECONDS = 300.0


class Plan(NamedTuple):
    """What to deploy. `first_room_id` is 1 unless a predecessor's numbers go on."""

    owner: str
    terms: calldata.Terms = DEFAULT_TERMS
    first_room_id: int = 1


def constructor_arguments(plan: Plan) -> bytes:
    """What follows the bytecode in the creation transaction."""
    return calldata.constructor(plan.owner, plan.first_room_id, plan.terms)


def standing(wallet: Wallet) -> DeploymentRecord | None:
    """The record of what already stands on the wallet's chain. Stops if its code is gone."""
    record = find(chain_id(wallet))
    if record is not None and not code_at(wallet, record["address"]):
        raise Stop(
            f"{path_of(record['chainId'])} names {record['address']}, where this chain has"
            " no code: is it another chain with the same id, or a local chain that was restarted?"
            " If so, remove the file"
        )
    return record


def refusal(wallet: Wallet, plan: Plan) -> str | None:
    """Why a plan's creation would revert, in words; None if it would not."""
    return creation_would_revert(wallet, abi.load().bytecode + constructor_arguments(plan))


def deploy(
    wallet: Wallet,
    plan: Plan,
    *,
    replace: bool = False,
    tell: Callable[[str], None] = print,
) -> DeploymentRecord:
    """Deploy, wait, write the record, return it. With `replace`, beside what already stands."""
    former = standing(wallet)
    if former is not None and not replace:
        tell(f"already deployed: {former['address']} (block {former['block']})")
        return former
    network = chain_id(wallet)
    note = path_of(network, "pending.json")
    receipt = _unfinished(wallet, plan, note, tell) or _create(wallet, plan, note, tell)
    if receipt.contract_address is None:
        raise Stop(f"transaction {receipt.tx} created no contract")
    record = _record(network, wallet.address, plan, receipt, former)
    write_whole(path_of(network), record)
    note.unlink(missing_ok=True)
    tell(f"deployed {record['address']} in block {record['block']} ({receipt.gas_used} gas)")
    return record


def _create(wallet: Wallet, plan: Plan, note: Path, tell: Callable[[str], None]) -> Receipt:
    """Send the creation; the note says where it goes before it is on its way."""
    reason = refusal(wallet, plan)
    if reason is not None:
        raise Stop(f"the deployment would revert: {reason}")
    nonce = _nonce(wallet, wallet.address, "pending")
    going = {
        "deployer": wallet.address,
        "nonce": nonce,
        "address": _address_of(wallet.address, nonce),
        "constructor": constructor_arguments(plan).hex(),
        "transaction": None,
    }
    write_whole(note, going)

    def sent(tx: str) -> None:
        write_whole(note, going | {"transaction": tx})
        tell(f"sent {tx}")

    code = abi.load().bytecode + constructor_arguments(plan)
    try:
        return wallet.send(None, code, 0, sent)
    except TransactionRefused:
        note.unlink()
        raise


def _unfinished(
    wallet: Wallet, plan: Plan, note: Path, tell: Callable[[str], None]
) -> Receipt | None:
    """The receipt of a deployment that an earlier run sent, or None if nothing came of it."""
    if not note.exists():
        return None
    going = json.loads(note.read_text(encoding="utf-8"))
    tx, deployer = going["transaction"], going["deployer"]
    if tx is not None and wallet.request("eth_getTransactionByHash", [tx]) is not None:
        tell(f"an earlier run sent {tx}: waiting for it")
        receipt = _wait(wallet, tx)
        if receipt is not None:
            return _same_plan(plan, going, note, receipt)
        tell(f"{tx} reverted: starting over")
    elif code_at(wallet, going["address"]):
        raise Stop(
            f"an earlier run deployed {going['address']}, but was killed before it recorded the"
            f' transaction: add its hash to {note} as "transaction" and run this again'
        )
    else:
        mined, pending = (_nonce(wallet, deployer, block) for block in ("latest", "pending"))
        if mined <= going["nonce"] < pending:
            raise Stop(
                f"a transaction of {deployer} with nonce {going['nonce']} is on its way, perhaps"
                " that of an earlier run: run this again once it is mined"
            )
        tell(f"an earlier run sent nothing that reached the chain (nonce {mined}): starting over")
    note.unlink()
    return None


def _same_plan(plan: Plan, going: dict[str, Any], note: Path, receipt: Receipt) -> Receipt:
    """The receipt, if the contract that stands is the one wanted now."""
    if going["constructor"] == constructor_arguments(plan).hex():
        return receipt
    raise Stop(
        f"an earlier run deployed {going['address']} with other arguments: use those again to"
        f" record it, or remove {note} to leave it alone"
    )


def _wait(wallet: Wallet, tx: str) -> Receipt | None:
    """The receipt; None if the transaction reverted."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        mined = answer_of(
            wallet, "eth_getTransactionReceipt", [tx], answers.or_none(_status_and_receipt)
        )
        if mined is not None:
            status, receipt = mined
            return receipt if status == 1 else None
        time.sleep(1.0)
    raise Stop(f"transaction {tx} is not mined after {WAIT_SECONDS:.0f} s: run this again later")


def _status_and_receipt(receipt: Any) -> tuple[int, Receipt]:
    return answers.number(answers.fields(receipt)["status"]), read_receipt(receipt)


def _nonce(wallet: Wallet, account: str, block: str) -> int:
    return answer_of(wallet, "eth_getTransactionCount", [account, block], answers.nonce)


def _record(
    network: int, deployer: str, plan: Plan, receipt: Receipt, former: DeploymentRecord | None
) -> DeploymentRecord:
    document: dict[str, Any] = json.loads(
        (abi.FOLDER / "LivestreamRooms.json").read_text(encoding="utf-8")
    )
    terms = plan.terms._asdict()
    constructor = Constructor(
        owner=plan.owner,
        firstRoomId=plan.first_room_id,
        terms={k: str(v) if k in ("deposit", "fee") else v for k, v in terms.items()},
        encoded=hex_data(constructor_arguments(plan)),
    )
    predecessors: list[Any] = []
    if former is not None:
        keep = {k: v for k, v in former.items() if k not in ("abi", "predecessors")}
        predecessors = [*former["predecessors"], keep]
    return DeploymentRecord(
        chainId=network,
        contractName=document["contractName"],
        address=to_checksum_address(receipt.contract_address or ""),
        block=receipt.block,
        transaction=receipt.tx,
        deployer=deployer,
        constructor=constructor,
        compiler=document["compiler"],
        abi=document["abi"],
        predecessors=predecessors,
    )


def _address_of(deployer: str, nonce: int) -> str:
    """Where a creation with this nonce ends up."""
    return get_create_address(to_checksum_address(deployer), Nonce(nonce))
