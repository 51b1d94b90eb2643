"""What may be shown of a node's URL, and of a remote text.

Promises: `redact_url` keeps scheme, host and port only, for a node's URL carries API keys in its
path, query or user part; `url_secrets` are these, for who hides them in a node's own words.
`silence_urls` stops httpx from logging full URLs, whatever level the logging is set to. A
`Scrubber`'s result is short and printable, and holds none of the given
secrets, no URL, and no run of 20 or more characters that a key, a token or a uid could be made of
(a live input's secrets are 65 such characters); rather too much is hidden than too little, since
the caller's own context names the room and the uid.
The two stay apart: a node's errors and logs must go on telling hashes and addresses, which a
`Scrubber` would hide.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

import httpx

MAX_CHARS = 300
LEAST_KEY = 6
HIDDEN = "[hidden]"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://\S+")
_PLAIN_WORD = re.compile(r"[a-z.\-]{1,19}")
_LONG_RUN = re.compile(r"[A-Za-z0-9_+/=%.~\-]{20,}")


def redact_url(url: str) -> str:
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


def url_secrets(url: str) -> list[str]:
    """What of `url` a remote text may echo and nobody may see: user, password, and every piece of
    path and query that may be a key, unlike `v3`, `rpc` or `eth-mainnet`. Longest first."""
    try:
        parts = urlsplit(url)
        pieces = [parts.username or "", parts.password or ""]
    except ValueError:
        return []
    pieces += [
        piece
        for piece in re.split(r"[/?&=#]", f"{parts.path}?{parts.query}")
        if len(piece) >= LEAST_KEY and not _PLAIN_WORD.fullmatch(piece)
    ]
    return sorted({piece for piece in pieces if piece}, key=len, reverse=True)


class _HideUrls(logging.Filter):
    """Rewrites the URLs among a record's arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                redact_url(str(arg)) if isinstance(arg, httpx.URL) else arg for arg in record.args
            )
        return True


_HIDE = _HideUrls()


def silence_urls() -> None:
    """Make httpx's own log lines show scheme://host only. Safe to call again."""
    logger = logging.getLogger("httpx")
    if _HIDE not in logger.filters:
        logger.addFilter(_HIDE)


class Scrubber:
    """Makes a remote text fit to be shown. It knows the credentials in use, so that an error which
    echoes them is clean all the same."""

    __slots__ = ("__secrets",)

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self.__secrets = tuple(secret for secret in secrets if secret)

    def __call__(self, text: str) -> str:
        for secret in self.__secrets:
            text = text.replace(secret, HIDDEN)
        text = _URL.sub(HIDDEN, text)
        text = _LONG_RUN.sub(HIDDEN, text)
        text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        return text if len(text) <= MAX_CHARS else text[: MAX_CHARS - 1] + "…"

    def __repr__(self) -> str:
        return "Scrubber()"
