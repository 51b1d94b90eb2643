"""A fault-injecting proxy that speaks MongoDB's wire protocol, between a driver and a real server.

`with MongoProxy(server.port) as proxy:` listens on a free port; `proxy.uri` is what the code under
test is given. It runs in a thread of its own, so that plain and asyncio tests use it alike. To the
driver it looks like a replica set of one member at the proxy's own address.

Faults are chosen for each command by `fault`, a function of `wire.MongoCommand`, at any time:

- `CUT_BEFORE`: the connection ends, the server never saw the command
- `CUT_AFTER`: the server did it, the answer is lost
- `CUT_REQUEST`, `CUT_ANSWER`: the connection ends in the middle of the message
- `Refuse(code)`: the server's error, with the labels that a real one adds; `applied`: it did it all
  the same
- `Slow(seconds)`: done at once, answered late

`refuse_all` does the same to everything but handshakes. `primary = False`: the member has stepped
down: handshakes say so, every command is refused with the code that a secondary gives.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self, cast

from localnet import mongo_wire as wire

NAMES = {
    13: ("Unauthorized", "not authorized on {database} to execute command"),
    18: ("AuthenticationFailed", "Authentication failed."),
    91: ("ShutdownInProgress", "The server is in quiesce mode and will shut down"),
    189: ("PrimarySteppedDown", "Primary stepped down while waiting for replication"),
    391: ("ReauthenticationRequired", "Reauthentication required"),
    10107: ("NotWritablePrimary", "not primary"),
    11600: ("InterruptedAtShutdown", "interrupted at shutdown"),
    11602: ("InterruptedDueToReplStateChange", "operation was interrupted"),
    13435: ("NotPrimaryNoSecondaryOk", "not primary and secondaryOk=false"),
    13436: ("NotPrimaryOrSecondary", "node is not in primary or recovering state"),
}
RETRYABLE = frozenset({91, 189, 10107, 11600, 11602, 13435, 13436})


@dataclass(frozen=True)
class Cut:
    """The connection ends. `applied`: after the server did it. `within`: in mid-message."""

    applied: bool = False
    within: bool = False


@dataclass(frozen=True)
class Refuse:
    """An error of the server's."""

    code: int
    applied: bool = False


@dataclass(frozen=True)
class Slow:
    """Done at once, answered so late."""

    seconds: float


Fault = Cut | Refuse | Slow
CUT_BEFORE, CUT_AFTER = Cut(), Cut(applied=True)
CUT_REQUEST, CUT_ANSWER = Cut(within=True), Cut(applied=True, within=True)
CUTS = {
    "cut before": CUT_BEFORE,
    "cut after": CUT_AFTER,
    "half a request": CUT_REQUEST,
    "half an answer": CUT_ANSWER,
}


def _none(_: wire.MongoCommand) -> Fault | None:
    return None


class MongoProxy:
    """See the module. `commands`: every command so far but handshakes."""

    def __init__(self, port: int, *, host: str = "127.0.0.1", credentials: str = "") -> None:
        """The server's address. `credentials`: "user:password@" for `uri`."""
        self._upstream = (host, port)
        self._credentials = credentials
        self.fault: Callable[[wire.MongoCommand], Fault | None] = _none
        self.refuse_all: Fault | None = None
        self.primary = True
        self.away = False
        self.commands: list[wire.MongoCommand] = []
        self._writes = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    @property
    def uri(self) -> str:
        """What the code under test is given."""
        return f"mongodb://{self._credentials}127.0.0.1:{self.port}/"

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def cut_all(self) -> None:
        """End every connection, as a primary does that steps down."""
        asyncio.run_coroutine_threadsafe(self._cut_all(), self._loop).result(10)

    def go_away(self) -> None:
        """End every connection and take no more, until `come_back`."""
        self.away = True
        self.cut_all()

    def come_back(self) -> None:
        self.away = False

    def step_down(self) -> None:
        """No primary any more: connections end, and what follows is refused."""
        self.primary = False
        self.cut_all()

    def step_up(self) -> None:
        self.primary = True

    # --- one connection -------------------------------------------------------------------------

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        self._server.close()
        await self._cut_all()

    async def _cut_all(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._tasks.add(task)
        server: asyncio.StreamWriter | None = None
        try:
            if not self.away:
                answers, server = await asyncio.open_connection(*self._upstream)
                while await self._exchange(reader, writer, answers, server):
                    pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # one of the two has gone
        finally:
            self._tasks.discard(task)
            for each in (writer, server):
                if each is not None:
                    each.close()
                    with contextlib.suppress(Exception):
                        await each.wait_closed()

    async def _exchange(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        answers: asyncio.StreamReader,
        server: asyncio.StreamWriter,
    ) -> bool:
        """One command and its answer; False ends the connection."""
        message = await wire.read_message(reader)
        command = wire.command_of(message)
        if command is None:
            raise OSError("not a command")
        command = self._count(command)
        fault = self._fault_of(command)
        if isinstance(fault, Cut) and not fault.applied:
            if fault.within:
                server.write(message[: len(message) // 2])
                await server.drain()
            return False
        if isinstance(fault, Refuse) and not fault.applied:
            writer.write(wire.answer(command, refusal(command, fault.code), message))
            await writer.drain()
            return True
        server.write(message)
        await server.drain()
        if wire.wants_no_answer(message):
            return True
        reply = await wire.read_message(answers)
        if command.handshake:
            reply = wire.answer(command, self._own(wire.document_of(reply)), message)
        if isinstance(fault, Slow):
            await asyncio.sleep(fault.seconds)
        if isinstance(fault, Refuse):
            reply = wire.answer(command, refusal(command, fault.code), message)
        if isinstance(fault, Cut):
            if fault.within:
                writer.write(reply[: len(reply) // 2])
                await writer.drain()
            return False
        writer.write(reply)
        await writer.drain()
        return True

    def _count(self, command: wire.MongoCommand) -> wire.MongoCommand:
        if command.handshake:
            return command
        self._writes += command.writes
        number, write = len(self.commands) + 1, self._writes if command.writes else 0
        command = replace(command, number=number, write=write)
        self.commands.append(command)
        return command

    def _fault_of(self, command: wire.MongoCommand) -> Fault | None:
        if command.handshake:
            return None
        if not self.primary and not command.authentication:
            return Refuse(10107 if command.writes else 13435)
        return self.refuse_all or self.fault(command)

    def _own(self, hello: dict[str, Any]) -> dict[str, Any]:
        """A handshake's answer of a replica set whose one member is this proxy."""
        me = f"127.0.0.1:{self.port}"
        role = {"isWritablePrimary": self.primary, "ismaster": self.primary}
        own = {**hello, **role, "secondary": not self.primary, "hosts": [me], "me": me}
        own.pop("topologyVersion", None)  # the driver then asks, and does not wait to be told
        own.pop("primary", None)
        return own | ({"primary": me} if self.primary else {})


def refusal(command: wire.MongoCommand, code: int) -> dict[str, Any]:
    """The server's error document."""
    name, words = NAMES[code]
    labels = ["RetryableWriteError"] if command.retryable and code in RETRYABLE else []
    return {
        "ok": 0.0,
        "errmsg": words.format(database=command.database),
        "code": code,
        "codeName": name,
        **({"errorLabels": labels} if labels else {}),
    }
