"""The local chain: JSON-RPC to a node that is trusted, and an anvil of one's own.

The services have a client of their own (`chain.rpc.client`); this one is synchronous and trusts its
node. `LocalNode` talks to any anvil or hardhat (whose names for its own methods anvil knows, too);
`Anvil` is one that we run.

Promises: a call gives the node's result or raises `NodeError` with its words; a wait for a
transaction is bounded.
Assumes: nobody else sends from the accounts used, since nonces are asked for before each sending.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import orjson
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address

from chain.hexes import hex_data, to_bytes, to_int
from chain.units import NEW_SLOT
from localnet.loopback import client
from localnet.process import ROOT, Program, ProgramError
from localnet.waiting import wait_until

BINARY = ROOT / "tools" / "bin" / "anvil"
LISTENING = r"Listening on (127\.0\.0\.1:(\d+))"
WEALTH = 10**24
"""Wei of an account that is opened by `LocalNode.open_account`."""

Sender = str | LocalAccount
"""An account that the node signs for, or a key of ours."""
Data = bytes | str

_JSON = {"content-type": "application/json"}


class NodeError(ProgramError):
    """The node refused a call, or a transaction failed; the message is the node's own.

    `data`: what a reverted call returned.
    """

    def __init__(self, message: str, data: bytes = b"") -> None:
        super().__init__(message)
        self.data = data


class LocalNode:
    """A local chain at `url`."""

    def __init__(self, url: str, timeout: float = 30.0) -> None:
        self._connect(url, timeout)

    def _connect(self, url: str, timeout: float = 30.0) -> None:
        self.url = url
        self.ws_url = url.replace("http", "ws", 1)
        self._http = client(url, timeout=timeout)
        self._ids = itertools.count(1)
        self._open: set[str] = set()

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    # --- calls ------------------------------------------------------------------------------------

    def rpc(self, method: str, *params: Any) -> Any:
        """The result of a call. Raises `NodeError`; httpx's errors pass."""
        body = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}
        return _result(method, self._post(body))

    def batch(self, requests: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """The results in order; the node may carry them out in any order."""
        body = [
            {"jsonrpc": "2.0", "id": i, "method": method, "params": params}
            for i, (method, params) in enumerate(requests)
        ]
        answers = {int(answer["id"]): answer for answer in self._post(body)}
        return [_result(method, answers[i]) for i, (method, _) in enumerate(requests)]

    def _post(self, body: Any) -> Any:
        answer = self._http.post("", content=orjson.dumps(body), headers=_JSON)
        return orjson.loads(answer.raise_for_status().content)

    def ready(self) -> bool:
        """Whether it answers. Raises OSError while it does not."""
        try:
            return self.chain_id() > 0
        except httpx.HTTPError as error:
            raise ConnectionError(str(error)) from None

    def chain_id(self) -> int:
        return to_int(self.rpc("eth_chainId"))

    @property
    def accounts(self) -> list[str]:
        """The accounts that it signs for, checksummed as the node gives them."""
        return list(self.rpc("eth_accounts"))

    def block_number(self) -> int:
        """Of the head."""
        return to_int(self.rpc("eth_blockNumber"))

    def block(self, which: str = "latest", *, whole: bool = False) -> dict[str, Any]:
        """A block; `whole`: with its transactions. Raises `NodeError` if there is none."""
        found = self.rpc("eth_getBlockByNumber", which, whole)
        if found is None:
            raise NodeError(f"there is no block {which}")
        return dict(found)

    def block_time(self, which: str = "latest") -> int:
        """In unix seconds."""
        return to_int(self.block(which)["timestamp"])

    def balance(self, account: str) -> int:
        """In wei, at the head."""
        return to_int(self.rpc("eth_getBalance", account, "latest"))

    def nonce(self, account: str, block: str = "latest") -> int:
        """How many transactions an account has sent."""
        return to_int(self.rpc("eth_getTransactionCount", account, block))

    def call(
        self,
        to: str | None,
        data: Data,
        sender: str = "",
        block: str = "latest",
        block_overrides: dict[str, str] | None = None,
        **fields: str,
    ) -> bytes:
        """What a contract answers. Raises `NodeError` with the data of a revert.

        `block_overrides`: what differs from the block, e.g. its time; `fields` as the node wants
        them, e.g. `value`.
        """
        asked = {"data": _as_data(data), **fields} | ({"to": to} if to else {})
        asked |= {"from": sender} if sender else {}
        overrides = [{}, block_overrides] if block_overrides else []
        return to_bytes(self.rpc("eth_call", asked, block, *overrides))

    # --- transactions -----------------------------------------------------------------------------

    def send(
        self, sender: Sender, to: str | None, data: Data, value: int = 0, **fields: Any
    ) -> str:
        """Send a transaction, signed by the node or by the key; its hash.

        `fields` as the node wants them, e.g. `gas`, `nonce`, `gasPrice`; numbers may be ints.
        """
        transaction = {"data": _as_data(data), "value": value, **fields}
        transaction |= {"to": to} if to else {}
        if not isinstance(sender, str):
            return self.sign_and_send(sender, transaction)
        quantities = {k: hex(v) if isinstance(v, int) else v for k, v in transaction.items()}
        return str(self.rpc("eth_sendTransaction", {"from": sender, **quantities}))

    def sign(self, account: LocalAccount, transaction: dict[str, Any]) -> str:
        """`transaction` signed as a wallet does, with the account's next nonce: raw, 0x.

        Quantities may be hex or int; what is missing of chain id, gas and fees is added.
        """
        fields = {
            key: int(value, 16) if isinstance(value, str) and key not in ("to", "data") else value
            for key, value in transaction.items()
            if key != "from" and value is not None
        }
        if "to" in fields:
            fields["to"] = to_checksum_address(fields["to"])
        if "chainId" not in fields:
            fields["chainId"] = self.chain_id()
        if "nonce" not in fields:
            fields["nonce"] = self.nonce(account.address, "pending")
        if "maxFeePerGas" not in fields and "gasPrice" not in fields:
            price = 2 * to_int(self.rpc("eth_gasPrice"))
            fields |= {"maxFeePerGas": price, "maxPriorityFeePerGas": min(price, 10**9)}
        if "gas" not in fields:
            asked = {"from": account.address, "to": fields.get("to"), "data": fields["data"]}
            asked["value"] = hex(fields.get("value", 0))
            fields["gas"] = to_int(self.rpc("eth_estimateGas", asked)) * 12 // 10 + NEW_SLOT
        return hex_data(bytes(account.sign_transaction(fields).raw_transaction))

    def sign_and_send(self, account: LocalAccount, transaction: dict[str, Any]) -> str:
        """Sign `transaction` as a wallet does and send it; its hash."""
        return str(self.rpc("eth_sendRawTransaction", self.sign(account, transaction)))

    def receipt(
        self, tx: str, seconds: float = 30.0, *, may_revert: bool = False
    ) -> dict[str, Any]:
        """Wait for a transaction's receipt.

        Raises `NodeError` if it is not mined in time, or reverted unless it may.
        """
        # anvil now and then answers a transaction's hash a moment before its receipt
        receipt = wait_until(
            lambda: self.rpc("eth_getTransactionReceipt", tx),
            seconds, f"transaction {tx} is mined", NodeError,
        )  # fmt: skip
        if receipt["status"] != "0x1" and not may_revert:
            raise NodeError(f"transaction {tx} reverted: {receipt}")
        return dict(receipt)

    def open_account(self, account: str, wei: int | None = WEALTH) -> None:
        """Let the node sign for any account from now on; `wei`: its balance, None as it is."""
        if account not in self._open:
            self.rpc("hardhat_impersonateAccount", account)
            if wei is not None:
                self.rpc("hardhat_setBalance", account, hex(wei))
            self._open.add(account)

    # --- what only a chain of ours can ------------------------------------------------------------

    def mine(self, blocks: int = 1, timestamp: int | None = None) -> None:
        """Mine blocks; with `timestamp` (unix seconds) the first one carries it."""
        if timestamp is not None:
            self.rpc("evm_mine", timestamp)
            blocks -= 1
        if blocks > 0:
            self.rpc("hardhat_mine", hex(blocks))

    def advance(self, seconds: int) -> None:
        """Mine a block so much later than the newest one."""
        self.mine(timestamp=self.block_time() + seconds)

    def reorg(self, depth: int, transactions: Sequence[tuple[Any, int]] = ()) -> None:
        """Replace the newest `depth` blocks by others, empty but for `transactions`: raw ones or
        fields for the node to sign, each with its place from the first replaced block."""
        self.rpc("anvil_reorg", depth, [list(each) for each in transactions])

    def snapshot(self) -> str:
        """Remember the state; give the answer to `revert` once."""
        return str(self.rpc("evm_snapshot"))

    def revert(self, snapshot: str) -> None:
        """Go back to a snapshot (which is used up)."""
        if self.rpc("evm_revert", snapshot) is not True:
            raise NodeError(f"no such snapshot: {snapshot}")


class Anvil(LocalNode, Program):
    """A running anvil: instant blocks, chain id 31337, ten accounts that it signs for.

    `options` are anvil's own arguments, e.g. `("--no-mining", "--slots-in-an-epoch", "4")`;
    `start` the seconds it has to start in (a kept chain takes long to load).
    """

    def __init__(self, folder: Path, *options: str, port: int = 0, start: float = 20.0) -> None:
        command = [str(BINARY), "--host", "127.0.0.1", "--port", str(port), *options]
        Program.__init__(self, "anvil", command, folder / "anvil.log")
        try:
            listening = self.wait_for_output(LISTENING, start)
        except BaseException:
            Program.kill(self)
            raise
        self.port = int(listening[2])
        self._connect(f"http://{listening[1]}")

    def kill(self) -> int:
        LocalNode.close(self)
        return super().kill()

    def close(self) -> None:
        self.kill()  # nothing in it is worth a graceful end


def _as_data(data: Data) -> str:
    return data if isinstance(data, str) else hex_data(data)


def _result(method: str, answer: dict[str, Any]) -> Any:
    error = answer.get("error")
    if error is None:
        return answer["result"]
    data = error.get("data")
    returned = to_bytes(data) if isinstance(data, str) and data[:2] == "0x" else b""
    raise NodeError(f"{method}: {error.get('message')} {error if data else ''}".rstrip(), returned)
