"""Deploying once, twice, after a kill, and beside a predecessor; verification and the report."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from chain import abi, calldata
from localnet.anvil import Anvil
from scripts import (
    deploy,
    host,
    moderators,
    operators,
    ownership,
    pause,
    report,
    retire,
    terms,
    verification,
)
from scripts.deployment import DEFAULT_TERMS, Plan, constructor_arguments
from scripts.deployment import deploy as put
from scripts.support.chain_reads import code_at
from scripts.support.cli_args import Stop
from scripts.support.wallet import BrownieWallet, Receipt
from tests.contract.scripts.conftest import BASE, Run, operator_words


def record_of(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "31337.json").read_text())
    return document


def test_deploy__first__writes_a_whole_record(deployed: str, folder: Path, chain: Anvil) -> None:
    record = record_of(folder)
    receipt = chain.rpc("eth_getTransactionReceipt", record["transaction"])
    assert record["address"].lower() == receipt["contractAddress"].lower()
    assert record["block"] == int(receipt["blockNumber"], 16)
    assert record["abi"] == abi.load().abi
    assert record["constructor"]["owner"] == record["deployer"] == chain_owner(chain)
    assert "terms: deposit 0.001 ether, fee 0.0001 ether" in deployed
    assert not (folder / "31337.pending.json").exists()


def chain_owner(chain: Anvil) -> str:
    from eth_utils.address import to_checksum_address

    return str(to_checksum_address(chain.accounts[0]))


def test_deploy__again__deploys_nothing(
    deployed: str, run: Run, folder: Path, chain: Anvil
) -> None:
    before = chain.rpc("eth_blockNumber")
    assert "already deployed" in run(deploy.main, "from=0", "chain=31337", "yes")
    assert chain.rpc("eth_blockNumber") == before


def test_deploy__another_chain_meant__stops(run: Run, folder: Path) -> None:
    with pytest.raises(Stop, match="this network is chain 31337, not 1"):
        run(deploy.main, "from=0", "chain=1", "yes")
    assert not folder.exists()


def test_deploy__nobody_to_ask__stops(run: Run, folder: Path) -> None:
    with pytest.raises(Stop, match="add the word yes"):
        run(deploy.main, "from=0", "chain=31337")
    assert not folder.exists()


def test_deploy__terms_named__are_the_contracts(run: Run, chain: Anvil, folder: Path) -> None:
    words = ("deposit=0ether", "fee=5gwei", "max_room=2h", "deadline=90s", "cooldown=5s")
    run(deploy.main, "from=1", "chain=31337", "yes", f"owner={chain.accounts[2]}", *words)
    told = run(terms.show)
    assert "deposit 0 ether, fee 0.000000005 ether, a room lives 7200 s" in told
    assert record_of(folder)["constructor"]["owner"].lower() == chain.accounts[2].lower()


def test_deploy__record_of_a_chain_that_is_gone__stops(
    deployed: str, run: Run, folder: Path
) -> None:
    record = record_of(folder) | {"address": "0x" + "12" * 20}
    (folder / "31337.json").write_text(json.dumps(record))
    with pytest.raises(Stop, match="has no code"):
        run(deploy.main, "from=0", "chain=31337", "yes")


class Killed(Exception):
    """The script was killed here."""


class Dying(BrownieWallet):
    """Its process is killed right after broadcasting, or a moment before noting the hash."""

    def __init__(self, account: Any, *, noted: bool) -> None:
        super().__init__(account)
        self._noted = noted

    def send(self, to: str | None, data: bytes, value: int, sent: Any) -> Receipt:
        receipt = super().send(to, data, value, sent if self._noted else lambda tx: None)
        raise Killed(receipt.tx)


def test_deploy__killed_after_sending__the_next_run_finds_it(
    chain: Anvil, run: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from brownie import accounts

    plan = Plan(str(accounts[0]))
    with pytest.raises(Killed) as killed:
        put(Dying(accounts[0], noted=True), plan)
    blocks = chain.rpc("eth_blockNumber")
    record = put(BrownieWallet(accounts[0]), plan)
    assert record["transaction"] == str(killed.value)
    assert chain.rpc("eth_blockNumber") == blocks


def test_deploy__killed_before_noting_the_hash__says_what_to_do(chain: Anvil, folder: Path) -> None:
    from brownie import accounts

    plan = Plan(str(accounts[0]))
    with pytest.raises(Killed) as killed:
        put(Dying(accounts[0], noted=False), plan)
    with pytest.raises(Stop, match="add its hash"):
        put(BrownieWallet(accounts[0]), plan)
    note = folder / "31337.pending.json"
    note.write_text(json.dumps(json.loads(note.read_text()) | {"transaction": str(killed.value)}))
    assert put(BrownieWallet(accounts[0]), plan)["transaction"] == str(killed.value)


def test_deploy__would_revert__leaves_nothing_and_the_next_plan_goes_on(
    chain: Anvil, run: Run, folder: Path
) -> None:
    reason = r"the deployment would revert: TermsOutOfBounds\(field=maxRoomSeconds"
    with pytest.raises(Stop, match=reason):
        run(deploy.main, "from=0", "chain=31337", "max_room=365d", "yes")
    assert not folder.exists()
    assert "deployed 0x" in run(deploy.main, "from=0", "chain=31337", "yes")


def test_deploy__the_node_refuses_it__leaves_nothing_and_the_next_plan_goes_on(
    chain: Anvil, run: Run, folder: Path
) -> None:
    chain.rpc("anvil_setBalance", chain.accounts[3], "0x0")
    with pytest.raises(Stop, match="the node refused the transaction"):
        run(deploy.main, "from=3", "chain=31337", "yes")
    assert not (folder / "31337.pending.json").exists()
    assert "deployed 0x" in run(deploy.main, "from=0", "chain=31337", "fee=0wei", "yes")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("cooldown=20h",), "at most 65535s"),
        (("max_events=70000",), "at most 65535"),
        (("deposit=1.5wei",), "must be like"),
        ((f"deposit={2**256}wei",), "is too large"),
        (("owner=none",), "OwnableInvalidOwner"),
        (("retire=on",), "belongs to successor=on"),
        (("successor=on",), "no contract to succeed"),
    ],
)
def test_deploy__words_that_do_not_fit__a_sentence_and_nothing_left(
    chain: Anvil, run: Run, folder: Path, words: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(Stop, match=reason):
        run(deploy.main, "from=0", "chain=31337", "yes", *words)
    assert not folder.exists()


def test_deploy__printed__the_creation_and_nothing_sent(
    chain: Anvil, run: Run, folder: Path
) -> None:
    before = chain.rpc("eth_blockNumber")
    owner = chain.accounts[0]
    told = run(deploy.main, f"from={owner}", "chain=31337", "print=call")
    assert f"new LivestreamRooms(owner={chain_owner(chain)}, firstRoomId=1, " in told
    assert "target   none: it creates a contract" in told
    assert chain.rpc("eth_blockNumber") == before
    assert not folder.exists()


def test_deploy__an_earlier_one_reverted__starts_anew(chain: Anvil, folder: Path) -> None:
    from brownie import accounts

    data = abi.load().bytecode + constructor_arguments(Plan("0x" + "00" * 20))
    tx = chain.send(chain.accounts[0], None, data, gas=8_000_000)
    going = {
        "deployer": str(accounts[0]), "nonce": 0, "address": "0x" + "12" * 20,
        "constructor": "00", "transaction": tx,
    }  # fmt: skip
    folder.mkdir()
    (folder / "31337.pending.json").write_text(json.dumps(going))
    assert put(BrownieWallet(accounts[0]), Plan(str(accounts[0])))["block"] == 2


def test_deploy__something_of_that_nonce_is_on_its_way__stops_until_it_is_mined(
    chain: Anvil, folder: Path
) -> None:
    from brownie import accounts

    plan = Plan(str(accounts[0]))
    chain.rpc("evm_setAutomine", False)
    chain.send(chain.accounts[0], chain.accounts[1], b"", 1)
    going = {
        "deployer": str(accounts[0]), "nonce": 0, "address": "0x" + "12" * 20,
        "constructor": "00", "transaction": None,
    }  # fmt: skip
    folder.mkdir()
    (folder / "31337.pending.json").write_text(json.dumps(going))
    try:
        with pytest.raises(Stop, match="with nonce 0 is on its way"):
            put(BrownieWallet(accounts[0]), plan)
    finally:
        chain.rpc("evm_setAutomine", True)
        chain.mine()
    assert put(BrownieWallet(accounts[0]), plan)["address"]


def test_deploy__note_of_other_arguments__stops(chain: Anvil, folder: Path) -> None:
    from brownie import accounts

    with pytest.raises(Killed):
        put(Dying(accounts[0], noted=True), Plan(str(accounts[0])))
    with pytest.raises(Stop, match="other arguments"):
        put(BrownieWallet(accounts[0]), Plan(str(accounts[1])))


def test_deploy__killed_before_sending__starts_anew(chain: Anvil, folder: Path) -> None:
    from brownie import accounts

    plan = Plan(str(accounts[0]))
    going = {
        "deployer": str(accounts[0]),
        "nonce": 0,
        "address": "0x" + "12" * 20,
        "constructor": constructor_arguments(plan).hex(),
        "transaction": None,
    }
    folder.mkdir()
    (folder / "31337.pending.json").write_text(json.dumps(going))
    record = put(BrownieWallet(accounts[0]), plan)
    assert code_at(BrownieWallet(None), record["address"])


def test_successor__predecessor_still_open__stops(deployed: str, run: Run) -> None:
    with pytest.raises(Stop, match="still accepts rooms"):
        run(deploy.main, "from=0", "chain=31337", "successor=on", "yes")


def test_successor__predecessor_paused__goes_on_with_its_numbers(
    deployed: str, run: Run, folder: Path, chain: Anvil, tmp_path: Path
) -> None:
    former = record_of(folder)["address"]
    run(terms.set, "from=0", "fee=5gwei", "yes")
    run(operators.add, *operator_words(chain), "yes")
    run(host.create, "from=2", "title=One", f"key={tmp_path / 'k'}", "yes")
    run(pause.main, "from=0", "switch=on", "yes")
    run(moderators.add, "from=0", f"account={chain.accounts[7]}", "yes")
    run(moderators.add, "from=0", f"account={chain.accounts[8]}", "yes")
    run(moderators.remove, "from=0", f"account={chain.accounts[8]}", "yes")
    run(ownership.propose, "from=0", f"to={chain.accounts[5]}", "yes")
    run(ownership.accept, "from=5", "yes")
    told = run(deploy.main, "from=0", "chain=31337", "successor=on", "yes")
    owner = chain.accounts[5].lower()
    assert f"owner {owner}, first room 2" in told.lower()
    assert "fee 0.000000005 ether" in told
    record = record_of(folder)
    assert record["address"] != former
    assert [p["address"] for p in record["predecessors"]] == [former]
    assert record["constructor"]["owner"].lower() == owner
    one, payee = chain.accounts[1].lower(), chain.accounts[6].lower()
    assert f"brownie run operators add account={one} payee={payee} base={BASE}" in told
    assert f"brownie run moderators add account={chain.accounts[7].lower()}\n" in told
    assert chain.accounts[8].lower() not in told
    successor = f"contract={former} successor={record['address']}"
    assert f"then: brownie run retire main {successor}" in told
    assert "mined" in run(retire.main, "from=5", *successor.split(), "yes")
    assert f"retired; the owner names {record['address'].lower()} as its successor" in run(
        report.main, f"contract={former}", f"block={record['predecessors'][0]['block']}"
    )


def test_successor__told_to_retire__the_owner_alone_and_in_one_go(
    deployed: str, run: Run, folder: Path, chain: Anvil
) -> None:
    former = record_of(folder)["address"]
    run(pause.main, "from=0", "switch=on", "yes")
    words = ("chain=31337", "successor=on", "retire=on", "yes")
    with pytest.raises(Stop, match="leave out retire=on"):
        run(deploy.main, "from=1", *words)
    assert record_of(folder)["address"] == former
    told = run(deploy.main, "from=0", *words)
    assert f"then retire {former} for good" in told
    assert "then: brownie run retire" not in told
    successor = record_of(folder)["address"]
    told = run(report.main, f"contract={former}", f"block={record_of(folder)['block'] - 3}")
    assert f"names {successor.lower()} as its successor" in told


# --- verification and report ------------------------------------------------------------------


def test_verification__written__compiles_to_what_runs(
    deployed: str, run: Run, folder: Path
) -> None:
    run(verification.main)
    written = folder / "31337.verification"
    record = record_of(folder)
    assert (
        "0x" + (written / "constructor.txt").read_text().strip()
        == (record["constructor"]["encoded"])
    )
    assert record["address"] in (written / "README.txt").read_text()
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [root / "tools" / "solc-bin" / "solc-v0.8.37", "--standard-json"],
        input=(written / "standard-input.json").read_text(),
        capture_output=True,
        text=True,
        check=True,
    )
    output = json.loads(done.stdout)["contracts"]["contracts/LivestreamRooms.sol"]
    code = bytes.fromhex(output["LivestreamRooms"]["evm"]["bytecode"]["object"])
    assert code == abi.load().bytecode


def test_report__healthy__says_that_everything_agrees(
    deployed: str, run: Run, chain: Anvil, tmp_path: Path
) -> None:
    run(operators.add, *operator_words(chain), "yes")
    key = f"key={tmp_path / 'k'}"
    run(host.create, "from=2", "title=One", key, "yes")
    run(host.create, "from=2", "title=Two", key, "yes")
    run(host.end, "from=2", "room=2", "yes")
    told = run(report.main)
    assert "matches what the source here compiles to" in told
    assert "7 events" in told and "agrees with the 7 events read" in told
    assert f"payee {chain.accounts[6].lower()}" in told
    assert "holds       0.0022 ether" in told
    assert "0.0011 ether credits; 0 ether over" in told
    assert "WRONG" not in told


def test_report__other_code__says_so(deployed: str, run: Run, chain: Anvil, folder: Path) -> None:
    address = record_of(folder)["address"]
    code = bytearray.fromhex(chain.rpc("eth_getCode", address, "latest")[2:])
    code[-60] ^= 1  # in the metadata: it runs as before
    chain.rpc("anvil_setCode", address, "0x" + code.hex())
    with pytest.raises(Stop, match="1 thing"):
        run(report.main)
    with pytest.raises(Stop, match="does not match the code at"):
        run(verification.main)


def test_report__money_missing__says_so(
    deployed: str, run: Run, chain: Anvil, folder: Path, tmp_path: Path
) -> None:
    run(operators.add, *operator_words(chain), "yes")
    run(host.create, "from=2", "title=One", f"key={tmp_path / 'k'}", "yes")
    chain.rpc("anvil_setBalance", record_of(folder)["address"], hex(11 * 10**14 - 1))
    with pytest.raises(Stop, match="1 thing"):
        run(report.main)


def test_report__logs_missing__says_so(deployed: str, run: Run, folder: Path) -> None:
    record = record_of(folder)
    words = (f"contract={record['address']}", f"block={record['block'] + 1}")
    with pytest.raises(Stop, match="1 thing"):
        run(report.main, *words)  # the node has no event from there on, the contract two


def test_default_terms__are_what_the_contract_accepts() -> None:
    assert len(calldata.constructor("0x" + "11" * 20, 1, DEFAULT_TERMS)) == 9 * 32
