"""Deploying once, twice, after a kill, and beside a predecessor; verification and the report."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from chain import abi, calldata
from localnet.anvil import Anvil
from scripts import deploy, host, operators, pause, report, terms, verification
from scripts.deployment import DEFAULT_TERMS, Plan, constructor_arguments
from scripts.deployment import deploy as put
from scripts.support.chain_reads import code_at
from scripts.support.cli_args import Stop
from scripts.support.wallet import BrownieWallet, Receipt
from tests.contract.scripts.conftest import Run

BASE = "https://customer-m033z5x00ks6nunl.cloudflarestream.com"


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
    run(
        operators.add,
        "from=0",
        f"account={chain.accounts[1]}",
        f"payee={chain.accounts[5]}",
        f"base={BASE}",
        "yes",
    )
    run(host.create, "from=2", "title=One", f"key={tmp_path / 'k'}", "yes")
    run(pause.main, "from=0", "switch=on", "yes")
    told = run(deploy.main, "from=0", "chain=31337", "successor=on", "yes")
    assert "first room 2" in told
    record = record_of(folder)
    assert record["address"] != former
    assert [p["address"] for p in record["predecessors"]] == [former]


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
    run(
        operators.add,
        "from=0",
        f"account={chain.accounts[1]}",
        f"payee={chain.accounts[5]}",
        f"base={BASE}",
        "yes",
    )
    key = f"key={tmp_path / 'k'}"
    run(host.create, "from=2", "title=One", key, "yes")
    run(host.create, "from=2", "title=Two", key, "yes")
    run(host.end, "from=2", "room=2", "yes")
    told = run(report.main)
    assert "matches what the source here compiles to" in told
    assert "7 events" in told and "agrees with the 7 events read" in told
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
    run(
        operators.add,
        "from=0",
        f"account={chain.accounts[1]}",
        f"payee={chain.accounts[5]}",
        f"base={BASE}",
        "yes",
    )
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
