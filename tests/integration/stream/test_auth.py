"""Who may call, and what others are told."""

from __future__ import annotations

import httpx
import pytest

from tests.integration.stream.conftest import Api

KEY = {
    "X-Auth-Email": "a@example.com",
    "X-Auth-Key": "0123456789abcdef0123456789abcdef01234",
}


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _get(api: Api, path: str, headers: dict[str, str]) -> httpx.Response:
    return httpx.get(api.standin.api_base + path, headers=headers)


def test_auth__email_and_key__works_for_reads_and_writes(api: Api) -> None:
    url = api.standin.api_base + api.inputs
    made = httpx.post(url, headers=KEY, json={}).json()["result"]
    assert httpx.get(f"{url}/{made['uid']}", headers=KEY).json()["result"] == made


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 400, 9106),
        ({"Authorization": "Token x"}, 400, 6003),
        (_bearer("a-token-that-nobody-ever-issued"), 401, 10000),
        ({**KEY, "X-Auth-Key": "f" * 37}, 403, 9103),
        (_bearer("token-without-any-permission"), 403, 10000),
        (_bearer("the-token-of-the-second-account"), 403, 10000),
    ],
)
def test_auth__bad_credentials__have_their_status_and_code(
    api: Api, headers: dict[str, str], status: int, code: int
) -> None:
    assert api.codes(_get(api, api.inputs, headers)) == (status, code)


def test_auth__malformed_header__names_it_in_the_error_chain(api: Api) -> None:
    error = _get(api, api.inputs, {"Authorization": "Token x"}).json()["errors"][0]
    assert error["error_chain"][0]["code"] == 6111
    error = _get(api, api.inputs, {**KEY, "X-Auth-Key": "x"}).json()["errors"][0]
    assert error["error_chain"][0]["code"] == 6103


def test_auth__read_only_token__may_read_and_not_write(api: Api) -> None:
    headers = _bearer("read-only-token-of-the-first-one")
    assert _get(api, api.inputs, headers).status_code == 200
    response = httpx.post(api.standin.api_base + api.inputs, headers=headers, json={})
    assert api.codes(response) == (403, 10000)


def test_auth__account_without_stream__the_reason_stands_in_messages(api: Api) -> None:
    path = f"/accounts/{'c' * 32}/stream/live_inputs"
    response = _get(api, path, _bearer("token-of-account-without-stream"))
    assert api.codes(response) == (403, 10002)
    assert response.json()["messages"] == [{"message": "Cloudflare Stream not enabled"}]


def test_verify__user_token__only_at_the_users_place(api: Api) -> None:
    headers = _bearer("the-token-of-the-first-account")
    answer = _get(api, "/user/tokens/verify", headers)
    assert answer.json()["result"]["status"] == "active"
    there = _get(api, f"/accounts/{api.account}/tokens/verify", headers)
    assert api.codes(there) == (401, 1000)


def test_verify__account_token__only_at_the_accounts_place(api: Api) -> None:
    headers = _bearer("cfat_owned-by-the-first-account")
    there = _get(api, f"/accounts/{api.account}/tokens/verify", headers)
    assert there.json()["result"]["status"] == "active"
    assert api.codes(_get(api, "/user/tokens/verify", headers)) == (401, 1000)
    assert api.codes(_get(api, f"/accounts/{'b' * 32}/tokens/verify", headers)) == (401, 1000)


def test_verify__unknown_token__is_invalid(api: Api) -> None:
    headers = _bearer("a-token-that-nobody-ever-issued")
    answer = _get(api, "/user/tokens/verify", headers)
    assert api.codes(answer) == (401, 1000)
    assert answer.json()["errors"][0]["message"] == "Invalid API Token"
    assert api.codes(_get(api, "/user/tokens/verify", {})) == (400, 9106)
