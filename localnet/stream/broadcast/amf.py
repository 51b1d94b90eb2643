"""AMF0, the values in RTMP commands.

Promises: `decode` reads the types that encoders send (numbers, booleans, strings, objects, arrays,
null); anything else, or a truncated value, is an `AmfError`.
Source: Adobe's AMF0 specification, section 2.
"""

import struct
from typing import Any

_END = b"\x00\x00\x09"
_DEEPEST = 8


class AmfError(ValueError):
    """Not AMF0, or a type that no encoder sends."""


def encode(*values: Any) -> bytes:
    """Numbers, booleans, strings, None and dicts of them, one after another."""
    return b"".join(_encode(value) for value in values)


def decode(data: bytes) -> list[Any]:
    """All values of a command. Raises AmfError."""
    values: list[Any] = []
    at = 0
    try:
        while at < len(data):
            value, at = _decode(data, at, 0)
            values.append(value)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise AmfError(str(error)) from error
    return values


def _encode(value: Any) -> bytes:
    match value:
        case None:
            return b"\x05"
        case bool():
            return b"\x01" + bytes([value])
        case int() | float():
            return b"\x00" + struct.pack(">d", value)
        case str():
            return b"\x02" + _name(value)
        case dict():
            body = b"".join(_name(key) + _encode(item) for key, item in value.items())
            return b"\x03" + body + _END
    raise AmfError(f"cannot encode {type(value).__name__}")


def _name(text: str) -> bytes:
    raw = text.encode()
    return struct.pack(">H", len(raw)) + raw


def _decode(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    kind, at = data[at], at + 1
    if depth > _DEEPEST:
        raise AmfError("nested too deep")
    match kind:
        case 0x00:
            return struct.unpack_from(">d", data, at)[0], at + 8
        case 0x01:
            return bool(data[at]), at + 1
        case 0x02 | 0x0C:
            return _text(data, at, 2 if kind == 0x02 else 4)
        case 0x03:
            return _object(data, at, depth)
        case 0x08:
            return _object(data, at + 4, depth)
        case 0x0A:
            return _array(data, at, depth)
        case 0x05 | 0x06:
            return None, at
    raise AmfError(f"type {kind} is not read here")


def _text(data: bytes, at: int, width: int) -> tuple[str, int]:
    end = at + width + int.from_bytes(data[at : at + width], "big")
    if end > len(data):
        raise AmfError("truncated text")
    return data[at + width : end].decode(), end


def _object(data: bytes, at: int, depth: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    while data[at : at + 3] != _END:
        name, at = _text(data, at, 2)
        found[name], at = _decode(data, at, depth + 1)
    return found, at + 3


def _array(data: bytes, at: int, depth: int) -> tuple[list[Any], int]:
    (count,) = struct.unpack_from(">I", data, at)
    at += 4
    items: list[Any] = []
    for _ in range(count):
        item, at = _decode(data, at, depth + 1)
        items.append(item)
    return items, at
