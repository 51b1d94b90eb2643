"""Reading the chain in a script: the services' own readers, one call after the other.

Promises: every answer is decoded by `chain.views`, as in the services; a node's refusal is a `Stop`
with its reason in words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from chain.hexes import hex_data
from chain.identity import (
    WrongChain,
    check_ours,
    read_chain_id,
    read_code,
)
from chain.reverts import contract_errors
from chain.rpc.client import Call, Rpc
from chain.rpc.errors import ExecutionReverted, RpcError, classify_error
from chain.send.simulate import CallTx, simulate
from scripts.support.cli_args import Stop
from scripts.support.wallet import NodeRefused, Wallet

T = TypeVar("T")


class WalletRpc:
    """A wallet's node as the services' readers want it (`chain.rpc.client.Rpc`)."""

    def __init__(self, wallet: Wallet) -> None:
        self._wallet = wallet

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        try:
            return self._wallet.request(method, params)
        except NodeRefused as error:
            raise classify_error(method, error.error, "") from None

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        return [await self.call(method, params) for method, params in calls]


def read(wallet: Wallet, reader: Callable[..., Awaitable[T]], contract: str, *args: Any) -> T:
    """`reader(rpc, contract, *args, block)` at the latest block."""

    async def ask() -> T:
        rpc: Rpc = WalletRpc(wallet)
        return await reader(rpc, contract, *args, "latest")

    try:
        return asyncio.run(ask())
    except ExecutionReverted as error:
        raise Stop(contract_errors().words(error.revert_data)) from None
    except RpcError as error:
        raise Stop(str(error)) from None


def would_revert(wallet: Wallet, to: str, data: bytes, value: int) -> str | None:
    """Why a transaction of the wallet's would revert now, in words; None if it would not."""
    tx = CallTx(wallet.address, to, hex_data(data), value)
    return _ask(simulate(WalletRpc(wallet), tx, errors=contract_errors())).reason


def creation_would_revert(wallet: Wallet, code: bytes) -> str | None:
    """The same of the creation of a contract."""
    call = {"from": wallet.address, "data": hex_data(code)}
    try:
        _ask(WalletRpc(wallet).call("eth_call", [call, "latest"]))
    except ExecutionReverted as error:
        return contract_errors().words(error.revert_data)
    return None


def chain_id(wallet: Wallet) -> int:
    """The id of the chain that the wallet's node is on."""
    return _ask(read_chain_id(WalletRpc(wallet)))


def code_at(wallet: Wallet, address: str) -> bytes:
    """The code at an address; empty if there is none."""
    return _ask(read_code(WalletRpc(wallet), address))


def check_contract(wallet: Wallet, address: str, network: int) -> None:
    """There is a contract of our version at the address; stops otherwise."""
    try:
        _ask(check_ours(WalletRpc(wallet), [(address, 0)], network))
    except WrongChain as wrong:
        raise Stop(wrong.found) from None


def _ask(question: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(question)
    except ExecutionReverted:
        raise
    except RpcError as error:
        raise Stop(str(error)) from None
