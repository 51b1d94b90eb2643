"""The OpenAPI 3.1 document: its introduction, the paths and the schemas of all subjects."""

from __future__ import annotations

from typing import Any

from api.openapi.paths import PATHS, TAGS
from api.openapi.schemas import SCHEMAS
from common.version import VERSION

_ABOUT = """\
Livestream rooms whose only source of truth is a smart contract. This API reads an index of the
contract and writes nothing; every answer gives the position of the index (`index`, the header
`Index-Position`) and how final its content is (`finality`).

Errors are problem documents (RFC 9457). An answer has a weak `ETag` that names its content, not
the index's position: ask again with `If-None-Match`, or let a CDN do it (`Cache-Control`).
Requests are limited per client; over the limit the answer is 429 with `Retry-After`.
A request that is too slow, malformed as HTTP, or over a limit of the server (line, headers,
connections of one client) also gets a problem document (408, 400, 414, 431, 429), before it
reaches a route. So does one without a valid `Host` (400; HTTP/1.0 may leave it out), and one whose
body comes in chunks (411).
Pages of any origin may read (CORS); no cookies are used.

Answers grow: pass over members, events and words that you do not know. What goes is announced
before, by the headers `Deprecation` and `Sunset` among others.
"""


def build(public_url: str | None) -> dict[str, Any]:
    """The document of a server that people reach at this address; None: where they got it."""
    info: dict[str, Any] = {
        "title": "Livestream Rooms",
        "version": VERSION,
        "description": _ABOUT,
        "license": {"name": "MIT", "identifier": "MIT"},
    }
    return {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": public_url or "/"}],
        "security": [],  # whoever may connect may ask
        "tags": [{"name": name, "description": about} for name, about in TAGS.items()],
        "paths": PATHS,
        "components": {"schemas": SCHEMAS},
    }
