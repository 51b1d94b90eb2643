"""Which client sent a request, for limits per client.

Promises: one name per client: an IPv4 address, or the /64 of an IPv6 address, which is what one
household or attacker owns. Behind trusted proxies the address is the one they report
(`werkzeug.middleware.proxy_fix`); from others X-Forwarded-For is ignored.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=65536)
def network_of(address: str) -> str:
    """The name of a client with this address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def client_key(environ: Mapping[str, Any]) -> str:
    """The name of the client of a WSGI request."""
    return network_of(str(environ.get("REMOTE_ADDR", "")))
