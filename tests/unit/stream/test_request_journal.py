"""The requests seen."""

from __future__ import annotations

from localnet.stream.middleware.request_journal import RequestJournal, without_secrets

UID = "0123456789abcdef" * 2
SECRET = f"{'f' * 32}k{UID}"


def test_without_secrets__publish_url__is_blotted() -> None:
    assert without_secrets(f"/{SECRET}/webRTC/publish/1") == "/<secret>/webRTC/publish/1"


def test_without_secrets__playback_token__is_blotted() -> None:
    assert without_secrets("/aa.bb-_.cc/webRTC/play") == "/<token>/webRTC/play"


def test_without_secrets__plain_uid__stays() -> None:
    path = f"/{UID}/manifest/video.m3u8"
    assert without_secrets(path) == path


def test_since__a_number__gives_what_came_later() -> None:
    journal = RequestJournal(keep=3)
    for n in range(5):
        journal.add(float(n), "ray", "GET", f"/{n}", None)
    assert [seen.path for seen in journal.since(0)] == ["/2", "/3", "/4"]
    assert [seen.n for seen in journal.since(4)] == [5]
    journal.clear()
    journal.add(9.0, "ray", "GET", "/9", None)
    assert [seen.n for seen in journal.since(0)] == [6]
