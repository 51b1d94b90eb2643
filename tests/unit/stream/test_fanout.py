"""One publisher's frames to many viewers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import av
import pytest
from aiortc.jitterbuffer import JitterFrame
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from localnet.stream.media.fanout import Encoded, Fanout
from localnet.stream.media.runtime import PassThrough
from localnet.waiting import wait_until_async


class Source(MediaStreamTrack):
    """A publisher's track that the test feeds."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self.feed: asyncio.Queue[Encoded | None] = asyncio.Queue()

    async def recv(self) -> Encoded:
        packet = await self.feed.get()
        if packet is None:
            raise MediaStreamError
        return packet

    async def send(self, count: int, fanout: Fanout) -> None:
        goal = fanout.frames + count
        for n in range(count):
            packet = av.Packet(bytes([n % 256]))
            packet.pts = n
            self.feed.put_nowait(packet)
        await wait_until_async(lambda: fanout.frames == goal, what="frames read")


class FanoutParts:
    def __init__(self) -> None:
        self.source = Source()
        self.asked = 0
        self.fanout = Fanout(self.source, self._ask)

    def _ask(self) -> None:
        self.asked += 1


@pytest.fixture
async def world() -> AsyncIterator[FanoutParts]:
    world = FanoutParts()
    yield world
    world.fanout.stop()


async def test_fanout__two_viewers__both_get_each_frame(world: FanoutParts) -> None:
    viewers = [world.fanout.join() for _ in range(2)]
    first = [asyncio.create_task(viewer.recv()) for viewer in viewers]
    await asyncio.sleep(0)
    await world.source.send(2, world.fanout)
    assert [bytes(await task) for task in first] == [b"\0", b"\0"]
    assert [bytes(await viewer.recv()) for viewer in viewers] == [b"\1", b"\1"]


async def test_fanout__no_viewer__the_source_is_read_all_the_same(world: FanoutParts) -> None:
    await world.source.send(500, world.fanout)
    assert world.source.feed.empty()
    assert world.asked == 0


async def test_fanout__a_viewer_that_does_not_read_yet__holds_nothing_up(
    world: FanoutParts,
) -> None:
    late = world.fanout.join()
    await world.source.send(500, world.fanout)
    assert world.asked == 0
    waiting = asyncio.create_task(late.recv())
    await asyncio.sleep(0)
    await world.source.send(1, world.fanout)
    assert (await waiting).pts == 0


async def test_fanout__a_slow_viewer__loses_frames_and_is_given_a_key_frame(
    world: FanoutParts,
) -> None:
    slow, quick = world.fanout.join(), world.fanout.join()
    started = [asyncio.create_task(viewer.recv()) for viewer in (slow, quick)]
    await asyncio.sleep(0)
    await world.source.send(1, world.fanout)
    for task in started:
        await task
    for _ in range(10):
        await world.source.send(20, world.fanout)
        for _ in range(20):
            await quick.recv()
    assert 1 <= world.asked <= 3
    await slow.recv()


async def test_fanout__frozen__frames_are_read_and_dropped(world: FanoutParts) -> None:
    viewer = world.fanout.join()
    waiting = asyncio.create_task(viewer.recv())
    await asyncio.sleep(0)
    world.fanout.frozen = True
    await world.source.send(5, world.fanout)
    assert not waiting.done()
    world.fanout.frozen = False
    await world.source.send(1, world.fanout)
    assert (await waiting).pts == 0


async def test_viewer__stopped__ends_its_sender_and_leaves(world: FanoutParts) -> None:
    viewer = world.fanout.join()
    waiting = asyncio.create_task(viewer.recv())
    await asyncio.sleep(0)
    viewer.stop()
    with pytest.raises(MediaStreamError):
        await waiting
    with pytest.raises(MediaStreamError):
        await viewer.recv()
    await world.source.send(3, world.fanout)


async def test_fanout__source_ends__viewers_keep_waiting(world: FanoutParts) -> None:
    viewer = world.fanout.join()
    waiting = asyncio.create_task(viewer.recv())
    await asyncio.sleep(0)
    world.source.feed.put_nowait(None)
    for _ in range(5):
        await asyncio.sleep(0)
    assert not waiting.done()
    viewer.stop()
    with pytest.raises(MediaStreamError):
        await waiting


def test_pass_through__an_encoded_frame__comes_out_untouched_with_its_time() -> None:
    (packet,) = cast("list[Encoded]", PassThrough(90_000).decode(JitterFrame(b"frame", 180_000)))
    assert bytes(packet) == b"frame"
    assert packet.pts == 180_000
    assert packet.time_base == pytest.approx(1 / 90_000)
