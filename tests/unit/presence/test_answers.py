"""What a host's answer says, and what a hint may look like."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from common import settings
from common.settings import PresenceSettings
from common.version import VERSION
from presence.answers import read_lifecycle, read_views
from presence.asking import user_agent
from presence.documents import MOST_HINTS
from presence.hints import read_hints
from presence.host_manners import AnswerKind

NOW = 1_800_000_000.0
GIVEN = {
    "CHAIN_ID": "31337",
    "RPC_URLS": "http://127.0.0.1:1",
    "CONTRACTS": f"0x{'ab' * 20}@7",
    "MONGODB_URI": "mongodb://db/",
}


@pytest.mark.parametrize("live", [True, False])
def test_lifecycle__a_whole_answer__says_whether_it_is_live(live: bool) -> None:
    body = json.dumps({"isInput": True, "videoUID": None, "live": live}).encode()
    answer = read_lifecycle(200, "", body, NOW)
    assert (answer.outcome, answer.live) == (AnswerKind.GOOD, live)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"<html>", b"\xff\xfe", b'{"live": 1}', b'{"live": "true"}',
        b'{"isInput": true}', b'{"isInput": false, "live": false}', b'{"isInput": 1, "live": true}',
        b"[" * 4000,
    ],
)  # fmt: skip
def test_lifecycle__an_answer_that_makes_no_sense__is_unknown(body: bytes) -> None:
    answer = read_lifecycle(200, "", body, NOW)
    assert (answer.outcome, answer.live) == (AnswerKind.ROOM, None)
    assert answer.why


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, AnswerKind.ROOM), (404, AnswerKind.ROOM), (403, AnswerKind.AWAY),
        (429, AnswerKind.SLOW_DOWN), (500, AnswerKind.AWAY), (503, AnswerKind.AWAY),
        (204, AnswerKind.AWAY), (301, AnswerKind.AWAY),
    ],
)  # fmt: skip
def test_lifecycle__refused__is_unknown_and_never_off(status: int, kind: AnswerKind) -> None:
    answer = read_lifecycle(status, "", b'{"isInput": true, "live": false}', NOW)
    assert (answer.outcome, answer.live, answer.why) == (kind, None, f"HTTP {status}")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 30.0), ("", None), ("soon", None), ("-5", None), ("9" * 40, None),
        (format_datetime(datetime.fromtimestamp(NOW + 90, UTC), usegmt=True), 90.0),
        (format_datetime(datetime.fromtimestamp(NOW - 90, UTC), usegmt=True), 0.0),
    ],
)  # fmt: skip
def test_retry_after__of_every_kind__in_seconds(text: str, seconds: float | None) -> None:
    assert read_lifecycle(429, text, b"", NOW).retry_after == seconds


@pytest.mark.parametrize(
    ("body", "viewers"),
    [
        (b'{"liveViewers": 113}', 113), (b'{"liveViewers": 0}', 0), (b'{"liveViewers": -1}', None),
        (b'{"liveViewers": true}', None), (b'{"liveViewers": 1.5}', None), (b"{}", None),
    ],
)  # fmt: skip
def test_views__of_every_kind__a_number_or_unknown(body: bytes, viewers: int | None) -> None:
    assert read_views(200, "", body, NOW).viewers == viewers


def test_hints__well_formed__are_room_numbers() -> None:
    assert read_hints(b'{"rooms": [7, 12]}') == [7, 12]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{}", b'{"rooms": []}', b'{"rooms": 7}', b'{"rooms": [true]}',
        b'{"rooms": [0]}', b'{"rooms": ["7"]}', json.dumps({"rooms": [1] * 51}).encode(),
        b'{"rooms": [99999999999999999999]}',
    ],
)  # fmt: skip
def test_hints__malformed__say_what_is_needed(body: bytes) -> None:
    with pytest.raises(ValueError, match=f"1 to {MOST_HINTS}"):
        read_hints(body)


def test_user_agent__by_default_and_as_set__says_who_asks() -> None:
    def agent(**given: str) -> str:
        return user_agent(settings.load(PresenceSettings, GIVEN | given, dotenv=None))

    assert agent() == f"livestream-rooms-presence/{VERSION}"
    assert agent(OPERATOR_CONTACT="mailto:me@example.org").endswith(" (mailto:me@example.org)")
    assert agent(OPERATOR_CONTACT="địa chỉ") == f"livestream-rooms-presence/{VERSION}"
    assert agent(PRESENCE_USER_AGENT="ours/1", OPERATOR_CONTACT="x") == "ours/1"


@pytest.mark.parametrize(
    "given",
    [
        {"PRESENCE_USER_AGENT": "a\nb"}, {"PRESENCE_USER_AGENT": "ä"},
        {"PRESENCE_QUESTIONS_PER_SECOND": "21"}, {"PRESENCE_QUESTIONS_PER_SECOND": "0"},
        {"PRESENCE_LEASE_SECONDS": "13"},
    ],
)  # fmt: skip
def test_settings__out_of_bounds__are_named(given: dict[str, str]) -> None:
    with pytest.raises(settings.SettingsError, match=next(iter(given))):
        settings.load(PresenceSettings, GIVEN | given, dotenv=None)
