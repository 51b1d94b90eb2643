"""Headers and logs of one node, checked against each other.

Promises: what is returned is consistent: every log belongs to the header it names (hash, number)
and comes from the contract, in order and once; consecutive headers are linked; the node itself has
the last block of every range. Anything else is `Inconsistent`: a reorg or a switch of backends
between two answers, or a lie. Asking again tells. A bloom only spares questions: some nodes' blooms
are wrong where their logs are right, so what was left out for a bloom's sake (`unasked`), and logs
that a bloom denies (`denied`), are told and judged by whoever has the contract's history.
Assumes: all questions of one call go to one node (`NodeRpc`).
Where the node has the state, the contract's own `history()` at the last block comes along: it
proves the logs. A node without that state gives None.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar, cast

from chain.eth_call import ViewError, call_params
from chain.header import Header, bloom_excludes, parse_header
from chain.hexes import to_hex
from chain.history import HISTORY_CALL, NO_CONTRACT, HistoryView, decode_early_history
from chain.rpc import answers
from chain.rpc.answers import or_none, understood
from chain.rpc.ask import Question, ask, ask_all
from chain.rpc.errors import JsonRpcError, MalformedAnswer
from chain.rpc.pool import Node

_BLOCK, _LOGS = "eth_getBlockByNumber", "eth_getLogs"
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
    contract's at `last`, None where the node could not say. `proof`: the same, None also where by
    the node's word there is no contract yet. `unasked`: the logs of some blocks were not asked for,
    since their blooms exclude any. `denied`: a block whose bloom excludes its log.
    """

    node: str
    first: int
    parent_hash: str
    last: Header
    headers: tuple[Header, ...]
    logs: list[Log]
    history: HistoryView | None
    unasked: bool = False
    denied: int | None = None

    @property
    def proof(self) -> HistoryView | None:
        return None if self.history == NO_CONTRACT else self.history


async def latest(node: Node) -> Header:
    """The node's head."""
    return await ask(node, _BLOCK, ["latest", False], parse_header)


async def header_at(node: Node, number: int) -> Header | None:
    """The node's canonical block of that number, None if it has none."""
    return await ask(node, _BLOCK, [to_hex(number), False], or_none(parse_header))


async def linked_headers(node: Node, first: int, last: int) -> list[Header]:
    """The headers from `first` to `last`, each the parent of the next."""
    found: list[Header] = []
    for header in await _headers(node, range(first, last + 1)):
        number = first + len(found)
        if header is None:
            raise Inconsistent(node.name, f"it has no block {number}, but one above it")
        if header.number != number or (found and header.parent_hash != found[-1].hash):
            raise Inconsistent(node.name, f"block {number} is not linked to the one before")
        found.append(header)
    return found


async def _headers(node: Node, numbers: Iterable[int]) -> list[Header | None]:
    """The node's canonical blocks of these numbers, None where it has none."""
    parse = or_none(parse_header)
    return await ask_all(node, [Question(_BLOCK, [to_hex(n), False], parse) for n in numbers])


async def fetch_recent(
    node: Node,
    contract: str,
    headers: Sequence[Header],
    *,
    must_prove: bool,
    blooms: bool = True,
) -> Fetched:
    """The logs of linked `headers`, asked for by block hash, with the history at the last one.

    `blooms`: blocks whose bloom excludes the contract are not asked for. `must_prove`: a node that
    cannot tell the history is an error, as it is near its head.
    """
    asked = [h for h in headers if not (blooms and bloom_excludes(h.bloom, contract))]
    last = headers[-1]
    history: HistoryView | None = None
    denied: int | None = None
    logs: list[Log] = []
    if asked:
        queries = [
            Question(
                _LOGS,
                [{"address": contract, "blockHash": h.hash}],
                partial(check_logs, headers={h.number: h}, contract=contract, node=node.name),
            )
            for h in asked
        ]
        if must_prove:
            params = call_params(contract, HISTORY_CALL, last.hash)
            proof = Question("eth_call", params, partial(_history, node))
            *found, history = await ask_all(node, [*queries, proof])
        else:
            found, history = await both(
                ask_all(node, queries), history_at(node, contract, last.hash, must_prove=False)
            )
        logs = [log for answer in found for log in answer.logs]
        denied = max((answer.denied for answer in found if answer.denied), default=None)
    return Fetched(
        node=node.name,
        first=headers[0].number,
        parent_hash=headers[0].parent_hash,
        last=last,
        headers=tuple(headers),
        logs=logs,
        history=history,
        unasked=len(asked) < len(headers),
        denied=denied,
    )


