"""A node that gives a script what its method does not answer: a sentence, no traceback."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from scripts import deployment
from scripts.support import wallet as wallets
from scripts.support.cli_args import Stop
from scripts.support.findings import inspect
from scripts.support.room_events import find_logs
from scripts.support.wallet import Receipt, Sent, Wallet, answer_of, read_receipt

CONTRACT = "0x" + "11" * 20
RECEIPT: dict[str, Any] = {
    "transactionHash": "0x" + "22" * 32,
    "blockNumber": "0x5",
    "contractAddress": None,
    "gasUsed": "0x5208",
    "logs": [],
    "status": "0x1",
}


class OddWallet:
    """Answers everything with the same."""

    address = CONTRACT

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def request(self, method: str, params: Sequence[Any]) -> Any:
        return self._answer

    def send(self, to: str | None, data: bytes, value: int, sent: Sent) -> Receipt:
        raise AssertionError("a script that cannot read sends nothing")


READERS: dict[str, Callable[[Wallet], object]] = {
    "receipt": lambda w: answer_of(w, "eth_getTransactionReceipt", ["0x"], read_receipt),
    "wait": lambda w: deployment._wait(w, "0x" + "22" * 32),
    "nonce": lambda w: deployment._nonce(w, CONTRACT, "pending"),
    "base fee": lambda w: answer_of(
        w, "eth_getBlockByNumber", ["latest", False], wallets._base_fee
    ),
    "inspect": lambda w: inspect(w, CONTRACT, 0),
    "head of logs": lambda w: find_logs(w, CONTRACT, 0, []),
    "logs": lambda w: find_logs(w, CONTRACT, 0, [], 9),
}


@pytest.mark.parametrize("odd", [7, "seven", "0xzz", [None], {"blockNumber": 5}, True])
@pytest.mark.parametrize("reader", sorted(READERS))
def test_script__an_odd_answer__is_a_sentence(reader: str, odd: Any) -> None:
    if reader == "base fee" and isinstance(odd, dict):
        odd = {"baseFeePerGas": 7}
    if reader == "logs" and isinstance(odd, list):
        odd = None
    with pytest.raises(Stop, match="odd answer"):
        READERS[reader](OddWallet(odd))


def test_receipt__as_nodes_give_it__is_read() -> None:
    assert read_receipt(RECEIPT) == Receipt("0x" + "22" * 32, 5, None, 21000, [])
