"""RPC addresses of the settings as nodes: which ws address tells the heads of which node.

Promises: one node per http(s) address, in order. A ws(s) address belongs
1. to the http(s) address of the same host, port (80 and 443 where none is written) and key;
2. else to that of the same host and port, if on these only the two are left;
3. else to that of the same host, if on that host only the two are left;
4. else to the only http(s) address, if there are but these two at all.
Whatever else is left belongs to nobody and is not used: `unused` names it, and `node_configs`
logs it. A node is never credited with the heads of another one. Nothing secret is shown.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

import structlog

from chain.rpc.pool import NodeConfig
from common.redact import redact_url

log = structlog.get_logger(__name__)

_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


class _NodeAddress(NamedTuple):
    """Where an address leads. `key`: what tells one account of a provider from another."""

    host: str
    port: int
    key: tuple[str, ...]


def node_urls(urls: Sequence[str]) -> list[str]:
    """The addresses that questions go to, in order."""
    return [url for url in urls if url.startswith("http")]


def node_configs(urls: Sequence[str]) -> list[NodeConfig]:
    """Nodes for `urls`, which may mix http(s) and ws(s)."""
    for text in unused(urls):
        log.warning("ws address not used", setting="RPC_URLS", reason=text)
    pairs = _pairs(urls)
    return [NodeConfig(url, pairs.get(n)) for n, url in enumerate(node_urls(urls))]


def unused(urls: Sequence[str]) -> list[str]:
    """A line for each ws(s) address that belongs to no http(s) address."""
    taken = set(_pairs(urls).values())
    return [
        f"RPC_URLS: address {n}, {redact_url(url)}, does not match any http(s) address, so its "
        "heads are not used: give both the same host and, if several addresses have that host, the "
        "same port and path"
        for n, url in enumerate(urls, 1)
        if url.startswith("ws") and url not in taken
    ]


def _pairs(urls: Sequence[str]) -> dict[int, str]:
    """The ws address of each http address that has one, by the latter's number."""
    nodes = dict(enumerate(_node_address(url) for url in node_urls(urls)))
    sockets = {url: _node_address(url) for url in urls if url.startswith("ws")}
    lone = len(nodes) == len(sockets) == 1
    pairs: dict[int, str] = {}
    for parts in (3, 2, 1) if not lone else (0,):
        for likeness in {place[:parts] for place in nodes.values()}:
            ours = [n for n, place in nodes.items() if place[:parts] == likeness]
            theirs = [url for url, place in sockets.items() if place[:parts] == likeness]
            if parts == 3 or len(ours) == len(theirs) == 1:
                for n, url in zip(ours, theirs, strict=False):
                    pairs[n] = url
                    del nodes[n], sockets[url]
    return pairs


def _node_address(url: str) -> _NodeAddress:
    parts = urlsplit(url)
    return _NodeAddress(_host(parts), parts.port or _PORTS[parts.scheme], _key(parts))


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host


def _key(parts: SplitResult) -> tuple[str, ...]:
    """Providers put a word for the socket before or behind the key (/ws/v3/KEY, /v3/KEY/ws)."""
    words = [word for word in parts.path.split("/") if word not in ("", "ws", "wss", "websocket")]
    return (parts.username or "", parts.password or "", *words, parts.query)
