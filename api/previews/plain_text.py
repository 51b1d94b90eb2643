"""Words of strangers, fit to be shown in a line.

Promises: pure functions, total for any text. Controls, direction marks and other characters that
hide or reorder text are spaces, a tower of combining marks has `MOST_MARKS`, and white space is one
space: as the page shows titles (`dapp/src/ui/room-title.tsx`).
"""

from __future__ import annotations

import re
import unicodedata

MOST_MARKS = 4
ELLIPSIS = "\u2026"
_HIDDEN = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb]"
)
# letters that no other language has which is written here: đ, ă, ơ, ư and vowels with two marks
_VIETNAMESE = re.compile("[đĐăĂơƠưƯ\u1ea0-\u1ef9]")


def plain_text(text: str) -> str:
    """`text` in one line, without what is not seen."""
    shown = _without_towers(_HIDDEN.sub(" ", text))
    return " ".join(unicodedata.normalize("NFC", shown).split())


def shortened(text: str, most: int) -> str:
    """`text` with at most `most` characters, cut after a word if there is one."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    words = kept.rpartition(" ")[0]
    return (words if 2 * len(words) > most else kept).rstrip(" ,.;:-") + ELLIPSIS


def is_vietnamese(text: str) -> bool:
    """Whether its letters say so."""
    return _VIETNAMESE.search(unicodedata.normalize("NFC", text)) is not None


def _without_towers(text: str) -> str:
    if text.isascii():
        return text
    kept, marks = [], 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char).startswith("M") else 0
        if marks <= MOST_MARKS:
            kept.append(char)
    return "".join(kept)
