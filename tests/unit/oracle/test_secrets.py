"""Nothing that holds a secret shows it, and remote texts are cleaned before they are shown."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import traceback

import pytest
from pydantic import SecretStr

from common.redact import Scrubber
from oracle.cloudflare import response_parser
from oracle.cloudflare.credentials import ApiToken, CloudflareAccount, GlobalKey
from oracle.secret import Secret
from tests.unit.oracle import samples

ACCOUNT_ID = "a" * 32


def test_secret__shown_in_any_way__hidden() -> None:
    secret = Secret("hunter2")
    shown = f"{secret} {secret!r} {[secret]} {Exception(secret)}"
    assert "hunter2" not in shown
    assert secret.reveal() == "hunter2"


@pytest.mark.parametrize("leak", [pickle.dumps, copy.copy, copy.deepcopy])
def test_secret__pickled_or_copied__refused(leak: object) -> None:
    assert callable(leak)
    with pytest.raises(TypeError, match="neither pickled nor copied"):
        leak(Secret("hunter2"))


def test_secret__equality_and_digest__by_value() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1
    with pytest.raises(ValueError, match="empty"):
        Secret("")


def test_credentials__shown_pickled_turned_into_a_dict__never_in_clear() -> None:
    issued = response_parser.issued(samples.live_input())
    shown = f"{issued} {issued!r} {issued.credentials} {issued.input}"
    for leak in (pickle.dumps, copy.deepcopy, dataclasses.asdict):
        with pytest.raises(TypeError) as caught:
            leak(issued)
        shown += "".join(traceback.format_exception(caught.value))
    for secret in samples.SECRETS:
        assert secret not in shown


def test_account__shown__without_credentials() -> None:
    token, key = "a-token-of-the-operator", "0123456789abcdef0123456789abcdef01234"
    first = CloudflareAccount(ACCOUNT_ID, ApiToken(SecretStr(token)))
    second = CloudflareAccount(ACCOUNT_ID, GlobalKey("operator@example.com", SecretStr(key)))
    assert token not in f"{first} {first!r}"
    assert key not in f"{second} {second!r}"
    assert first.auth.headers() == {"Authorization": f"Bearer {token}"}
    assert second.auth.headers() == {"X-Auth-Email": "operator@example.com", "X-Auth-Key": key}


def test_account__verify_url__by_the_owner_of_the_token() -> None:
    def verify(token: str) -> str | None:
        return CloudflareAccount(
            ACCOUNT_ID, ApiToken(SecretStr(token)), "https://x.example"
        ).verify_url

    assert verify("user-token") == "https://x.example/user/tokens/verify"
    assert verify("cfat_token") == f"https://x.example/accounts/{ACCOUNT_ID}/tokens/verify"
    assert (
        CloudflareAccount(ACCOUNT_ID, GlobalKey("e@x.example", SecretStr("k"))).verify_url is None
    )


@pytest.mark.parametrize("token", ["", " x", "x\n", "a\nb", "schlüssel"])
def test_account__a_token_no_header_can_carry__refused_without_quoting(token: str) -> None:
    with pytest.raises(ValueError, match="API token") as caught:
        ApiToken(SecretStr(token))
    assert "schl" not in str(caught.value)


@pytest.mark.parametrize(
    "base",
    [
        "http://api.cloudflare.com/client/v4",
        "ftp://api.cloudflare.com",
        "https://user:word@api.cloudflare.com",
        "https://api.cloudflare.com/?a=b",
        "https://api.cloudflare.com/",
        "api.cloudflare.com",
    ],
)
def test_account__a_base_that_would_leak_or_break__refused(base: str) -> None:
    with pytest.raises(ValueError, match="API base"):
        CloudflareAccount(ACCOUNT_ID, ApiToken(SecretStr("t")), base)


@pytest.mark.parametrize("account_id", ["", "a" * 33, "a/b", "../x", "a b"])
def test_account__an_id_that_is_none__refused(account_id: str) -> None:
    with pytest.raises(ValueError, match="account id"):
        CloudflareAccount(account_id, ApiToken(SecretStr("t")))


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
