"""What is shown of a URL, and of a remote text, holds nothing secret."""

from __future__ import annotations

import pytest

from common.redact import Scrubber, redact_url

SECRET_URL = "https://user:hunter2@node.example:8443/v3/SECRETKEY?key=SECRETKEY"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (SECRET_URL, "https://node.example:8443"),
        ("wss://h/ws/KEY", "wss://h"),
        ("http://[::1]:8545/KEY", "http://[::1]:8545"),
        ("not a url KEY", "(malformed URL)"),
        ("http://h:port/KEY", "(malformed URL)"),
    ],
)
def test_redact__urls__scheme_and_host_only(url: str, shown: str) -> None:
    assert redact_url(url) == shown


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Decoding Error", "Decoding Error"),
        ("token tiny is bad", "token [hidden] is bad"),
        (f"key {'a' * 32}k{'b' * 32}!", "key [hidden]!"),
        ("see https://x.example/secret-path now", "see [hidden] now"),
        ("srt://host:778?passphrase=abc", "[hidden]"),
        ("b64 QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo= end", "b64 [hidden] end"),
        ("%41%42%43%44%45%46%47%48", "[hidden]"),
        ("a\x00b\r\n\tc\u202ed", "a b c d"),
        ("word " * 100, ("word " * 60)[:299] + "…"),
    ],
)
def test_scrubber__remote_text__fit_to_be_shown(text: str, want: str) -> None:
    scrub = Scrubber(["tiny", ""])
    assert scrub(text) == want
    assert "tiny" not in repr(scrub)
