"""A room's events, straight from a node.

Promises: all logs of the contract with the given topics from `first` to the head, in order; a node
that allows only short ranges is asked in shorter and shorter ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from chain.hexes import hex_data
from chain.rpc import answers
from chain.rpc.ask import ask as ask_node
from chain.rpc.errors import LogRangeTooLarge, RpcError
from scripts.support.chain_reads import WalletRpc
from scripts.support.cli_args import Stop
from scripts.support.wallet import Wallet, answer_of

Topics = Sequence[str | Sequence[str] | None]
"""What eth_getLogs takes: a place may have one of several."""


def find_logs(
    wallet: Wallet, contract: str, first: int, topics: Topics, last: int | None = None
) -> list[dict[str, Any]]:
    """The logs, oldest first, from block `first` to `last` (the head)."""
    rpc = WalletRpc(wallet)

    def ask(begin: int, end: int) -> list[dict[str, Any]]:
        query = {
            "address": contract,
            "topics": topics,
            "fromBlock": hex(begin),
            "toBlock": hex(end),
        }
        try:
            return asyncio.run(ask_node(rpc, "eth_getLogs", [query], answers.entries))
        except LogRangeTooLarge as error:
            if begin == end:
                raise Stop(f"the node gives no logs of block {begin}: {error}") from None
            step = min(error.max_blocks or (end - begin) // 2 or 1, (end - begin + 1) // 2)
            found = []
            for start in range(begin, end + 1, max(1, step)):
                found += ask(start, min(end, start + max(1, step) - 1))
            return found
        except RpcError as error:
            raise Stop(str(error)) from None

    head = answer_of(wallet, "eth_blockNumber", [], answers.number) if last is None else last
    return ask(first, head) if first <= head else []


def room_topic(room_id: int) -> str:
    """A room's number as the topic of its events."""
    return hex_data(room_id.to_bytes(32))
