"""The owner's, operator's and moderator's scripts: they say, ask, send once, can be repeated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from eth_utils.address import to_checksum_address

from chain import abi
from chain.hexes import ZERO_ADDRESS
from localnet.anvil import Anvil
from localnet.ports import free_ports
from scripts import host, moderators, operators, ownership, pause, report, retire, terms
from scripts.support import open_rooms
from scripts.support.cli_args import Stop
from scripts.support.deployment_records import load
from tests.contract.scripts.conftest import BASE, Run, operator_words

SENT = "mined in block"
NOTHING = "nothing to do"


def twice(run: Run, function: Callable[..., None], *words: str) -> str:
    """What it says first; the second time there is nothing to do."""
    first = run(function, *words, "yes")
    assert SENT in first
    assert NOTHING in run(function, *words, "yes")
    return first


def test_operators__added_changed_switched__each_once(
    deployed: str, run: Run, chain: Anvil
) -> None:
    two, payee = chain.accounts[2], chain.accounts[6]
    assert "operator 1" in twice(run, operators.add, *operator_words(chain))
    with pytest.raises(Stop, match="operator 1 has this base"):
        run(operators.add, "from=0", f"account={two}", f"payee={two}", f"base={BASE}", "yes")
    other = [word for word in operator_words(chain) if not word.startswith("payee=")]
    with pytest.raises(Stop, match="operator 1 has another payee"):
        run(operators.add, *other, f"payee={two}", "yes")
    twice(run, operators.account, "from=0", "operator=1", f"account={two}")
    twice(run, operators.enable, "from=0", "operator=1", "switch=off")
    twice(run, operators.accepting, "from=2", "operator=1", "switch=off")
    told = run(operators.main)
    whose = f"{two.lower()}, payee {payee.lower()}"
    assert f"operator 1: {whose}, accepting False, enabled False, {BASE}" in told
    assert "revoke operator 1" in twice(run, operators.account, "from=0", "operator=1",
                                        "account=none")  # fmt: skip
    assert "revoked" in run(operators.show)


def test_operators__payee__changed_by_itself_and_warned_of_a_key_on_a_server(
    deployed: str, run: Run, chain: Anvil
) -> None:
    one, new = chain.accounts[1], chain.accounts[7]
    run(operators.add, *operator_words(chain), "yes")
    with pytest.raises(Stop, match="NotPayee"):
        run(operators.payee, "from=1", "operator=1", f"payee={new}", "yes")
    told = twice(run, operators.payee, "from=6", "operator=1", f"payee={new}")
    assert f"pay the fees of operator 1 to {new} (now {chain.accounts[6]})" in told.lower()
    assert "warning" not in told
    assert "warning: the payee is the operator's account" in run(
        operators.payee, "from=0", "operator=1", f"payee={one}", "yes"
    )


def test_operators__revoked__says_how_many_rooms_anybody_can_then_end(
    deployed: str, run: Run, chain: Anvil, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(operators.add, *operator_words(chain), "yes")
    for title in ("One", "Two", "Three"):
        run(host.create, "from=2", f"title={title}", f"key={tmp_path / 'k'}", "yes")
    run(host.end, "from=2", "room=2", "yes")
    words = ("from=0", "operator=1", "account=none", "print=call")
    nobody = f"api=http://127.0.0.1:{free_ports(1)[0]}"
    assert "anybody can then end its 2 open rooms" in run(operators.account, *words)
    assert "anybody can then end its 2 open rooms" in run(operators.account, *words, nobody)

    def silent(*_: object) -> list[object]:
        raise Stop("the node gives no logs")

    monkeypatch.setattr(open_rooms, "find_logs", silent)
    assert "is not known" in run(operators.account, *words, nobody)


def test_operators__unknown__says_so(deployed: str, run: Run) -> None:
    with pytest.raises(Stop, match="OperatorUnknown"):
        run(operators.enable, "from=0", "operator=4", "switch=on", "yes")


def test_terms__set__the_rest_stays(deployed: str, run: Run) -> None:
    twice(run, terms.set, "from=0", "fee=0wei", "max_open=2")
    told = run(terms.main)
    assert "terms 2 (current): deposit 0.001 ether, fee 0 ether" in told
    assert "2 open rooms a host, 60 events a room" in told


def test_terms__out_of_bounds__the_contracts_reason_is_told(deployed: str, run: Run) -> None:
    with pytest.raises(Stop, match=r"TermsOutOfBounds.*A value of the terms is out of its bounds"):
        run(terms.set, "from=0", "max_room=31d", "yes")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("cooldown=20h",), "cooldown=20h: is too large; at most 65535s"),
        (("max_events=70000",), "max_events=70000: is too large; at most 65535"),
        (("max_open=65536",), "at most 65535"),
        (("max_room=50000d",), "at most 4294967295s"),
        ((f"fee={2**256}wei",), "is too large; at most"),
        (("fee=0.0000000001gwei",), "must be like"),
        (("deadline=-1s",), "must be like"),
        (("max_events=",), "must be a whole number"),
        (("max_events=many",), "must be a whole number"),
        (("max_events=1.5",), "must be a whole number"),
        (("max_events=-1",), "must be a whole number"),
        (("max_events=" + "9" * 5000,), "is too large"),
    ],
)
def test_terms__numbers_that_do_not_fit__a_sentence(
    deployed: str, run: Run, words: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(Stop, match=reason):
        run(terms.set, "from=0", "yes", *words)


@pytest.mark.parametrize("number", ["70000", "-1", "1.5", "", "one", str(2**256), "9" * 5000])
def test_operators__numbers_that_do_not_fit__a_sentence(
    deployed: str, run: Run, number: str
) -> None:
    for function in (operators.enable, operators.accepting):
        with pytest.raises(Stop, match=r"operator=.*: (is too large|must be a whole number)"):
            run(function, "from=0", f"operator={number}", "switch=on", "yes")


def test_moderators__added_acting_removed(
    deployed: str, run: Run, chain: Anvil, tmp_path: Path
) -> None:
    moderator = f"account={chain.accounts[3]}"
    run(operators.add, *operator_words(chain), "yes")
    run(host.create, "from=2", "title=One", f"key={tmp_path / 'k'}", "yes")
    twice(run, moderators.add, "from=0", moderator)
    assert "is a moderator" in run(moderators.main, moderator)
    assert "rights" in twice(run, moderators.take_down, "from=3", "room=1", "reason=2")
    twice(run, moderators.remove, "from=0", moderator)
    assert "is no moderator" in run(moderators.show, moderator)
    with pytest.raises(Stop, match="one of"):
        run(moderators.take_down, "from=3", "room=1", "reason=5", "yes")
    with pytest.raises(Stop, match="no such room: 99"):
        run(moderators.take_down, "from=3", "room=99", "reason=1", "yes")


# --- retirement -------------------------------------------------------------------------------


def test_retire__without_a_successor__once_and_for_good(
    deployed: str, run: Run, chain: Anvil, tmp_path: Path
) -> None:
    run(operators.add, *operator_words(chain), "yes")
    told = twice(run, retire.main, "from=0")
    assert "for good, naming no successor: this cannot be taken back" in told
    assert "creation    retired; the owner names no successor" in run(report.main)
    with pytest.raises(Stop, match="RegistryRetired"):
        run(host.create, "from=2", "title=One", f"key={tmp_path / 'k'}", "yes")
    with pytest.raises(Stop, match="RegistryRetired"):
        run(pause.main, "from=0", "switch=on", "yes")
    with pytest.raises(Stop, match="is retired already, and names no successor"):
        run(retire.main, "from=0", f"successor={chain.accounts[3]}", "yes")


def test_retire__successor_that_is_none__refused(deployed: str, run: Run, chain: Anvil) -> None:
    with pytest.raises(Stop, match="SuccessorUnfit"):
        run(retire.main, "from=0", f"successor={chain.accounts[3]}", "yes")


# --- calls for another wallet to send ---------------------------------------------------------


def printed(told: str) -> dict[str, str]:
    """The lines of a printed call."""
    rows = (line.split(maxsplit=1) for line in told.splitlines() if line.startswith("  "))
    return {row[0]: row[1] for row in rows if row[0] in ("target", "value", "data", "meaning")}


def test_print__a_safes_call__needs_no_key_sends_nothing_and_does_what_it_says(
    deployed: str, run: Run, chain: Anvil, folder: Path
) -> None:
    safe, before = chain.accounts[0], chain.rpc("eth_blockNumber")
    words = (f"from={safe}", "print=call")
    call = printed(run(terms.set, *words, "fee=0wei"))
    assert call["target"] == load(31337)["address"]
    assert call["value"] == "0 wei (0 ether)"
    assert call["meaning"].startswith("setTerms(newTerms=(deposit=1000000000000000, fee=0, ")
    assert chain.rpc("eth_blockNumber") == before
    chain.send(safe, call["target"], bytes.fromhex(call["data"][2:]))
    assert "terms 2 (current): deposit 0.001 ether, fee 0 ether" in run(terms.show)
    assert NOTHING in run(terms.set, *words, "fee=0wei")


def test_print__each_script_of_an_owner__its_function_and_arguments(
    deployed: str, run: Run, chain: Anvil
) -> None:
    safe, other = f"from={chain.accounts[0]}", chain.accounts[4]
    account, shown = f"account={other}", to_checksum_address(other)
    calls: list[tuple[Callable[..., None], tuple[str, ...], str]] = [
        (pause.main, ("switch=on",), "setPaused(isPaused=True)"),
        (moderators.add, (account,), f"setModerator(account={shown}, allowed=True)"),
        (ownership.propose, (f"to={other}",), f"transferOwnership(newOwner={shown})"),
        (retire.main, (), f"retire(successor={ZERO_ADDRESS})"),
        (
            operators.add,
            (account, f"payee={other}", f"base={BASE}"),
            f"addOperator(account={shown}, payee={shown}, playbackBase='{BASE}')",
        ),
    ]
    for function, words, meaning in calls:
        assert printed(run(function, safe, "print=call", *words))["meaning"] == meaning


def test_print__what_would_revert__is_not_printed(deployed: str, run: Run, chain: Anvil) -> None:
    with pytest.raises(Stop, match="OwnableUnauthorizedAccount"):
        run(pause.main, f"from={chain.accounts[3]}", "print=call", "switch=on")


def test_print__or_an_address_alone__a_word_that_is_wrong_is_named(
    deployed: str, run: Run, chain: Anvil
) -> None:
    with pytest.raises(Stop, match="print=all: must be call"):
        run(pause.main, "from=0", "print=all", "switch=on")
    with pytest.raises(Stop, match="name a keystore"):
        run(pause.main, f"from={chain.accounts[0]}", "switch=on", "yes")


def test_ownership__handed_over__in_two_steps(deployed: str, run: Run, chain: Anvil) -> None:
    twice(run, ownership.propose, "from=0", f"to={chain.accounts[5]}")
    assert chain.accounts[5].lower() in run(ownership.main)
    with pytest.raises(Stop, match="OwnableUnauthorizedAccount"):
        run(ownership.accept, "from=4", "yes")
    twice(run, ownership.accept, "from=5")
    with pytest.raises(Stop, match="the contract would revert"):
        run(pause.main, "from=0", "switch=on", "yes")
    twice(run, pause.main, "from=5", "switch=on")


def test_script__nobody_to_ask__sends_nothing(deployed: str, run: Run, chain: Anvil) -> None:
    before = chain.rpc("eth_blockNumber")
    with pytest.raises(Stop, match="add the word yes"):
        run(pause.main, "from=0", "switch=on")
    assert chain.rpc("eth_blockNumber") == before


@pytest.mark.parametrize(("answer", "sends"), [("yes", True), ("no", False), ("", False)])
def test_script__a_person_asked__does_as_they_say(
    deployed: str, run: Run, chain: Anvil, monkeypatch: pytest.MonkeyPatch,
    answer: str, sends: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: answer)
    if sends:
        assert SENT in run(pause.main, "from=0", "switch=on")
    else:
        with pytest.raises(Stop, match="nothing was sent"):
            run(pause.main, "from=0", "switch=on")


def test_script__another_chain_meant__stops(deployed: str, run: Run) -> None:
    with pytest.raises(Stop, match="this network is chain 31337, not 1"):
        run(pause.main, "from=0", "chain=1", "switch=on", "yes")


def test_script__nothing_deployed__says_how(run: Run) -> None:
    with pytest.raises(Stop, match="brownie run deploy"):
        run(operators.show)


def test_script__address_without_code__stops(run: Run) -> None:
    with pytest.raises(Stop, match="there is no contract at"):
        run(operators.show, "contract=0x" + "12" * 20)


def test_script__contract_of_another_version__stops(run: Run, chain: Anvil) -> None:
    other = "0x" + "a1" * 20  # of this test alone: a revert of the chain leaves the code there
    chain.rpc("anvil_setCode", other, "0x" + abi.load("AllowList").deployed_bytecode.hex())
    with pytest.raises(Stop, match=r"is of version 1\.0\.0, this program reads 1\.1"):
        run(operators.show, f"contract={other}")


def test_script__unknown_word__names_the_known_ones(deployed: str, run: Run) -> None:
    with pytest.raises(Stop, match=r"unknown argument: swich\. Known here:.*switch"):
        run(pause.main, "from=0", "swich=on", "switch=on")


def test_script__account_unknown__says_how_to_make_one(
    deployed: str, run: Run, tmp_path: Path
) -> None:
    with pytest.raises(Stop, match="brownie accounts generate"):
        run(pause.main, "from=nobody", "switch=on", "yes")
    with pytest.raises(Stop, match="no unlocked accounts"):
        run(pause.main, "from=99", "switch=on", "yes")
    with pytest.raises(Stop, match="name a keystore"):
        run(pause.main, "from=", "switch=on", "yes")
    other = tmp_path / "other.json"
    other.write_text('{"a": 1}')
    (tmp_path / "password").write_bytes(b"\xff")
    with pytest.raises(Stop, match="is no keystore"):
        run(pause.main, f"from={other}", f"password_file={other}", "switch=on")
    with pytest.raises(Stop, match="is not a text in UTF-8"):
        run(pause.main, "from=0", f"password_file={tmp_path / 'password'}", "switch=on")


def test_script__keystore_and_password_file__sends_from_it(
    deployed: str, run: Run, chain: Anvil, tmp_path: Path
) -> None:
    import json

    from eth_account import Account

    key = Account.from_key("0x" + "42" * 32)
    keystore, password = tmp_path / "owner.json", tmp_path / "password"
    keystore.write_text(json.dumps(Account.encrypt(key.key, "open sesame", iterations=1024)))
    password.write_text("open sesame\n")
    chain.rpc("anvil_setBalance", key.address, hex(10**18))
    run(ownership.propose, "from=0", f"to={key.address}", "yes")
    words = (f"from={keystore}", f"password_file={password}", "yes")
    assert SENT in run(ownership.accept, *words)
    password.write_text("wrong")
    with pytest.raises(Stop, match="the password does not open the keystore"):
        run(pause.main, *words, "switch=on")
