"""Accounts, tokens and keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from localnet.stream.accounts import StandInAccounts, load_or_create, parse
from localnet.stream.errors import ApiError

TOKEN = "user-token-of-the-first-account"
OTHER = "cfat_account-token-of-the-first"
EXPIRED = "expired-token-of-first-account"
KEY = "0123456789abcdef0123456789abcdef01234"
ACCOUNT: dict[str, Any] = {
    "id": "a" * 32,
    "tokens": [
        {"token": TOKEN},
        {"token": OTHER, "permissions": ["read"]},
        {"token": EXPIRED, "status": "expired"},
    ],
    "keys": [{"email": "a@example.com", "key": KEY}],
}


@pytest.fixture
def accounts() -> StandInAccounts:
    return parse(json.dumps({"accounts": [ACCOUNT]}))


def _codes(accounts: StandInAccounts, headers: dict[str, str]) -> tuple[int, int]:
    with pytest.raises(ApiError) as error:
        accounts.caller(headers)
    return error.value.status, int(error.value.errors[0]["code"])


def test_caller__both_styles__share_the_budget_of_the_user(accounts: StandInAccounts) -> None:
    by_token = accounts.caller({"Authorization": f"Bearer {TOKEN}"})
    by_key = accounts.caller({"X-Auth-Email": "a@example.com", "X-Auth-Key": KEY})
    assert by_token.account == by_key.account == "a" * 32
    assert by_token.budget == by_key.budget
    assert by_token.permissions == {"read", "write"}


def test_caller__account_token__has_its_own_budget_and_permissions(
    accounts: StandInAccounts,
) -> None:
    caller = accounts.caller({"Authorization": f"Bearer {OTHER}"})
    assert caller.budget != accounts.caller({"Authorization": f"Bearer {TOKEN}"}).budget
    assert caller.permissions == {"read"}
    assert caller.token is not None
    assert caller.token.owner == "account"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (400, 9106)),
        ({"Authorization": "Basic abc"}, (400, 6003)),
        ({"Authorization": "Bearer short"}, (400, 6003)),
        ({"Authorization": f"Bearer {TOKEN}x"}, (401, 10000)),
        ({"Authorization": f"Bearer {EXPIRED}"}, (401, 10000)),
        ({"X-Auth-Email": "a@example.com"}, (400, 6003)),
        ({"X-Auth-Key": KEY}, (400, 6003)),
        ({"X-Auth-Email": "a@example.com", "X-Auth-Key": "f" * 37}, (403, 9103)),
        ({"X-Auth-Email": "b@example.com", "X-Auth-Key": KEY}, (403, 9103)),
    ],
)
def test_caller__bad_credentials__have_their_code(
    accounts: StandInAccounts, headers: dict[str, str], expected: tuple[int, int]
) -> None:
    assert _codes(accounts, headers) == expected


def test_repr__accounts_tokens_keys__show_no_secret(accounts: StandInAccounts) -> None:
    account = accounts.get("a" * 32)
    shown = repr(account)
    assert TOKEN not in shown
    assert KEY not in shown


def test_load_or_create__first_time__makes_a_private_file_and_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "state" / "accounts.json"
    first = load_or_create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_or_create(path).ids() == first.ids()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("{}", '"accounts"'),
        ('{"accounts": []}', "no account"),
        ('{"accounts": [{"id": "x"}]}', "32 lower-case hex"),
        (json.dumps({"accounts": [ACCOUNT, ACCOUNT]}), "same id"),
        (json.dumps({"accounts": [{**ACCOUNT, "publicBase": "x"}]}), "publicBase"),
        (json.dumps({"accounts": [{**ACCOUNT, "tokens": [{"token": "x"}]}]}), "token"),
        (json.dumps({"accounts": [{**ACCOUNT, "keys": [{"key": "x"}]}]}), "key"),
        (
            json.dumps(
                {"accounts": [{**ACCOUNT, "tokens": [{"token": TOKEN, "permissions": "x"}]}]}
            ),
            "permissions",
        ),
    ],
)
def test_parse__malformed_file__says_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse(text)
