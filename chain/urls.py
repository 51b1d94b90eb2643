"""RPC addresses of the settings as endpoints.

Promises: one endpoint per http(s) address, in order; a ws(s) address belongs to the endpoint of the
same host and port, else of the same host, else to the first that has none. Nothing secret is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from chain.endpoint import EndpointConfig


def endpoint_configs(urls: Sequence[str]) -> list[EndpointConfig]:
    """Endpoints for `urls`, which may mix http(s) and ws(s)."""
    nodes = [url for url in urls if url.startswith("http")]
    sockets: dict[int, str] = {}
    for socket in (url for url in urls if url.startswith("ws")):
        free = [n for n in range(len(nodes)) if n not in sockets]
        if free:
            sockets[max(free, key=lambda n: (_likeness(nodes[n], socket), -n))] = socket
    return [EndpointConfig(url, sockets.get(n)) for n, url in enumerate(nodes)]


def _likeness(node: str, socket: str) -> int:
    one, two = urlsplit(node), urlsplit(socket)
    if one.hostname != two.hostname:
        return 0
    return 2 if one.port == two.port else 1
