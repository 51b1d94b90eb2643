"""Headers and logs of one node, checked against each other.

Promises: what is returned is consistent: every log belongs to the header it names (hash, number),
comes from the contract and stands in the header's bloom, in order and once; consecutive headers
are linked; the node itself has the last block of every range. Anything else is `Inconsistent`: a
reorg or a switch of backends between two answers, or a lie. Asking again tells.
Assumes: all questions of one call go to one node (`NodeRpc`).
Where the node has the state, the contract's own `history()` at the last block comes along: it
proves the logs. A node without that state gives None.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar, cast

from chain.eth_call import ViewError, call_params
from chain.header import Header, bloom_excludes, parse_header
from chain.hexes import to_hex
from chain.history import HISTORY_CALL, HistoryView, decode_history
from chain.rpc.client import Call
from chain.rpc.errors import BadResponse, JsonRpcError
from chain.rpc.pool import Node

Log = dict[str, Any]
A = TypeVar("A")
B = TypeVar("B")


class Inconsistent(Exception):
    """A node's answers do not fit together. `node`: its name; the text says what does not fit."""

    def __init__(self, node: str, text: str) -> None:
        super().__init__(text)
        self.node = node


@dataclass(frozen=True)
class Fetched:
    """Blocks `first` to `last.number`, both included, as one node answered.

    `headers`: of a range near the head all of them, of a wide one those with logs. `history`: the
    contract's at `last`, None where the node could not say; `silent`: the blooms exclude any event.
    """

    node: str
    first: int
    parent_hash: str
    last: Header
    headers: tuple[Header, ...]
    logs: list[Log]
    history: HistoryView | None
    silent: bool = False


async def latest(node: Node) -> Header:
    """The node's head."""
    block = await node.call("eth_getBlockByNumber", ["latest", False])
    return parse_header(block, endpoint=node.name)


async def header_at(node: Node, number: int) -> Header | None:
    """The node's canonical block of that number, None if it has none."""
    block = await node.call("eth_getBlockByNumber", [to_hex(number), False])
    return None if block is None else parse_header(block, endpoint=node.name)


async def linked_headers(node: Node, first: int, last: int) -> list[Header]:
    """The headers from `first` to `last`, each the parent of the next."""
    calls = [("eth_getBlockByNumber", [to_hex(n), False]) for n in range(first, last + 1)]
    found = [parse_header(block, endpoint=node.name) for block in await node.batch(calls)]
    for i, header in enumerate(found):
        if header.number != first + i or (i and header.parent_hash != found[i - 1].hash):
            raise Inconsistent(node.name, f"block {first + i} is not linked to the one before")
    return found


async def fetch_recent(
    node: Node, contract: str, headers: Sequence[Header], *, must_prove: bool
) -> Fetched:
    """The logs of linked `headers`, asked for by block hash, with the history at the last one.

    Blocks whose bloom excludes the contract are not asked for. `must_prove`: a node that cannot
    tell the history is an error, as it is near its head.
    """
    asked = [h for h in headers if not bloom_excludes(h.bloom, contract)]
    last = headers[-1]
    history: HistoryView | None = None
    logs: list[Log] = []
    if asked:
        queries: list[Call] = [
            ("eth_getLogs", [{"address": contract, "blockHash": h.hash}]) for h in asked
        ]
        if must_prove:
            params = call_params(contract, HISTORY_CALL, last.hash)
            *answers, proof = await node.batch([*queries, ("eth_call", params)])
            history = _history(node, proof)
        else:
            answers, history = await both(
                node.batch(queries), history_at(node, contract, last.hash, must_prove=False)
            )
        for header, answer in zip(asked, answers, strict=True):
            logs += check_logs(answer, {header.number: header}, contract, node.name)
    return Fetched(
        node=node.name,
        first=headers[0].number,
        parent_hash=headers[0].parent_hash,
        last=last,
        headers=tuple(headers),
        logs=logs,
        history=history,
        silent=not asked,
    )


