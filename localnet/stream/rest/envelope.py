"""Cloudflare's envelope, `result` first as measured."""

import json
from typing import Any

from aiohttp import web

from localnet.stream.errors import ApiError


def ok(result: Any, *, messages: list[dict[str, Any]] | None = None, **extra: Any) -> web.Response:
    """A success. `extra` are more top-level keys (`total`, `range`)."""
    return _json(
        200,
        {"result": result, "success": True, "errors": [], "messages": messages or [], **extra},
    )


def failure(error: ApiError) -> web.Response:
    """An error; `messages` may be null, as measured on 404."""
    return _json(
        error.status,
        {"result": None, "success": False, "errors": error.errors, "messages": error.messages},
    )


def _json(status: int, body: dict[str, Any]) -> web.Response:
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    return web.Response(status=status, text=text, content_type="application/json")
