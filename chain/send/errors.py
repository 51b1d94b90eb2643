"""What the sender raises. Failures of a transaction are data (`SendRequest.reason`), not these."""

from __future__ import annotations


class SenderError(Exception):
    """Base of the sender's own errors."""


class KeyReused(SenderError):
    """`submit` was given a known key with other content: keys must name one intent for ever."""


class StoreConflict(SenderError):
    """Somebody else changed the row, or took the nonce, since we read it. Read again."""
