"""What a host tells about a room, read by one total function: whatever the bytes, an answer that
JSON can carry, and no exception."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.response_shapes import description
from chain.room_details import MOST_DETAILS, details_json
from tests.unit.api.conftest import ApiWorld


def told(about: str, lang: str | None = None, class_: str | None = None) -> dict[str, Any]:
    return {"about": about, "lang": lang, "class": class_}


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ('{"about":"Đàn tranh","lang":"vi","class":"6A"}', told("Đàn tranh", "vi", "6A")),
        ('{"class":"6A"}', told("", None, "6A")),
        (' {"lang":"pt-BR", "about":"x", "more":{"a":[1]}} ', told("x", "pt-BR")),
        ('{"about":"x","lang":"<b>","class":""}', told("x")),
        ("Mang theo đàn", told("Mang theo đàn")),
        ('{"about":"\\ud83c\\udfa5"}', told("🎥")),
        ('{"about":"a\\u0000\\u202e\\nb"}', told("a\0\u202e\nb")),
    ],
)
def test_description__of_details__its_texts(details: str, expected: Any) -> None:
    assert description(details) == expected


@pytest.mark.parametrize("details", ["", " ", "\n\t"])
def test_description__nothing_told__none(details: str) -> None:
    assert description(details) is None


@pytest.mark.parametrize(
    "details",
    [
        "[" * MOST_DETAILS,
        '{"a":' * (MOST_DETAILS // 5),
        '{"about":' + "9" * 1000 + "}",
        '{"about":"x","n":1e' + "9" * 900 + "x}",
        '{"about":"one","about":"two"}',
        '{"about":"x","more":{"a":1,"a":2}}',
        '{"about":5}',
        '{"about":"x","lang":null}',
        '{"about":"x","class":["6A"]}',
        '{"about":true}',
        '{"about":NaN}',
        '{"other":"x"}',
        '["about"]',
        '"about"',
        "12",
        "null",
        '{"about":"x"} and more',
        '{"about":"x"',
        "\ufffd{",
        "\ufeff{}",
    ],
    ids=lambda details: details[:24],
)
def test_description__not_of_our_kind__the_plain_text_that_it_is(details: str) -> None:
    assert description(details) == told(details)


def test_description__a_number_of_a_thousand_digits_beside_it__passed_over() -> None:
    assert description('{"about":"x","n":' + "9" * 1000 + "}") == told("x")


@pytest.mark.parametrize("lone", ["\\ud800", "\\udfff", "a\\udc00b"])
def test_description__half_of_a_pair__replaced(lone: str) -> None:
    found = description('{"about":"' + lone + '"}')
    assert found is not None
    assert "\ufffd" in found["about"]
    orjson.dumps(found)


_TEXT = st.text(st.characters(), max_size=MOST_DETAILS)
_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
_MEMBERS = st.dictionaries(st.sampled_from(("about", "lang", "class", "more")), _VALUE)


@settings(max_examples=600, deadline=None)
@example(b"[" * 100_000)
@example(b'{"about":"\\ud800"}' * 50)
@given(st.binary(max_size=2 * MOST_DETAILS) | _MEMBERS.map(lambda v: json.dumps(v).encode()))
def test_description__any_bytes__an_answer_that_json_carries(raw: bytes) -> None:
    """As the index decodes them."""
    found = description(raw.decode("utf-8", "replace"))
    if found is None:
        return
    assert orjson.loads(orjson.dumps(found)) == found
    assert set(found) == {"about", "lang", "class"}
    assert sum(len(text or "") for text in found.values()) <= MOST_DETAILS  # type: ignore[misc,arg-type]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.sampled_from(("", "vi", "pt-BR")), st.text(max_size=50))
def test_details_json__read_again__the_same_texts(about: str, lang: str, class_: str) -> None:
    raw = details_json(about, lang, class_)
    if not (about or lang or class_):
        assert raw == b""
        return
    assert description(raw.decode()) == told(about, lang or None, class_ or None)


def test_room__described__start_and_description_in_every_answer_about_it(world: ApiWorld) -> None:
    number = world.story.live()
    path = f"/api/livestream/rooms/live_{number}"
    before = world.get(path).get_json()
    assert (before["starts_at"], before["description"], before["details_hex"]) == (None, None, "0x")
    world.story.describe(number, b'{"about":"Yoga"}', starts_at=1_900_000_000)
    for answer in (
        world.get(path).get_json(),
        world.get("/api/livestream/rooms").get_json()["rooms"][0],
    ):
        assert answer["starts_at"] == 1_900_000_000
        assert answer["description"] == told("Yoga")
        assert bytes.fromhex(answer["details_hex"][2:]) == b'{"about":"Yoga"}'
    world.story.describe(number, b"\xff" + b"[" * 1023)
    answer = world.get(path).get_json()
    assert answer["description"] == told("\ufffd" + "[" * 1023)
