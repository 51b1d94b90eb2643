"""Makes a remote text fit to be shown: short, printable, and without anything secret-like.

Promises: the result holds none of the given secrets, no URL, and no run of 20 or more characters
that a key, a token or a uid could be made of (a live input's secrets are 65 such characters).
Rather too much is hidden than too little: our own context names the room and the uid.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MAX_CHARS = 300
HIDDEN = "[hidden]"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://\S+")
_LONG_RUN = re.compile(r"[A-Za-z0-9_+/=%.~\-]{20,}")


class Scrubber:
    """Knows the credentials in use, so that an error which echoes them is clean all the same."""

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
