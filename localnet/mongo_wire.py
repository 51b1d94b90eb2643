"""MongoDB's wire protocol, as far as a proxy has to read it: a command, and an answer to it.

Promises: `read_message` gives one whole message; `command_of` is None for what is none (a reply, a
compressed message). Only uncompressed OP_MSG, and the OP_QUERY of a first handshake, are read.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import bson

OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
CHECKSUM, MORE_TO_COME = 1, 2
HEADER = struct.Struct("<iiii")
HANDSHAKES = frozenset({"hello", "ismaster"})
AUTHENTICATION = frozenset({"saslstart", "saslcontinue", "authenticate", "logout"})
WRITES = frozenset(
    {"insert", "update", "delete", "findandmodify", "createindexes", "create", "drop",
     "dropdatabase", "bulkwrite", "renamecollection"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MongoCommand:
    """A command of a client's. `name` in lower case; `collection` "" where it names none.

    `number` counts all commands of a proxy but handshakes, `write` the writes among them; each from
    1, 0 where it does not count.
    """

    name: str
    database: str
    collection: str
    body: Mapping[str, Any]
    request: int
    number: int = 0
    write: int = 0

    @property
    def handshake(self) -> bool:
        return self.name in HANDSHAKES

    @property
    def authentication(self) -> bool:
        return self.name in AUTHENTICATION

    @property
    def writes(self) -> bool:
        return self.name in WRITES

    @property
    def retryable(self) -> bool:
        """Whether the driver would send it a second time by itself."""
        return "txnNumber" in self.body


async def read_message(reader: asyncio.StreamReader) -> bytes:
    """The next whole message. Raises `asyncio.IncompleteReadError` at the end."""
    length = await reader.readexactly(4)
    return length + await reader.readexactly(int.from_bytes(length, "little") - 4)


def command_of(message: bytes) -> MongoCommand | None:
    """The command in a client's message."""
    _, request, _, opcode = HEADER.unpack_from(message)
    if opcode == OP_QUERY:  # flags, a zero-ended name, skip, limit, the document
        end = message.index(b"\0", 20)
        database = message[20:end].decode().partition(".")[0]
        return _command(bson.decode(message[end + 9 :]), request, database)
    if opcode != OP_MSG:
        return None
    body = _first_body(message)
    return _command(body, request, str(body.get("$db", "")))


def wants_no_answer(message: bytes) -> bool:
    """Whether the client waits for no reply (an unacknowledged write)."""
    opcode = HEADER.unpack_from(message)[3]
    return opcode == OP_MSG and bool(struct.unpack_from("<I", message, 16)[0] & MORE_TO_COME)


def answer(command: MongoCommand, document: Mapping[str, Any], like: bytes) -> bytes:
    """A reply with this document, in the form that the request `like` asks for."""
    data = bson.encode(document)
    if HEADER.unpack_from(like)[3] == OP_QUERY:
        payload, opcode = struct.pack("<iqii", 8, 0, 0, 1) + data, OP_REPLY
    else:
        payload, opcode = struct.pack("<I", 0) + b"\0" + data, OP_MSG
    return HEADER.pack(16 + len(payload), 0, command.request, opcode) + payload


def document_of(reply: bytes) -> dict[str, Any]:
    """The document of a server's reply."""
    opcode = HEADER.unpack_from(reply)[3]
    return bson.decode(reply[36:]) if opcode == OP_REPLY else _first_body(reply)


def _first_body(message: bytes) -> dict[str, Any]:
    """The document of the section of kind 0, wherever it stands among the others."""
    flags = struct.unpack_from("<I", message, 16)[0]
    at, end = 20, len(message) - (4 if flags & CHECKSUM else 0)
    while at < end:
        size = struct.unpack_from("<i", message, at + 1)[0]
        if message[at] == 0:
            return bson.decode(message[at + 1 : at + 1 + size])
        at += 1 + size
    raise ValueError("an OP_MSG without a body")


def _command(body: dict[str, Any], request: int, database: str) -> MongoCommand:
    name = next(iter(body), "")
    first = body.get(name)
    named = body.get("collection", "") if name == "getMore" else first
    collection = named if isinstance(named, str) else ""
    return MongoCommand(name.lower(), database, collection, body, request)
