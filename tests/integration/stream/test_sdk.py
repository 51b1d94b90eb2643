"""Cloudflare's own SDK, pointed at the stand-in, works."""

from __future__ import annotations

import time
from collections.abc import Iterator

import cloudflare
import httpx
import pytest

from tests.integration.stream.conftest import Api
from tests.support.signed_tokens import SigningPen


@pytest.fixture
def sdk(api: Api) -> Iterator[cloudflare.Cloudflare]:
    """Without retries, so that each error is seen as it is."""
    with cloudflare.Cloudflare(
        base_url=api.standin.api_base, api_token=api.standin.token, max_retries=0
    ) as sdk:
        yield sdk


def test_sdk__life_of_an_input__by_its_own_methods(api: Api, sdk: cloudflare.Cloudflare) -> None:
    inputs = sdk.stream.live_inputs
    made = inputs.create(
        account_id=api.account,
        idempotency_key="sdk-key",
        meta={"name": "sdk"},
        recording={"mode": "automatic"},
        delete_recording_after_days=45,
    )
    assert made is not None
    assert made.uid is not None
    assert made.web_rtc is not None
    assert made.web_rtc.url is not None
    assert made.web_rtc.url.startswith(api.standin.public_base)
    again = inputs.create(account_id=api.account, idempotency_key="sdk-key", meta={"name": "sdk"})
    assert again is not None
    assert again.uid == made.uid

    got = inputs.get(made.uid, account_id=api.account)
    assert got == made
    changed = inputs.update(made.uid, account_id=api.account, meta={"name": "changed"})
    assert changed is not None
    assert changed.meta == {"name": "changed"}
    output = inputs.outputs.create(
        made.uid, account_id=api.account, url="rtmps://example.com/a", stream_key="k"
    )
    assert output is not None
    assert [o.uid for o in inputs.outputs.list(made.uid, account_id=api.account)] == [output.uid]
    inputs.delete(made.uid, account_id=api.account)
    with pytest.raises(cloudflare.NotFoundError):
        inputs.get(made.uid, account_id=api.account)
    with pytest.raises(cloudflare.ConflictError):
        inputs.create(account_id=api.account, idempotency_key="sdk-key")


def test_sdk__list__reads_the_shape_of_the_specification(
    api: Api, sdk: cloudflare.Cloudflare
) -> None:
    """The SDK's model is the specification's; real accounts answer a bare array."""
    uid = api.create()["uid"]
    api.control.set_quirks(list_shape="object")
    listed = sdk.stream.live_inputs.list(account_id=api.account)
    assert listed is not None
    assert listed.live_inputs is not None
    assert uid in [item.uid for item in listed.live_inputs]


def test_sdk__email_and_key__work(api: Api) -> None:
    (key,) = api.standin.account["keys"]
    with cloudflare.Cloudflare(
        base_url=api.standin.api_base, api_email=key["email"], api_key=key["key"], max_retries=0
    ) as sdk:
        assert sdk.stream.live_inputs.create(account_id=api.account) is not None


def test_sdk__errors__are_its_own_classes(api: Api, sdk: cloudflare.Cloudflare) -> None:
    inputs = sdk.stream.live_inputs
    with pytest.raises(cloudflare.BadRequestError) as bad:
        inputs.create(account_id=api.account, delete_recording_after_days=7)
    assert bad.value.errors[0].code == 10060
    with pytest.raises(cloudflare.PermissionDeniedError):
        inputs.create(account_id="b" * 32)
    wrong = sdk.with_options(api_token="a-token-that-nobody-ever-issued")
    with pytest.raises(cloudflare.AuthenticationError):
        wrong.stream.live_inputs.create(account_id=api.account)
    api.control.fault("429")
    with pytest.raises(cloudflare.RateLimitError):
        inputs.create(account_id=api.account)
    api.control.fault("html", status=502)
    with pytest.raises(cloudflare.InternalServerError):
        inputs.create(account_id=api.account)
    api.control.fault("connection-reset")
    with pytest.raises(cloudflare.APIConnectionError):
        inputs.create(account_id=api.account)


def test_sdk__lost_answer_with_its_own_retry__still_one_input(api: Api) -> None:
    before = len(api.control.inputs())
    api.control.fault("lost-answer-after-effect", method="POST", path="live_inputs$")
    with cloudflare.Cloudflare(base_url=api.standin.api_base, api_token=api.standin.token) as sdk:
        made = sdk.stream.live_inputs.create(account_id=api.account, idempotency_key="retried")
    assert made is not None
    assert len(api.control.inputs()) == before + 1


def test_sdk__signing_keys__are_created_listed_and_deleted(
    api: Api, sdk: cloudflare.Cloudflare
) -> None:
    keys = sdk.stream.keys
    made = keys.create(account_id=api.account)
    assert made is not None
    assert made.id is not None
    assert made.pem is not None
    uid = api.create({"recording": {"requireSignedURLs": True}})["uid"]
    token = SigningPen(made.id, made.pem).token(uid, int(time.time()) + 60)
    play = f"{api.standin.public_base}/{token}/webRTC/play"
    assert httpx.post(play).status_code == 409
    listed = {entry.id: entry.created for entry in keys.get(account_id=api.account)}
    assert listed[made.id] == made.created
    assert keys.delete(made.id, account_id=api.account) == "Revoked"
    assert made.id not in {entry.id for entry in keys.get(account_id=api.account)}
    assert httpx.post(play).status_code == 401
    with pytest.raises(cloudflare.NotFoundError):
        keys.delete(made.id, account_id=api.account)


def test_sdk__verify__a_users_token(api: Api, sdk: cloudflare.Cloudflare) -> None:
    verified = sdk.user.tokens.verify()
    assert verified is not None
    assert verified.status == "active"
