"""Sessions: ours alone, of one kind each, unaltered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playback import session as sessions
from playback.session import HostSession, NoSession, ViewerSession

KEY = b"\x01" * 32
VIEWER = ViewerSession(
    7, "0x" + "ab" * 12, "l:0x" + "cd" * 32, "ef" * 16, "invited", 1_790_000_000, "12" * 8,
    "0x" + "a1" * 20, "class 0123456789abcdef", "0x" + "ee" * 32, 1_789_000_000, 1_789_000_000,
    3, 1,
)  # fmt: skip
HOST = HostSession(
    7, "0x" + "ab" * 12, "0x" + "a1" * 20, "live_7", "0x" + "ee" * 32, 1_789_000_000, 1_790_000_000
)


def test_session__written_and_read__is_the_same() -> None:
    assert sessions.read_viewer(KEY, sessions.write(KEY, VIEWER)) == VIEWER
    assert sessions.read_host(KEY, sessions.write(KEY, HOST)) == HOST
    assert len(sessions.write(KEY, VIEWER)) <= sessions.MOST_TEXT


def test_scenario_34__session_of_another_kind_or_key__is_none() -> None:
    viewer, host = sessions.write(KEY, VIEWER), sessions.write(KEY, HOST)
    for text in (host, "ls1" + host[3:], "", "ls1..", "ls1.a.b.c", viewer + "=", viewer + "é"):
        with pytest.raises(NoSession):
            sessions.read_viewer(KEY, text)
    for text in (viewer, "lh1" + viewer[3:]):
        with pytest.raises(NoSession):
            sessions.read_host(KEY, text)
    with pytest.raises(NoSession):
        sessions.read_viewer(b"\x02" * 32, viewer)


def test_scenario_34__session_altered_anywhere__is_none() -> None:
    text = sessions.write(KEY, VIEWER)
    for at in range(len(text)):
        other = "A" if text[at] != "A" else "B"
        with pytest.raises(NoSession):
            sessions.read_viewer(KEY, text[:at] + other + text[at + 1 :])


@given(st.text(max_size=200))
def test_session__any_text__is_none_and_no_crash(text: str) -> None:
    with pytest.raises(NoSession):
        sessions.read_viewer(KEY, f"ls1.{text}")
