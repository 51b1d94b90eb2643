"""How single values are written in answers: wei, codes of decline and take-down.

Promises: pure functions. Wei stay exact as decimal strings.
"""

from __future__ import annotations

from chain.enums import DETAILS

_DETAILS = {reason.word: codes for reason, codes in DETAILS.items()}


def wei(amount: str | int) -> str:
    """Wei as a decimal string; the index pads them with zeros."""
    return str(int(amount))


def detail_words(reason: str, detail: int) -> str | None:
    """What a decline's or take-down's code means."""
    table = _DETAILS.get(reason)
    return None if table is None else table.get(detail, f"code {detail}")
