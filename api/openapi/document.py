"""The OpenAPI document, put together."""

from __future__ import annotations

from typing import Any

from api.config import ApiConfig


def build(config: ApiConfig) -> dict[str, Any]:
    """The document."""
    return {"openapi": "3.1.0", "info": {"title": "Livestream Rooms", "version": "1"}, "paths": {}}
