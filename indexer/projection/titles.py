"""The words of a title, folded so that people find it however they type.

Promises: pure functions. Letters lose case, width and every diacritic (đ becomes d), so "Lớp học"
is found by "lớp", "lop ho" and "LOP". A title gives one token per word and per beginning of a word
of two letters or more; a query gives one token per word. A title matches a query when it has all
its tokens, which an index answers by equality. A title has at most 96 bytes, so the tokens are few.
Assumes: a word's first `LONGEST` letters are enough to tell it apart.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LONGEST = 12  # a Vietnamese syllable has at most 7 letters; longer words count by their beginning
SHORTEST = 2  # beginnings of one letter would be found everywhere
MOST_WORDS = 8  # of a query; further words are ignored

_WORD = re.compile(r"[^\W_]+")
# Letters that Unicode does not take apart into a base letter and a mark.
_PLAIN = str.maketrans({"đ": "d", "ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"})


def normalize(text: str) -> str:
    """`text` without case, width, diacritics and other marks."""
    if text.isascii():
        return text.lower()
    taken_apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in taken_apart if not unicodedata.combining(char))
    return bare.casefold().translate(_PLAIN)


def normalized_words(text: str) -> list[str]:
    """The folded words of `text`, each cut to `LONGEST` letters, in their order."""
    return [word[:LONGEST] for word in _WORD.findall(normalize(text))]


def title_tokens(title: str) -> list[str]:
    """What the index keeps for a title: its words and their beginnings, sorted, each once."""
    return sorted(set().union(*map(_tokens, title.split())))


@lru_cache(maxsize=8192)
def _tokens(part: str) -> frozenset[str]:
    """The tokens of what stands between two spaces: titles repeat each other's words."""
    tokens: set[str] = set()
    for word in normalized_words(part):
        tokens.add(word)
        tokens.update(word[:end] for end in range(SHORTEST, len(word)))
    return frozenset(tokens)


def query_tokens(query: str) -> list[str]:
    """What a title must have to be found by `query`, longest first; empty: nothing to look for."""
    distinct = dict.fromkeys(normalized_words(query))
    return sorted(distinct, key=len, reverse=True)[:MOST_WORDS]
