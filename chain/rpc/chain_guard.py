"""A node that must be of the right chain before it is asked anything.

Promises: the first question to a node is its chain id; one of another chain is asked nothing else
and raises `OtherChain`, which names both ids. After the node was away it is asked again: an address
may lead elsewhere then. A question for the chain id itself passes, whatever the answer. Whoever
finds another chain says so in the words of `is_on_another`, and to correct `CHAIN_FIX`.
On restart: nothing is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chain.rpc.answers import chain_id, understood
from chain.rpc.client import Call, Rpc
from chain.rpc.errors import (
    HttpStatusError,
    JsonRpcError,
    RefusedByNode,
    RpcError,
    TransportError,
)

CHAIN_ID = "eth_chainId"
CHAIN_FIX = "correct RPC_URLS or CHAIN_ID"


def is_on_another(what: str, found: int, wanted: int) -> str:
    """That `what` is on chain `found`, not on the one that the settings mean."""
    return f"{what} is on chain {found}, the settings say {wanted}"


class OtherChain(RpcError):
    """The node is of another chain than the settings say; another node may be right."""

    transient = True

    def __init__(self, found: int, wanted: int, endpoint: str) -> None:
        super().__init__(
            f"{is_on_another('it', found, wanted)}: {CHAIN_FIX}",
            endpoint=endpoint,
            method=CHAIN_ID,
        )


class ChainGuard:
    """An `Rpc` to a node of chain `wanted`. `endpoint`: scheme://host, for errors."""

    def __init__(self, rpc: Rpc, wanted: int, endpoint: str) -> None:
        self._rpc = rpc
        self._wanted = wanted
        self.name = endpoint
        self._checked = False

    def __repr__(self) -> str:
        return f"ChainGuard({self._rpc!r})"

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        try:
            if method != CHAIN_ID:
                await self._check()
            return await self._rpc.call(method, params)
        except (TransportError, HttpStatusError):
            self._checked = False
            raise

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        try:
            await self._check()
            return await self._rpc.batch(calls)
        except (TransportError, HttpStatusError):
            self._checked = False
            raise

    async def _check(self) -> None:
        if self._checked:
            return
        try:
            answer = await self._rpc.call(CHAIN_ID, [])
        except JsonRpcError as error:
            if error.transient:
                raise
            # Another node may well say, and this one is of no use without.
            text = f"it does not tell its chain: {error.message}"
            raise RefusedByNode(error.code, text, endpoint=self.name, method=CHAIN_ID) from None
        found = understood(self, CHAIN_ID, answer, chain_id)
        if found != self._wanted:
            raise OtherChain(found, self._wanted, self.name)
        self._checked = True
