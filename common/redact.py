"""Node URLs carry API keys in their path, query or user part: none of it may be shown.

Promises: `redact` keeps scheme, host and port only. `silence_urls` stops httpx from logging full
URLs, whatever level the logging is set to.
"""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

import httpx


def redact(url: str) -> str:
    """scheme://host[:port] of `url`; "(malformed URL)" if it has none."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
        host = parts.hostname
    except ValueError:
        return "(malformed URL)"
    if not parts.scheme or not host:
        return "(malformed URL)"
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}{port}"


class _HideUrls(logging.Filter):
    """Rewrites the URLs among a record's arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                redact(str(arg)) if isinstance(arg, httpx.URL) else arg for arg in record.args
            )
        return True


_HIDE = _HideUrls()


def silence_urls() -> None:
    """Make httpx's own log lines show scheme://host only. Safe to call again."""
    logger = logging.getLogger("httpx")
    if _HIDE not in logger.filters:
        logger.addFilter(_HIDE)
