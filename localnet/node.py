"""A few plain JSON-RPC calls to the local chain, for starting it and for walking through it.

The services have a client of their own (`chain.rpc`); this one is synchronous and trusts its node.
"""

from __future__ import annotations

import time
from typing import Any

import httpx
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address

from chain.hexes import hex_data, to_int
from localnet.process import ProgramError


class NodeError(ProgramError):
    """The node refused a call; the message is its own."""


class Node:
    """The local chain at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(timeout=10.0, trust_env=False)

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def call(self, method: str, *params: Any) -> Any:
        """The result of a call. Raises `NodeError`; httpx's errors pass."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = self._http.post(self.url, json=body).json()
        if "error" in answer:
            raise NodeError(f"{method}: {answer['error'].get('message')}")
        return answer["result"]

    def ready(self) -> bool:
        """Whether it answers."""
        try:
            return to_int(self.call("eth_chainId")) > 0
        except httpx.HTTPError as error:
            raise ConnectionError(str(error)) from None

    def block_number(self) -> int:
        """Of the head."""
        return int(self.call("eth_blockNumber"), 16)

    def send(self, account: LocalAccount, transaction: dict[str, Any]) -> str:
        """Sign `transaction` as a wallet does, with the account's next nonce, and send it.

        Returns the hash. Quantities may be hex or int.
        """
        fields = {
            key: int(value, 16) if isinstance(value, str) and key not in ("to", "data") else value
            for key, value in transaction.items()
            if key != "from" and value is not None
        }
        if "to" in fields:
            fields["to"] = to_checksum_address(fields["to"])
        fields["nonce"] = int(self.call("eth_getTransactionCount", account.address, "pending"), 16)
        if "gas" not in fields:
            asked = {"from": account.address, "to": fields.get("to"), "data": fields["data"]}
            asked["value"] = hex(fields.get("value", 0))
            fields["gas"] = int(self.call("eth_estimateGas", asked), 16) * 12 // 10
        signed = account.sign_transaction(fields)
        return str(self.call("eth_sendRawTransaction", hex_data(bytes(signed.raw_transaction))))

    def receipt(self, tx: str, seconds: float = 30.0) -> dict[str, Any]:
        """Wait for a transaction's receipt. Raises `NodeError` if it reverted or is not mined."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            receipt = self.call("eth_getTransactionReceipt", tx)
            if receipt is not None:
                if int(receipt["status"], 16) != 1:
                    raise NodeError(f"transaction {tx} reverted")
                return dict(receipt)
            time.sleep(0.02)
        raise NodeError(f"transaction {tx} was not mined within {seconds:.0f} s")
