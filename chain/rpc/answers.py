"""What a node's answer has to be: the one place where an answer is taken for what it should be.

Promises: pure but for the accusation. `understood` gives what `parse` makes of an answer; where
that fails, for whatever reason, the node gave a `MalformedAnswer` that names the node, the method
and what is wrong, and it counts against a node that keeps accounts (`Accountable`). The kinds of
value below are what parsers are made of; each raises ValueError. Tolerated, since the meaning is
certain: upper-case digits, `0X`, leading zeros. Not tolerated: JSON numbers, null where there must
be something, a hash of another length, a number that no chain can have.
Assumes: a parser has no effects. `chain.rpc.ask` asks; the contract's views are read by their ABI,
logs beside the headers of their blocks, both inside of `understood`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, runtime_checkable

from chain.hexes import to_bytes, to_int
from chain.rpc.errors import MalformedAnswer

T = TypeVar("T")

LARGEST_NUMBER = 2**63 - 1
"""Block numbers, times, gas, places in a block: databases hold no more, and no chain comes near."""
LARGEST_NONCE = 2**64 - 1

_HASH = re.compile(r"0[xX][0-9a-fA-F]{64}").fullmatch
_UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)


@runtime_checkable
class Accountable(Protocol):
    """An `Rpc` of one node whose malformed answers count against it."""

    def gave_malformed(self, reason: str) -> None:
        """An answer could not be used."""
        ...


def understood(rpc: object, method: str, answer: Any, parse: Callable[[Any], T]) -> T:
    """What `parse` makes of the answer of `rpc` to `method`. Raises `MalformedAnswer`."""
    try:
        return parse(answer)
    except MalformedAnswer as error:
        wrong = error.text
    except _UNREADABLE as error:
        wrong = what_is_wrong(error)
    if isinstance(rpc, Accountable):
        rpc.gave_malformed(f"{method}: {wrong}")
    raise MalformedAnswer(wrong, endpoint=str(getattr(rpc, "name", "")), method=method)


def what_is_wrong(error: BaseException) -> str:
    """A parser's failure in words."""
    words = f"there is no {error}" if isinstance(error, KeyError) else str(error)
    return f"an odd answer: {words or type(error).__name__}"[:300]


def number(value: Any) -> int:
    """A quantity that counts blocks, seconds, gas or places."""
    return to_int(value, LARGEST_NUMBER)


def chain_id(value: Any) -> int:
    """A chain's id. Some nodes tell it as a JSON number, and there is no doubt what it means."""
    return number(hex(value) if type(value) is int else value)


def nonce(value: Any) -> int:
    """How many transactions an account has sent."""
    return to_int(value, LARGEST_NONCE)


def amount(value: Any) -> int:
    """A quantity of wei, or any other word of the EVM."""
    return to_int(value)


def data(value: Any) -> bytes:
    """Bytes; there may be none."""
    if not isinstance(value, str):
        raise ValueError(f"not data: {shown(value)}")
    return to_bytes(value)


def digest(value: Any) -> str:
    """The hash of a block or transaction: 0x, lower case, 32 bytes."""
    if type(value) is not str or _HASH(value) is None:
        raise ValueError(f"not a hash of 32 bytes: {shown(value)}")
    return value.lower()


def fields(value: Any) -> dict[str, Any]:
    """An object."""
    if not isinstance(value, dict):
        raise ValueError(f"not an object: {shown(value)}")
    return value


def entries(value: Any) -> list[Any]:
    """An array."""
    if not isinstance(value, list):
        raise ValueError(f"not an array: {shown(value)}")
    return value


def or_none(parse: Callable[[Any], T]) -> Callable[[Any], T | None]:
    """A parser that takes null for "there is none"."""
    return lambda value: None if value is None else parse(value)


def or_unknown(parse: Callable[[Any], T]) -> Callable[[Any], T | None]:
    """A parser for what may be missing in any way: hints that others replace."""

    def parsed(value: Any) -> T | None:
        try:
            return parse(value)
        except _UNREADABLE:
            return None

    return parsed


def shown(value: Any) -> str:
    """An odd value, short enough for a log."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
