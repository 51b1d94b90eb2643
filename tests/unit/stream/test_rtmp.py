"""RTMP's values and chunks."""

from __future__ import annotations

import asyncio
import random

import pytest

from localnet.stream.broadcast import amf
from localnet.stream.broadcast.chunks import RtmpConnection, RtmpError, RtmpMessage


def test_amf__what_is_encoded__is_read_back() -> None:
    values = ["connect", 1, None, True, {"app": "live", "depth": {"x": 2.5}}]
    assert amf.decode(amf.encode(*values)) == values


def test_amf__long_text_and_arrays__are_read() -> None:
    array = b"\x08\x00\x00\x00\x01\x00\x01a" + amf.encode(1) + b"\x00\x00\x09"
    strict = b"\x0a\x00\x00\x00\x02" + amf.encode(1, "b")
    long_text = b"\x0c\x00\x00\x00\x02hi"
    assert amf.decode(array + strict + long_text + b"\x06") == [{"a": 1}, [1, "b"], "hi", None]


@pytest.mark.parametrize(
    "data",
    [b"\x02\x00\x05ab", b"\x00\x01", b"\x03\x00\x01a", b"\x11", b"\x02\x00\x01\xff", b"\x0a\x00"],
)
def test_amf__broken__is_an_amf_error(data: bytes) -> None:
    with pytest.raises(amf.AmfError):
        amf.decode(data)


def test_amf__nested_without_end__is_refused() -> None:
    with pytest.raises(amf.AmfError):
        amf.decode(b"\x03\x00\x01a" * 5000)


def test_amf__random_bytes__are_read_or_refused_and_nothing_else() -> None:
    rng = random.Random(3)
    for _ in range(500):
        try:
            amf.decode(rng.randbytes(rng.randrange(1, 60)))
        except amf.AmfError:
            continue


class Wire:
    """Collects what a server would write."""

    def __init__(self) -> None:
        self.sent = b""

    def write(self, data: bytes) -> None:
        self.sent += data

    async def drain(self) -> None:
        """Nothing to wait for."""


async def _read(data: bytes) -> list[RtmpMessage]:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return [message async for message in RtmpConnection(reader, Wire()).messages()]  # type: ignore[arg-type]


def _head(kind: int, length: int, time: int = 5, channel: int = 4) -> bytes:
    return (
        bytes([channel])
        + time.to_bytes(3, "big")
        + length.to_bytes(3, "big")
        + bytes([kind])
        + (1).to_bytes(4, "little")
    )


async def test_chunks__long_message__is_put_together() -> None:
    body = bytes(range(256)) * 2
    parts = [body[n : n + 128] for n in range(0, 512, 128)]
    data = _head(9, 512) + parts[0] + b"".join(b"\xc4" + part for part in parts[1:])
    (message,) = await _read(data)
    assert (message.kind, message.stream, message.time, message.body) == (9, 1, 5, body)


async def test_chunks__set_chunk_size__holds_from_then_on() -> None:
    size = _head(1, 4, channel=2) + (300).to_bytes(4, "big")
    (message,) = await _read(size + _head(8, 300) + b"a" * 300)
    assert message.body == b"a" * 300


async def test_chunks__deltas_and_repeats__add_up_the_time() -> None:
    delta = b"\x44" + (10).to_bytes(3, "big") + (1).to_bytes(3, "big") + b"\x08" + b"b"
    short = b"\x84" + (7).to_bytes(3, "big") + b"c"
    found = await _read(_head(8, 1) + b"a" + delta + short + b"\xc4d")
    assert [(message.body, message.time) for message in found] == [
        (b"a", 5), (b"b", 15), (b"c", 22), (b"d", 29),
    ]  # fmt: skip


async def test_chunks__extended_time__is_read() -> None:
    late = _head(8, 1, time=0xFFFFFF) + (0x01000000).to_bytes(4, "big") + b"a"
    (message,) = await _read(late)
    assert message.time == 0x01000000


async def test_chunks__two_channels_interleaved__stay_apart() -> None:
    video, audio = b"v" * 200, b"a"
    data = _head(9, 200) + video[:128] + _head(8, 1, channel=5) + audio + b"\xc4" + video[128:]
    assert [message.body for message in await _read(data)] == [audio, video]


async def test_chunks__large_channel_numbers__are_read() -> None:
    for prefix in (b"\x00\x0a", b"\x01\x0a\x01"):
        (message,) = await _read(prefix + _head(8, 1)[1:] + b"a")
        assert message.body == b"a"


async def test_chunks__a_message_without_end__is_refused() -> None:
    with pytest.raises(RtmpError):
        await _read(_head(9, 0xFFFFFF) + b"x")


async def test_chunks__chunk_size_of_nothing__is_refused() -> None:
    with pytest.raises(RtmpError):
        await _read(_head(1, 4, channel=2) + bytes(4))


async def test_send__long_message__is_read_back_by_the_other_side() -> None:
    wire = Wire()
    sender = RtmpConnection(asyncio.StreamReader(), wire)  # type: ignore[arg-type]
    await sender.announce_chunk_size()
    await sender.send(20, b"z" * 10_000, stream=1, channel=5)
    (message,) = await _read(wire.sent)
    assert message.body == b"z" * 10_000
