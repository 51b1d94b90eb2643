"""An account that sends, and the chain it sends to.

Promises: `Wallet` is all that the scripts know of a chain, so that they run over brownie and, in
tests, over plain JSON-RPC. The private key is never on the command line: `from=` names a keystore
(one of brownie's by its name, or a file), whose password is typed or read from `password_file=`;
on a development chain `from=0` is the chain's first unlocked account. A script that only prints
calls needs no key: `from=0x...` is enough. After `TransactionRefused`
nothing stands of a transaction.
Assumes: brownie is connected (`brownie run ... --network NAME`). Keeps nothing.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from eth_utils.address import is_hex_address

from chain.hexes import ZERO_ADDRESS, hex_data
from chain.rpc import answers
from chain.rpc.errors import MalformedAnswer
from chain.units import GWEI
from scripts.support.cli_args import CliArgs, Stop

T = TypeVar("T")

GAS_BUFFER = 1.6
"""On brownie's estimate: the cheapest call may begin a new slot (`chain.units.NEW_SLOT`)."""

Sent = Callable[[str], None]
"""Called with a transaction's hash as soon as it is broadcast."""


class Receipt(NamedTuple):
    """A mined transaction. `logs`: as JSON-RPC gives them."""

    tx: str
    block: int
    contract_address: str | None
    gas_used: int
    logs: list[dict[str, Any]]


class NodeRefused(Exception):
    """The node answered an error. `error`: the JSON-RPC error object."""

    def __init__(self, error: Any) -> None:
        super().__init__(str(error.get("message") if isinstance(error, dict) else error))
        self.error = error


class TransactionRefused(Stop):
    """A transaction did not come about: the node refused it, or it reverted."""


class Wallet(Protocol):
    """Reads and sends for one account."""

    @property
    def address(self) -> str:
        """The account, checksummed; the zero address if the script only reads."""
        ...

    def request(self, method: str, params: Sequence[Any]) -> Any:
        """The result of one JSON-RPC call. Raises `NodeRefused`."""
        ...

    def send(self, to: str | None, data: bytes, value: int, sent: Sent) -> Receipt:
        """Sign, broadcast, wait for one confirmation. `to` None creates a contract.

        Raises `TransactionRefused`."""
        ...


class BrownieWallet:
    """Over brownie's connected network; `account` None only reads, for `address`."""

    def __init__(self, account: Any | None, address: str = ZERO_ADDRESS) -> None:
        self._account = account
        self.address = str(account.address) if account is not None else address

    def request(self, method: str, params: Sequence[Any]) -> Any:
        from brownie import web3

        answer = web3.provider.make_request(method, list(params))
        if answer.get("error") is not None:
            raise NodeRefused(answer["error"])
        return answer.get("result")

    def send(self, to: str | None, data: bytes, value: int, sent: Sent) -> Receipt:
        if self._account is None:
            raise Stop("from=... is missing: name the sending account")
        from brownie.exceptions import VirtualMachineError

        fees = self._fees()
        try:
            tx = self._account.transfer(
                to,
                value,
                data=hex_data(data),
                gas_buffer=GAS_BUFFER,
                required_confs=0,
                silent=True,
                **fees,
            )
        except (VirtualMachineError, ValueError) as error:
            raise TransactionRefused(f"the node refused the transaction: {error}") from None
        sent(tx.txid)
        tx.wait(1)
        if tx.status != 1:
            raise TransactionRefused(f"transaction {tx.txid} reverted: {tx.revert_msg}")
        return answer_of(self, "eth_getTransactionReceipt", [tx.txid], read_receipt)

    def _fees(self) -> dict[str, int]:
        """Twice the base fee, and the node's own tip on top."""
        base = answer_of(self, "eth_getBlockByNumber", ["latest", False], _base_fee)
        try:
            tip = answer_of(self, "eth_maxPriorityFeePerGas", [], answers.amount)
        except NodeRefused:
            tip = GWEI
        return {"max_fee": 2 * base + tip, "priority_fee": tip}


def answer_of(wallet: Wallet, method: str, params: Sequence[Any], parse: Callable[[Any], T]) -> T:
    """What `parse` makes of the node's answer. Raises `NodeRefused`, `Stop` for an odd one."""
    try:
        return answers.understood(wallet, method, wallet.request(method, params), parse)
    except MalformedAnswer as error:
        raise Stop(f"{error}: name another node to brownie (brownie networks modify)") from None


def read_receipt(receipt: Any) -> Receipt:
    """A JSON-RPC receipt. Raises ValueError, KeyError."""
    created = answers.fields(receipt).get("contractAddress")
    return Receipt(
        tx=answers.digest(receipt["transactionHash"]),
        block=answers.number(receipt["blockNumber"]),
        contract_address=None if created is None else hex_data(answers.data(created)),
        gas_used=answers.number(receipt["gasUsed"]),
        logs=answers.entries(receipt["logs"]),
    )


def _base_fee(block: Any) -> int:
    return answers.amount(answers.fields(block).get("baseFeePerGas") or "0x0")


def open_wallet(words: CliArgs, *, signs: bool = True) -> BrownieWallet:
    """The wallet of `from=` and `password_file=`; unless it `signs`, `from=` may be an address."""
    who = words.text("from")
    if not who:
        raise Stop("from=: name a keystore")
    password = _password(words)
    if is_hex_address(who):
        if signs:
            raise Stop(f"from={who}: name a keystore; for an address, print=call prints the call")
        return BrownieWallet(None, words.address("from"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from brownie import accounts
    if re.fullmatch(r"[0-9]{1,9}", who):
        if int(who) >= len(accounts):
            raise Stop(f"from={who}: this network has no unlocked accounts; name a keystore")
        return BrownieWallet(accounts[int(who)])
    try:
        return BrownieWallet(accounts.load(who, password))
    except FileNotFoundError:
        raise Stop(
            f"from={who}: no such keystore (make one: brownie accounts generate {who})"
        ) from None
    except (OSError, KeyError, TypeError, AttributeError):
        raise Stop(f"from={who}: the file is no keystore") from None
    except ValueError:
        raise Stop(f"from={who}: the password does not open the keystore") from None


def _password(words: CliArgs) -> str | None:
    if not words.has("password_file"):
        return None
    path = Path(words.text("password_file"))
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise Stop(f"cannot read password_file={path}: {error.strerror}") from None
    except ValueError:
        raise Stop(f"password_file={path}: is not a text in UTF-8") from None
