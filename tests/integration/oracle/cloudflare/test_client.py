"""The client against the stand-in's process, over real sockets, with real faults."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from chain.enums import Mode
from common.clock import SystemClock
from localnet.stream.control import Control, StandIn
from oracle.cloudflare import errors as e
from oracle.cloudflare.breaker import Breaker
from oracle.cloudflare.client import CloudflareClient
from oracle.cloudflare.credentials import CloudflareAccount
from oracle.cloudflare.live_input_spec import Owner, echo_mismatch, owner_of, playback_mismatch
from oracle.cloudflare.rate_limit import RateLimiter
from oracle.cloudflare.transport import http_client
from tests.integration.oracle.cloudflare.accounts import (
    ACCOUNT,
    WRITER,
    Connect,
    body_of,
    inputs_of,
    token,
)


@pytest.mark.parametrize("mode", Mode)
async def test_create__both_modes__as_asked_and_where_the_contract_says(
    standin: StandIn, connect: Connect, control: Control, owner: Owner, mode: Mode
) -> None:
    client, body = connect(), body_of(owner, mode)
    issued = await client.create(body, owner.key)
    assert echo_mismatch(issued.input, body) == []
    assert playback_mismatch(issued.input, standin.public_base, mode) == []
    assert owner_of(issued.input.meta) == owner
    assert issued.credentials.for_mode(mode) is not None
    (stored,) = inputs_of(control, owner)
    assert stored["uid"] == issued.input.uid
    again = await client.create(body, owner.key)
    assert again.input.uid == issued.input.uid
    assert again.credentials.digest() == issued.credentials.digest()
    read = await client.get(issued.input.uid)
    assert read.credentials.digest() == issued.credentials.digest()


async def test_life_of_an_input__disable_enable_rotate_delete(
    connect: Connect, owner: Owner
) -> None:
    client = connect()
    issued = await client.create(body_of(owner), owner.key)
    uid = issued.input.uid
    assert not (await client.disable(uid)).enabled
    assert (await client.enable(uid)).enabled
    assert not (await client.update(uid, {"enabled": False})).enabled
    rotated = await client.rotate_keys(uid)
    assert rotated.input.uid == uid
    assert rotated.input.keys_rotated_at is not None
    assert rotated.credentials.digest() != issued.credentials.digest()
    assert await client.delete(uid) is True
    assert await client.delete(uid) is False
    with pytest.raises(e.Gone):
        await client.get(uid)
    with pytest.raises(e.IdempotencyConflict):
        await client.create(body_of(owner), owner.key)


@pytest.mark.parametrize("shape", ["array", "object"])
async def test_list_inputs__both_shapes__finds_ours(
    connect: Connect, control: Control, owner: Owner, shape: str
) -> None:
    control.set_quirks(list_shape=shape)
    client = connect()
    issued = await client.create(body_of(owner), owner.key)
    found = [entry.uid for entry in await client.list_inputs() if owner_of(entry.meta) == owner]
    assert found == [issued.input.uid]


async def test_create__answer_lost_after_the_effect__repeated_it_is_one_input(
    connect: Connect, control: Control, owner: Owner
) -> None:
    client = connect()
    for kind in ("lost-answer-after-effect", "truncated"):
        control.fault(kind, method="POST", path="live_inputs$")
        with pytest.raises((e.AnswerLost, e.UnexpectedAnswer)) as caught:
            await client.create(body_of(owner), owner.key)
        assert caught.value.effect_unknown
    issued = await client.create(body_of(owner), owner.key)
    assert [found["uid"] for found in inputs_of(control, owner)] == [issued.input.uid]


@pytest.mark.parametrize(
    ("fault", "params", "want"),
    [
        ("status", {"status": 500}, e.ServerTrouble),
        ("status", {"status": 403, "code": 10002, "message": "no"}, e.NotPermitted),
        ("status", {"status": 403, "code": 10001, "message": "internal"}, e.ServerTrouble),
        ("html", {"status": 502}, e.ServerTrouble),
        ("html", {"status": 200}, e.UnexpectedAnswer),
        ("html", {"status": 404}, e.UnexpectedAnswer),
        ("connection-reset", {}, e.AnswerLost),
        ("hang", {}, e.AnswerLost),
        ("429", {"retry_after": 700}, e.CloudflareRateLimited),
    ],
)
async def test_delete__a_fault__its_class_and_nothing_deleted(
    connect: Connect,
    control: Control,
    owner: Owner,
    fault: str,
    params: dict[str, Any],
    want: type[e.CloudflareError],
) -> None:
    issued = await connect().create(body_of(owner), owner.key)
    control.fault(fault, method="DELETE", path=issued.input.uid, **params)
    with pytest.raises(e.CloudflareError) as caught:
        await connect(timeout=0.5 if fault == "hang" else 20.0).delete(issued.input.uid)
    assert type(caught.value) is want
    assert len(inputs_of(control, owner)) == 1
    if want is e.CloudflareRateLimited:
        assert caught.value.until == pytest.approx(SystemClock().now() + 700, abs=60)


async def test_nobody_listens__unreachable(connect: Connect, free_port: Callable[[], int]) -> None:
    clock = SystemClock()
    account = CloudflareAccount(ACCOUNT, token(WRITER), f"http://127.0.0.1:{free_port()}/client/v4")
    async with http_client() as http:
        client = CloudflareClient(http, account, RateLimiter(clock), Breaker(clock), clock)
        with pytest.raises(e.Unreachable):
            await client.list_inputs()


async def test_recordings__live_ready_and_after_the_input_is_gone(
    connect: Connect, control: Control, owner: Owner
) -> None:
    client = connect()
    issued = await client.create(body_of(owner, Mode.BROADCAST), owner.key)
    uid = issued.input.uid
    ready = control.add_recording(uid, duration=90.0)
    control.mark_live(uid, protocol="rtmp")
    videos = {video.uid: video for video in await client.videos(uid)}
    assert len(videos) == 2
    assert videos[ready].duration_seconds == 90.0
    (live,) = [video for video in videos.values() if video.live]
    assert (await client.get(uid)).input.state == "connected"
    with pytest.raises(e.VideoLive):
        await client.delete_video(live.uid)
    await client.disable(uid)
    await client.delete(uid)
    left = await client.videos(uid, after_delete=True)
    assert ready in {video.uid for video in left}
    assert await client.delete_video(ready) is True
    assert await client.delete_video(ready) is False


async def test_rate_limiter__a_server_stricter_than_configured__everything_without_one_429(
    connect: Connect, control: Control
) -> None:
    control.set_rate_limit(25, 1.5)
    control.clear_requests()
    client = connect()
    await client.list_inputs()  # tells the limit
    await asyncio.gather(*(client.list_inputs() for _ in range(70)))
    assert [seen["status"] for seen in control.requests()] == [200] * 71
