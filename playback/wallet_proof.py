"""Whether a wallet signed: by its key, or as a contract says (ERC-1271, ERC-6492).

Promises: right is what the address's own key signed, or what the contract at this very address
calls valid: exactly ERC-1271's word, within 1,000,000 gas, at the newest block. One that is not
deployed yet is deployed in a call that is forgotten (`playback.counterfactual`), within 3,000,000
gas. An account of EIP-7702 has code and a key, and both are right. A contract that answers anything
thereby speaks for its own address, and for no other. At most `AT_ONCE` questions wait for nodes,
each as long as the node's time-out (2 s); before one is asked, `limited` is told, which may refuse.
Assumes: `node` has a time-out of its own.
On restart: nothing is kept.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from chain.hexes import hex_data, to_bytes, to_hex
from chain.rpc.blocking import NodeUnavailable, SyncNode
from chain.rpc.client import Rpc
from chain.rpc.errors import RpcError
from playback.counterfactual import MAGIC, is_valid_signature, program, unwrapped
from playback.node_answers import call_stranger
from playback.wallet_signature import signer_of

AT_ONCE = 4
PATIENCE = 2.0
"""Seconds: of a question to a node, and of waiting for one's turn."""
GAS, COUNTERFACTUAL_GAS = 1_000_000, 3_000_000
MOST_BYTES = 8192


class ProofUnavailable(Exception):
    """No node could be asked whether the contract takes the signature."""


class WalletProofs:
    """`node`: with a time-out of `PATIENCE`."""

    def __init__(self, node: SyncNode) -> None:
        self._node = node
        self._slots = threading.BoundedSemaphore(AT_ONCE)

    def holds(
        self, address: str, digest: bytes, signature: bytes, limited: Callable[[], None]
    ) -> bool:
        """Whether `address` (0x) signed the 32 bytes. Raises `ProofUnavailable`, and whatever
        `limited` raises, which is called before a node is asked."""
        if len(signature) > MOST_BYTES:
            return False
        if signer_of(digest, signature) == address.lower():
            return True
        limited()
        if not self._slots.acquire(timeout=PATIENCE):
            raise ProofUnavailable("too many signatures of contracts are being looked at")
        try:
            return self._contract_says(address, digest, signature)
        except (NodeUnavailable, RpcError) as error:
            raise ProofUnavailable(str(error)) from None
        finally:
            self._slots.release()

    def _contract_says(self, address: str, digest: bytes, signature: bytes) -> bool:
        wrapped = unwrapped(signature)
        if wrapped is None:
            data = is_valid_signature(digest, signature)
            tx = {"to": address, "data": hex_data(data), "gas": to_hex(GAS)}
        else:
            data = program(to_bytes(address), digest, wrapped)
            tx = {"data": hex_data(data), "gas": to_hex(COUNTERFACTUAL_GAS)}

        async def asked(rpc: Rpc) -> bytes | None:
            return await call_stranger(rpc, tx, "latest")

        return self._node.ask(asked) == MAGIC
