"""Every kind of credentials against the stand-in's process, and that none is ever shown."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from localnet.stream.control import Control
from oracle.cloudflare import errors as e
from oracle.cloudflare.credentials import Auth, GlobalKey
from oracle.cloudflare.live_input_spec import Owner
from tests.integration.oracle.cloudflare.accounts import (
    ACCOUNT,
    EMAIL,
    KEY,
    NO_STREAM,
    OTHER,
    OWNED,
    POWERLESS,
    READER,
    WRITER,
    Connect,
    body_of,
    token,
)


@pytest.mark.parametrize(
    ("auth", "account", "want"),
    [
        (token("a-token-nobody-knows-of"), ACCOUNT, e.TokenInvalid),
        (token(READER), ACCOUNT, e.NotPermitted),
        (token(POWERLESS), ACCOUNT, e.NotPermitted),
        (token(OTHER), NO_STREAM, e.NoSubscription),
        (token(WRITER), "zzz", e.WrongAccount),
        (GlobalKey(EMAIL, SecretStr("f" * 37)), ACCOUNT, e.UnknownKey),
    ],
)
async def test_create__credentials_that_do_not_do__a_human_must_act(
    connect: Connect, owner: Owner, auth: Auth, account: str, want: type[e.HumanError]
) -> None:
    client = connect(auth, account)
    with pytest.raises(e.HumanError) as caught:
        await client.create(body_of(owner), owner.key)
    assert type(caught.value) is want
    with pytest.raises(e.HeldForOperator):
        await client.create(body_of(owner), owner.key)


async def test_create__email_and_key__works(connect: Connect, owner: Owner) -> None:
    client = connect(GlobalKey(EMAIL, SecretStr(KEY)))
    assert (await client.create(body_of(owner), owner.key)).input.enabled


@pytest.mark.parametrize(
    ("auth", "want"),
    [
        (token(WRITER), ("active", True, True)),
        (token(OWNED), ("active", True, True)),
        (token(READER), ("active", True, False)),
        (token(POWERLESS), ("active", False, False)),
        (token("a-token-nobody-knows-of"), ("invalid", False, False)),
        (GlobalKey(EMAIL, SecretStr(KEY)), ("unverified", True, True)),
    ],
)
async def test_verify_token__tells_what_the_credentials_may_do(
    connect: Connect, auth: Auth, want: tuple[str, bool, bool]
) -> None:
    report = await connect(auth).verify_token()
    assert (report.status, report.can_read, report.can_write) == want
    assert report.ok is (want[1] and want[2])


async def test_credentials__never_in_process_output(
    connect: Connect, control: Control, owner: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    client = connect()
    issued = await client.create(body_of(owner), owner.key)
    await client.rotate_keys(issued.input.uid)
    shown = caplog.text + repr(issued)
    own = [entry["value"] for entry in control.secrets() if entry["uid"] == issued.input.uid]
    assert len(own) >= 4
    assert not [value for value in own if value in shown]
    assert WRITER not in shown
