"""The OpenAPI 3.1 document: its introduction, the paths and the schemas."""

from __future__ import annotations

from typing import Any

from common.version import VERSION
from playback.openapi import paths
from playback.openapi.schemas import SCHEMAS

_ABOUT = """\
Lets into rooms that are for some only who may watch: by invitation of the host, or by a token in
the viewer's wallet. Serves the rooms of one operator. What it answers is a session, and addresses
that carry a playback token of some minutes; each renewal asks again whether the right goes on.

Errors are problem documents (RFC 9457). Pages of the named origins may ask (CORS), no others; no
cookies are used. Requests are limited per client, wallet and link; over the limit the answer is 429
with `Retry-After`. No answer may be kept.
"""


def build() -> dict[str, Any]:
    """The document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Livestream Rooms: playback",
            "version": VERSION,
            "description": _ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "security": [],
        "tags": [{"name": name, "description": about} for name, about in paths.TAGS.items()],
        "paths": paths.PATHS,
        "components": {"schemas": SCHEMAS, "securitySchemes": paths.SECURITY},
    }