async def fetch_range(
    node: Node, contract: str, first: int, last: int, *, with_history: bool
) -> Fetched:
    """The logs of blocks `first` to `last`, by number; the headers of those that have any.

    The node's own header of `last` comes in the same batch, so that a node that is behind cannot
    pass an empty answer off as a quiet range.
    """
    query = {"address": contract, "fromBlock": to_hex(first), "toBlock": to_hex(last)}
    end = or_none(parse_header)
    opening, closing, answer = await ask_all(
        node,
        [
            Question(_BLOCK, [to_hex(first), False], end),
            Question(_BLOCK, [to_hex(last), False], end),
            Question(_LOGS, [query], answers.entries),
        ],
    )
    if closing is None or opening is None:
        raise Inconsistent(node.name, f"it has no block {last}, but answered for its logs")
    ends = [opening, closing]
    if (ends[0].number, ends[1].number) != (first, last):
        raise Inconsistent(node.name, "it answered with other blocks than it was asked for")
    headers = await _headers_of(node, answer, ends)
    checked = partial(check_logs, headers=headers, contract=contract, node=node.name)
    logs, denied = understood(node, _LOGS, answer, checked)
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
        denied=denied,
    )


async def _headers_of(node: Node, answer: Any, known: list[Header]) -> dict[int, Header]:
    """The headers of the blocks that the logs name."""
    headers = {header.number: header for header in known}
    missing = sorted(understood(node, _LOGS, answer, _blocks_of) - headers.keys())
    first, last = known[0].number, known[-1].number
    if missing and not first <= missing[0] <= missing[-1] <= last:
        raise Inconsistent(node.name, "a log of a block that was not asked for")
    for block, header in zip(missing, await _headers(node, missing), strict=True):
        if header is None:
            raise Inconsistent(node.name, f"it has no block {block}, but a log of it")
        headers[header.number] = header
    return headers


def _blocks_of(logs: list[Any]) -> set[int]:
    """The numbers of the blocks that logs name."""
    return {answers.number(text) for text in {log["blockNumber"] for log in logs}}


async def history_at(
    node: Node, contract: str, block: str, *, must_prove: bool = True
) -> HistoryView | None:
    """The contract's history at a block hash or quantity; None only without `must_prove`."""
    try:
        params = call_params(contract, HISTORY_CALL, block)
        return await ask(node, "eth_call", params, partial(_history, node))
    except JsonRpcError as error:
        if error.transient or must_prove:
            raise
        return None  # the node keeps no state that old


def _history(node: Node, answer: Any) -> HistoryView:
    answers.data(answer)  # what is no data at all is malformed, whatever the chain does
    try:
        return decode_early_history(answer)
    except ViewError as error:
        raise Inconsistent(node.name, f"history(): {error}") from None


async def both(first: Awaitable[A], second: Awaitable[B]) -> tuple[A, B]:
    """Two questions at once; if one fails, its error, after both are done."""
    one, two = await asyncio.gather(first, second, return_exceptions=True)
    for outcome in (one, two):
        if isinstance(outcome, BaseException):
            raise outcome
    return cast("tuple[A, B]", (one, two))


class CheckedLogs(NamedTuple):
    """`denied`: the last block whose bloom excludes a log that it has."""

    logs: list[Log]
    denied: int | None


def check_logs(answer: Any, headers: dict[int, Header], contract: str, node: str) -> CheckedLogs:
    """The logs of an eth_getLogs answer, checked against the headers of their blocks."""
    if not isinstance(answer, list):
        raise _bad(node, "an odd answer: not a list of logs")
    before, denied = -1, None
    try:
        for number_text, group in groupby(answer, key=itemgetter("blockNumber")):
            number = int(number_text, 16)
            header = headers.get(number)
            if header is None:
                raise Inconsistent(node, f"a log of block {number}, which was not asked for")
            if number <= before:
                raise _disorder(node)
            before, place, former = number, -1, None
            topics = set()
            for log in group:
                digest, address = log["blockHash"], log["address"]
                if digest != header.hash and answers.digest(digest) != header.hash:
                    text = f"a log of block {number} names another block hash than its header"
                    raise Inconsistent(node, text)
                if address != contract and address.lower() != contract:
                    raise Inconsistent(node, "a log of another contract")
                index, transaction = int(log["logIndex"], 16), log.get("transactionIndex")
                # Some chains count the logs of each transaction from zero.
                if index <= place and int(transaction or "0x0", 16) <= int(former or "0x0", 16):
                    raise _disorder(node)
                place, former = index, transaction
                topics.add(log["topics"][0])
            if bloom_excludes(header.bloom, contract, *topics):
                denied = number
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise _bad(node, f"{answers.what_is_wrong(error)}, in a log") from None
    return CheckedLogs(answer, denied)


def _disorder(node: str) -> Inconsistent:
    return Inconsistent(node, "the logs are not in order, or one comes twice")


def _bad(node: str, text: str) -> MalformedAnswer:
    return MalformedAnswer(text, endpoint=node, method=_LOGS)
