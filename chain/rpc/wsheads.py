"""The newHeads subscription of one node, over a WebSocket.

Promises: `websocket_heads` yields each announced header until the connection ends, then raises
`ConnectionEnded` without naming the URL. Nothing is retried here (`chain.rpc.heads` does).
Assumes: a node that accepts eth_subscribe(newHeads); pings find a dead connection within a minute.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Any, Protocol

import orjson
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException

# The library logs requests with their full path at DEBUG: that path holds API keys.
_quiet = logging.getLogger(f"{__name__}.protocol")
_quiet.setLevel(logging.WARNING)


class ConnectionEnded(Exception):
    """The subscription is over; the text says why, without the URL."""


class HeadSource(Protocol):
    """Opens a newHeads subscription at a (secret) URL."""

    def __call__(self, url: str) -> AsyncGenerator[dict[str, Any], None]: ...


async def websocket_heads(url: str) -> AsyncGenerator[dict[str, Any], None]:
    """Header objects as the node announces them. Raises `ConnectionEnded`, always at last."""
    request = {"jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": ["newHeads"]}
    try:
        async with connect(
            url, open_timeout=10, close_timeout=2, ping_interval=20, ping_timeout=20,
            max_size=4 * 1024 * 1024, logger=_quiet,
        ) as socket:  # fmt: skip
            await socket.send(orjson.dumps(request).decode())
            async with asyncio.timeout(10):
                answer = orjson.loads(await socket.recv())
            if "result" not in answer:
                raise ConnectionEnded("the node refuses eth_subscribe(newHeads)")
            async for text in socket:
                message = orjson.loads(text)
                header = (message.get("params") or {}).get("result")
                if isinstance(header, dict) and "number" in header:
                    yield header
    except (InvalidURI, InvalidHandshake) as error:
        raise ConnectionEnded(f"handshake failed ({type(error).__name__})") from None
    except (WebSocketException, OSError, TimeoutError, ValueError, AttributeError) as error:
        raise ConnectionEnded(f"connection lost ({type(error).__name__})") from None
    raise ConnectionEnded("the node closed the connection")
