"""Base64url without padding, one text for each bytes.

Promises: pure. `decode` takes what `encode` makes and nothing else: padding, other letters, and
texts whose spare bits are not zero are refused, so that a text cannot be written in a second way.
"""

from __future__ import annotations

import base64


def encode(data: bytes) -> str:
    """The text of `data`."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes. Raises ValueError, which does not quote the text."""
    try:
        data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", True)
    except ValueError:
        raise ValueError("not base64url") from None
    if encode(data) != text:
        raise ValueError("not the text that its bytes are written as")
    return data
