"""The owner's, operator's and moderator's scripts: they say, ask, send once, can be repeated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from localnet.anvil import Anvil
from scripts import host, moderators, operators, ownership, pause, terms
from scripts.support.cli_args import Stop
from tests.contract.scripts.conftest import Run

BASE = "https://customer-m033z5x00ks6nunl.cloudflarestream.com"
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
    one, two = chain.accounts[1], chain.accounts[2]
    payee = chain.accounts[5]
    rest = (f"payee={payee}", f"base={BASE}")
    told = twice(run, operators.add, "from=0", f"account={one}", *rest)
    assert "operator 1" in told and "warning" not in told
    with pytest.raises(Stop, match="operator 1 has this base"):
        run(operators.add, "from=0", f"account={two}", *rest, "yes")
    twice(run, operators.account, "from=0", "operator=1", f"account={two}")
    twice(run, operators.enable, "from=0", "operator=1", "switch=off")
    twice(run, operators.accepting, "from=2", "operator=1", "switch=off")
    told = run(operators.main)
    switches = "accepting False, enabled False"
    assert f"operator 1: {two.lower()}, payee {payee.lower()}, {switches}, {BASE}" in told
    assert "revoke operator 1" in twice(run, operators.account, "from=0", "operator=1",
                                        "account=none")  # fmt: skip
    assert "revoked" in run(operators.show)


def test_operators__payee_changed__by_itself_and_by_the_owner(
    deployed: str, run: Run, chain: Anvil
) -> None:
    account, payee, other = chain.accounts[1], chain.accounts[5], chain.accounts[6]
    base = f"base={BASE}"
    told = run(operators.add, "from=0", f"account={account}", f"payee={account}", base, "yes")
    assert "warning: the payee is the operator's account" in told
    told = twice(run, operators.payee, "from=1", "operator=1", f"payee={payee}")
    assert f"(now {account.lower()})" in told
    with pytest.raises(Stop, match="NotPayee"):
        run(operators.payee, "from=1", "operator=1", f"payee={account}", "yes")
    twice(run, operators.payee, "from=0", "operator=1", f"payee={other}")
    assert f"payee {other.lower()}" in run(operators.show)


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


def test_moderators__added_acting_removed(
    deployed: str, run: Run, chain: Anvil, tmp_path: Path
) -> None:
    moderator = f"account={chain.accounts[3]}"
    run(
        operators.add,
        "from=0",
        f"account={chain.accounts[1]}",
        f"payee={chain.accounts[5]}",
        f"base={BASE}",
        "yes",
    )
    run(host.create, "from=2", "title=One", f"key={tmp_path / 'k'}", "yes")
    twice(run, moderators.add, "from=0", moderator)
    assert "is a moderator" in run(moderators.main, moderator)
    assert "rights" in twice(run, moderators.take_down, "from=3", "room=1", "reason=2")
    twice(run, moderators.remove, "from=0", moderator)
    assert "is no moderator" in run(moderators.show, moderator)
    with pytest.raises(Stop, match="one of"):
        run(moderators.take_down, "from=3", "room=1", "reason=5", "yes")


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


def test_script__unknown_word__names_the_known_ones(deployed: str, run: Run) -> None:
    with pytest.raises(Stop, match=r"unknown argument: swich\. Known here:.*switch"):
        run(pause.main, "from=0", "swich=on", "switch=on")


def test_script__account_unknown__says_how_to_make_one(deployed: str, run: Run) -> None:
    with pytest.raises(Stop, match="brownie accounts generate"):
        run(pause.main, "from=nobody", "switch=on", "yes")
    with pytest.raises(Stop, match="no unlocked accounts"):
        run(pause.main, "from=99", "switch=on", "yes")


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
