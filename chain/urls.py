"""RPC addresses of the settings as endpoints: which ws address tells the heads of which node.

Promises: one endpoint per http(s) address, in order. A ws(s) address belongs
1. to the http(s) address of the same host and port (80 and 443 where none is written); of several
   such addresses, all of one gateway, to the one with the same key, else to the first without one;
2. else to the http(s) address of the same host, if on that host only these two are left;
3. else to the only http(s) address, if there are but these two at all.
Whatever else is left belongs to nobody and is not used: `unused` names it, and `endpoint_configs`
logs it. A node is never credited with the heads of another one. Nothing secret is shown.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

import structlog

from chain.endpoint import EndpointConfig
from chain.redact import redact

log = structlog.get_logger(__name__)

_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


class _Place(NamedTuple):
    """Where an address leads. `key`: what tells one account of a provider from another."""

    host: str
    port: int
    key: tuple[str, ...]


def node_urls(urls: Sequence[str]) -> list[str]:
    """The addresses that questions go to, in order."""
    return [url for url in urls if url.startswith("http")]


def endpoint_configs(urls: Sequence[str]) -> list[EndpointConfig]:
    """Endpoints for `urls`, which may mix http(s) and ws(s)."""
    for text in unused(urls):
        log.warning("ws address not used", setting="RPC_URLS", reason=text)
    pairs = _pairs(urls)
    return [EndpointConfig(url, pairs.get(n)) for n, url in enumerate(node_urls(urls))]


def unused(urls: Sequence[str]) -> list[str]:
    """A line for each ws(s) address that belongs to no http(s) address."""
    taken = set(_pairs(urls).values())
    return [
        f"RPC_URLS: {redact(url)} clearly belongs to none of the http(s) addresses, so its heads "
        "are not used: give both the same host, and the same port where that host has several"
        for url in urls
        if url.startswith("ws") and url not in taken
    ]


def _pairs(urls: Sequence[str]) -> dict[int, str]:
    """The ws address of each http address that has one, by the latter's number."""
    nodes = [_place(url) for url in node_urls(urls)]
    sockets = {url: _place(url) for url in urls if url.startswith("ws")}
    pairs: dict[int, str] = {}

    def free(host: str) -> list[int]:
        return [n for n, node in enumerate(nodes) if n not in pairs and node.host == host]

    for same_key in (True, False):
        for url, place in sockets.items():
            likely = [n for n in free(place.host) if nodes[n].port == place.port]
            likely = [n for n in likely if nodes[n].key == place.key or not same_key]
            if likely and url not in pairs.values():
                pairs[likely[0]] = url
    left = {url: place for url, place in sockets.items() if url not in pairs.values()}
    for url, place in left.items():
        rivals = [other for other in left.values() if other.host == place.host]
        if len(rivals) == 1 and len(likely := free(place.host)) == 1:
            pairs[likely[0]] = url
    if not pairs and len(nodes) == len(sockets) == 1:
        pairs[0] = next(iter(sockets))
    return pairs


def _place(url: str) -> _Place:
    parts = urlsplit(url)
    return _Place(_host(parts), parts.port or _PORTS[parts.scheme], _key(parts))


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
