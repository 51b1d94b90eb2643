"""brownie run operators FUNCTION words...    (who serves rooms, and where they play)

add        from=OWNER account=0x... payee=0x... base=https://customer-<code>.cloudflarestream.com
account    from=OWNER operator=N account=0x...    another account; `account=none` revokes it:
                                                  anybody can then end its rooms at once, so it
                                                  says how many are open, by api=https://...
                                                  (a read API), else by the node's logs
payee      from=PAYEE|OWNER operator=N payee=0x...    who is owed its fees from now on
enable     from=OWNER operator=N switch=on|off    whether it may take new rooms
accepting  from=OPERATOR operator=N switch=on|off the operator's own switch
show       what there is

Each also takes chain=ID, contract=0x..., password_file=..., yes, and if it sends print=call (then
`from` may be an address). Steps already done are skipped.
"""

from __future__ import annotations

from chain import calldata, views
from chain.hexes import ZERO_ADDRESS
from scripts.support.chain_reads import read
from scripts.support.cli_args import CliArgs, Stop
from scripts.support.open_rooms import count_open_rooms
from scripts.support.plan import PlannedTransaction, Target, carry_out, target


def add(*given: str) -> None:
    """Adds an operator, enabled and accepting."""
    words = CliArgs(given)
    to = target(words)
    account, base = words.address("account"), words.text("base")
    payee_ = words.address("payee")
    words.done()
    _warn_of(payee_, account)
    known = next((n for n, o in _all(to).items() if o.playback_base == base), None)
    if known is not None and _all(to)[known].account != account.lower():
        raise Stop(f"operator {known} has this base: operators account operator={known} ...")
    if known is not None and _all(to)[known].payee != payee_.lower():
        raise Stop(f"operator {known} has another payee: operators payee operator={known} ...")
    text = f"add operator {account}, payee {payee_}, playing at {base}"
    data = calldata.add_operator(account, payee_, base)
    carry_out(to, [PlannedTransaction(text, data, done=known is not None)], words.yes)
    for number, operator in _all(to).items():
        if operator.playback_base == base:
            print(f"operator {number}")


def account(*given: str) -> None:
    """Lets another account act for an operator, or none."""
    words = CliArgs(given)
    to = target(words)
    number, new = words.number("operator", bits=16), words.address("account")
    api = words.text("api") if words.has("api") else None
    words.done()
    now = read(to.wallet, views.read_operator, to.contract, number).account
    text = f"let {new} act for operator {number} (now {now})"
    if new == ZERO_ADDRESS:
        text = f"revoke operator {number} (now {now}): {_endable(to, number, api)}"
    step = PlannedTransaction(
        text,
        calldata.set_operator_account(number, new),
        done=now == new.lower(),
    )
    carry_out(to, [step], words.yes)


def payee(*given: str) -> None:
    """Makes fees from now on another account's."""
    words = CliArgs(given)
    to = target(words)
    number, new = words.number("operator", bits=16), words.address("payee")
    words.done()
    now = read(to.wallet, views.read_operator, to.contract, number)
    _warn_of(new, now.account)
    step = PlannedTransaction(
        f"pay the fees of operator {number} to {new} (now {now.payee})",
        calldata.set_operator_payee(number, new),
        done=now.payee == new.lower(),
    )
    carry_out(to, [step], words.yes)


def enable(*given: str) -> None:
    """The owner's switch."""
    words = CliArgs(given)
    to = target(words)
    number, on = words.number("operator", bits=16), words.switch("switch")
    words.done()
    now = read(to.wallet, views.read_operator, to.contract, number).enabled
    text = f"{'enable' if on else 'disable'} operator {number} for new rooms"
    step = PlannedTransaction(text, calldata.set_operator_enabled(number, on), done=now == on)
    carry_out(to, [step], words.yes)


def accepting(*given: str) -> None:
    """The operator's switch."""
    words = CliArgs(given)
    to = target(words)
    number, on = words.number("operator", bits=16), words.switch("switch")
    words.done()
    now = read(to.wallet, views.read_operator, to.contract, number).accepting
    text = f"operator {number} {'accepts' if on else 'no longer accepts'} new rooms"
    step = PlannedTransaction(text, calldata.set_operator_accepting(number, on), done=now == on)
    carry_out(to, [step], words.yes)


def show(*given: str) -> None:
    """Prints the operators."""
    words = CliArgs(given)
    to = target(words, sends=False)
    words.done()
    for number, operator in _all(to).items():
        revoked = "revoked" if operator.account == ZERO_ADDRESS else operator.account
        switches = f"accepting {operator.accepting}, enabled {operator.enabled}"
        payee_ = f"payee {operator.payee}"
        print(f"operator {number}: {revoked}, {payee_}, {switches}, {operator.playback_base}")


def main(*given: str) -> None:
    """Prints the operators."""
    show(*given)


def _endable(to: Target, number: int, api: str | None) -> str:
    count = count_open_rooms(to, number, api)
    if count is None:
        return "how many open rooms anybody can then end is not known"
    return f"anybody can then end its {count} open room{'' if count == 1 else 's'}"


def _warn_of(payee_: str, account: str) -> None:
    if payee_.lower() == account.lower():
        print("warning: the payee is the operator's account, whose key is on a server")


def _all(to: Target) -> dict[int, views.OperatorView]:
    count = read(to.wallet, views.read_operator_count, to.contract)
    return {
        number: read(to.wallet, views.read_operator, to.contract, number)
        for number in range(1, count + 1)
    }
