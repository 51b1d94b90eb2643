"""One endpoint: where it is, what it is called, and how it is spoken to.

Promises: URLs stay out of every repr; names show scheme and host only, and are unique.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from chain.rpc.client import HttpRpc, Rpc
from common.redact import redact


@dataclass(frozen=True)
class EndpointConfig:
    """One endpoint of the settings. The URLs are secret; `name` defaults to scheme://host."""

    url: str = field(repr=False)
    ws_url: str | None = field(default=None, repr=False)
    name: str = ""


@dataclass(frozen=True)
class Endpoint:
    """A named node. `ws_url` (secret) is where it offers newHeads, if it does."""

    name: str
    rpc: Rpc
    ws_url: str | None = field(default=None, repr=False)


def http_endpoints(
    configs: Sequence[EndpointConfig],
    client: httpx.AsyncClient,
    *,
    timeout: float,
    max_batch: int,
) -> list[Endpoint]:
    """Endpoints over HTTP. Two URLs of one host get names of their own (...#2)."""
    endpoints: list[Endpoint] = []
    taken: set[str] = set()
    for config in configs:
        base = name = config.name or redact(config.url)
        number = 1
        while name in taken:
            number += 1
            name = f"{base}#{number}"
        taken.add(name)
        rpc = HttpRpc(config.url, client, timeout=timeout, max_batch=max_batch)
        endpoints.append(Endpoint(name, rpc, config.ws_url))
    return endpoints
