"""The words of titles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.projection.titles import SHORTEST, normalized_words, query_tokens, title_tokens


def matches(title: str, query: str) -> bool:
    tokens = query_tokens(query)
    return bool(tokens) and set(tokens) <= set(title_tokens(title))


@pytest.mark.parametrize(
    "query",
    [
        "lớp học",
        "lop hoc",
        "LOP",
        "ho",
        "đàn",
        "dan",
        "Đà",
        "trực tuyến",
        "tuyen lop",
        "lo\u031b\u0301p",
    ],
)
def test_search__vietnamese_title__found_with_and_without_diacritics(query: str) -> None:
    assert matches("Lớp học đàn trực tuyến", query)


@pytest.mark.parametrize("query", ["op", "lopp", "hocdan", "piano", "lop piano", "", "!?", "_"])
def test_search__other_words_or_none__not_found(query: str) -> None:
    assert not matches("Lớp học đàn trực tuyến", query)


def test_search__one_letter__finds_the_word_only() -> None:
    assert matches("Vitamin C", "c")
    assert not matches("Chess", "c")


def test_search__word_longer_than_kept__found_by_its_beginning() -> None:
    assert matches("Internationalization", "internationalization")
    assert matches("Internationalization", "internat")


@pytest.mark.parametrize(
    ("title", "query"),
    [
        ("ĐIỆN", "dien"),
        ("ＬＩＶＥ", "live"),
        ("Straße", "strasse"),
        ("日本語 配信", "日本"),
        ("İstanbul", "istanbul"),
    ],
)
def test_search__other_scripts__folded(title: str, query: str) -> None:
    assert matches(title, query)


@pytest.mark.parametrize(
    "title",
    [
        "",
        "<script>alert(1)</script>",
        "\u202egnp.exe",
        "🎥" * 24,
        "\ufffd" * 32,
        "a" * 96,
        "a b " * 24,
    ],
)
def test_title_tokens__hostile_title__bounded(title: str) -> None:
    tokens = title_tokens(title)
    assert len(tokens) < 100
    assert all(0 < len(token) <= 36 for token in tokens)


def test_query_tokens__many_words__bounded_and_longest_first() -> None:
    tokens = query_tokens(" ".join(f"word{'x' * i}" for i in range(20)))
    assert len(tokens) == 8
    assert tokens == sorted(tokens, key=len, reverse=True)


@given(st.text(max_size=60))
def test_title_tokens__any_text__those_of_all_its_words_and_their_beginnings(title: str) -> None:
    found = normalized_words(title)
    beginnings = {word[:end] for word in found for end in range(SHORTEST, len(word))}
    assert title_tokens(title) == sorted({*found, *beginnings})
