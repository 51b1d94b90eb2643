"""The program that asks a contract which may not be deployed yet (ERC-6492), as bytes of the EVM.

Promises: pure. `program` is the code of a creation that an eth_call carries out and forgets: where
there is no code at the signer's address it lets the factory deploy it, then asks the signer
isValidSignature, and answers its word if the call went well and answered one word, else zero. A
deployed signer's factory is never called: what is made up in a signature changes nothing for it.
`unwrapped` reads ERC-6492's wrapping.
"""

from __future__ import annotations

from typing import NamedTuple

SUFFIX = bytes.fromhex("64926492" * 8)
MAGIC = bytes.fromhex("1626ba7e").ljust(32, b"\0")
"""ERC-1271's answer for "yes", as the word that it is returned in."""

# opcodes
_AND, _MUL, _EQ = b"\x16", b"\x02", b"\x14"
_CODECOPY, _EXTCODESIZE, _RETURNDATASIZE = b"\x39", b"\x3b", b"\x3d"
_POP, _MLOAD, _MSTORE, _JUMPI, _GAS, _JUMPDEST = (
    b"\x50",
    b"\x51",
    b"\x52",
    b"\x57",
    b"\x5a",
    b"\x5b",
)
_CALL, _STATICCALL, _RETURN = b"\xf1", b"\xfa", b"\xf3"


class Wrapped(NamedTuple):
    """A signature of a contract that `factory` deploys when it is sent `deploy`."""

    factory: bytes
    deploy: bytes
    signature: bytes


def unwrapped(signature: bytes) -> Wrapped | None:
    """ERC-6492's (address, bytes, bytes) before the suffix. None: it is no such signature, or is
    not encoded as the ABI does it. Raises nothing."""
    body = signature[:-32]
    if not signature.endswith(SUFFIX) or len(body) < 96 or any(body[:12]):
        return None
    parts = [_dynamic(body, body[at : at + 32]) for at in (32, 64)]
    deploy, inner = parts
    return None if deploy is None or inner is None else Wrapped(body[12:32], deploy, inner)


def is_valid_signature(digest: bytes, signature: bytes) -> bytes:
    """The calldata of ERC-1271's question."""
    padded = signature + b"\0" * (-len(signature) % 32)
    return MAGIC[:4] + digest + _word(64) + _word(len(signature)) + padded


def program(signer: bytes, digest: bytes, wrapped: Wrapped) -> bytes:
    """See the module; answers one word."""
    question = is_valid_signature(digest, wrapped.signature)
    # the length of the code does not depend on the numbers in it: each is pushed as four bytes
    size = len(_code(signer, wrapped, 0, 0, 0))
    after = size - len(_ask(signer, 0, 0))
    code = _code(signer, wrapped, size, len(question), after)
    return code + wrapped.deploy + question


def _code(signer: bytes, wrapped: Wrapped, size: int, question: int, after: int) -> bytes:
    deploy = len(wrapped.deploy)
    return b"".join(
        (
            _push(signer), _EXTCODESIZE, _number(after), _JUMPI,
            _number(deploy), _number(size), _number(0), _CODECOPY,
            *(_number(0), _number(0), _number(deploy), _number(0), _number(0)),
            _push(wrapped.factory), _GAS, _CALL, _POP,
            _ask(signer, size + deploy, question),
        )
    )  # fmt: skip


def _ask(signer: bytes, start: int, length: int) -> bytes:
    """The question, `length` bytes of the code from `start` on; ends the program."""
    return b"".join(
        (
            _JUMPDEST,
            _number(length), _number(start), _number(32), _CODECOPY,
            *(_number(32), _number(0), _number(length), _number(32)),
            _push(signer), _GAS, _STATICCALL,
            _RETURNDATASIZE, _number(32), _EQ, _AND,
            _number(0), _MLOAD, _MUL, _number(0), _MSTORE,
            _number(32), _number(0), _RETURN,
        )
    )  # fmt: skip


def _number(value: int) -> bytes:
    return b"\x63" + value.to_bytes(4, "big")


def _push(address: bytes) -> bytes:
    return b"\x73" + address


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _dynamic(body: bytes, offset: bytes) -> bytes | None:
    """The bytes that an offset leads to."""
    at = int.from_bytes(offset, "big")
    if at + 32 > len(body):
        return None
    length = int.from_bytes(body[at : at + 32], "big")
    found = body[at + 32 : at + 32 + length]
    return found if len(found) == length else None