async def fetch_range(
    node: Node, contract: str, first: int, last: int, *, with_history: bool
) -> Fetched:
    """The logs of blocks `first` to `last`, by number; the headers of those that have any.

    The node's own header of `last` comes in the same batch, so that a node that is behind cannot
    pass an empty answer off as a quiet range.
    """
    query = {"address": contract, "fromBlock": to_hex(first), "toBlock": to_hex(last)}
    calls: list[Call] = [
        ("eth_getBlockByNumber", [to_hex(first), False]),
        ("eth_getBlockByNumber", [to_hex(last), False]),
        ("eth_getLogs", [query]),
    ]
    opening, closing, answer = await node.batch(calls)
    if closing is None or opening is None:
        raise Inconsistent(node.name, f"it has no block {last}, but answered for its logs")
    ends = [parse_header(block, endpoint=node.name) for block in (opening, closing)]
    if (ends[0].number, ends[1].number) != (first, last):
        raise Inconsistent(node.name, "it answered with other blocks than it was asked for")
    headers = await _headers_of(node, answer, ends)
    logs = check_logs(answer, headers, contract, node.name)
    history = None
    if with_history:
        history = await history_at(node, contract, to_hex(last), must_prove=False)
    return Fetched(
        node=node.name,
        first=first,
        parent_hash=ends[0].parent_hash,
        last=ends[1],
        headers=tuple(headers[n] for n in sorted(headers)),
        logs=logs,
        history=history,
    )


async def _headers_of(node: Node, answer: Any, known: list[Header]) -> dict[int, Header]:
    """The headers of the blocks that the logs name."""
    headers = {header.number: header for header in known}
    try:
        numbers = {log["blockNumber"] for log in answer}
    except (TypeError, KeyError):
        raise _bad(node.name, "the answer is no list of logs") from None
    missing = sorted((n for n in numbers if int(n, 16) not in headers), key=lambda n: int(n, 16))
    first, last = known[0].number, known[-1].number
    if any(not first <= int(n, 16) <= last for n in missing):
        raise Inconsistent(node.name, "a log of a block that was not asked for")
    calls = [("eth_getBlockByNumber", [number, False]) for number in missing]
    for block in await node.batch(calls) if calls else ():
        header = parse_header(block, endpoint=node.name)
        headers[header.number] = header
    return headers


async def history_at(
    node: Node, contract: str, block: str, *, must_prove: bool = True
) -> HistoryView | None:
    """The contract's history at a block hash or quantity; None only without `must_prove`."""
    try:
        answer = await node.call("eth_call", call_params(contract, HISTORY_CALL, block))
    except JsonRpcError as error:
        if error.transient or must_prove:
            raise
        return None  # the node keeps no state that old
    return _history(node, answer)


def _history(node: Node, answer: Any) -> HistoryView:
    try:
        return decode_history(answer)
    except ViewError as error:
        raise Inconsistent(node.name, f"history(): {error}") from None


async def both(first: Awaitable[A], second: Awaitable[B]) -> tuple[A, B]:
    """Two questions at once; if one fails, its error, after both are done."""
    one, two = await asyncio.gather(first, second, return_exceptions=True)
    for outcome in (one, two):
        if isinstance(outcome, BaseException):
            raise outcome
    return cast("tuple[A, B]", (one, two))


def check_logs(answer: Any, headers: dict[int, Header], contract: str, node: str) -> list[Log]:
    """The logs of an eth_getLogs answer, checked against the headers of their blocks."""
    if not isinstance(answer, list):
        raise _bad(node, "the answer is no list of logs")
    before = -1
    try:
        for number_text, group in groupby(answer, key=itemgetter("blockNumber")):
            number = int(number_text, 16)
            header = headers.get(number)
            if header is None:
                raise Inconsistent(node, f"a log of block {number}, which was not asked for")
            if number <= before:
                raise _disorder(node)
            before, place = number, -1
            topics = set()
            for log in group:
                digest, address = log["blockHash"], log["address"]
                if digest != header.hash and digest.lower() != header.hash:
                    text = f"a log of block {number} names another block hash than its header"
                    raise Inconsistent(node, text)
                if address != contract and address.lower() != contract:
                    raise Inconsistent(node, "a log of another contract")
                if (index := int(log["logIndex"], 16)) <= place:
                    raise _disorder(node)
                place = index
                topics.add(log["topics"][0])
            if bloom_excludes(header.bloom, contract, *topics):
                raise Inconsistent(node, f"the bloom of block {number} excludes its log")
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise _bad(node, f"a malformed log: {error!r}") from None
    return answer


def _disorder(node: str) -> Inconsistent:
    return Inconsistent(node, "the logs are not in order, or one comes twice")


def _bad(node: str, text: str) -> BadResponse:
    return BadResponse(text, endpoint=node, method="eth_getLogs")
