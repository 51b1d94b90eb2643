"""Which broadcasts are refused, tag by tag."""

from __future__ import annotations

import pytest

from localnet.stream.broadcast.chunks import AUDIO, DATA, VIDEO, RtmpMessage
from localnet.stream.broadcast.encoding import AUDIO_CODEC, GOP, VIDEO_CODEC, EncodingCheck

KEY, INTER = b"\x17\x01", b"\x27\x01"


def _faults(*tags: tuple[int, int, bytes]) -> list[str | None]:
    check = EncodingCheck()
    return [check.fault(RtmpMessage(kind, 1, time, body)) for kind, time, body in tags]


@pytest.mark.parametrize(
    ("kind", "body", "fault"),
    [
        (VIDEO, KEY, None),
        (VIDEO, b"\x12", VIDEO_CODEC),  # Sorenson
        (VIDEO, b"\x22", VIDEO_CODEC),
        (VIDEO, b"\x14", VIDEO_CODEC),  # VP6
        (VIDEO, b"\x90hvc1", VIDEO_CODEC),  # enhanced RTMP
        (VIDEO, b"\x97hvc1", VIDEO_CODEC),
        (VIDEO, b"\x52\x00", None),  # a command to the player
        (AUDIO, b"\xaf\x01", None),
        (AUDIO, b"\x2f", AUDIO_CODEC),  # MP3
        (AUDIO, b"\xee", AUDIO_CODEC),  # MP3 at 8 kHz
        (AUDIO, b"\x5e", AUDIO_CODEC),  # Nellymoser
        (AUDIO, b"", None),
        (DATA, b"\x02", None),
    ],
)
def test_codecs__h264_and_aac__and_no_other(kind: int, body: bytes, fault: str | None) -> None:
    assert _faults((kind, 0, body)) == [fault]


def test_gop__of_ten_seconds__is_taken() -> None:
    times = range(0, 60_000, 500)
    tags = [(VIDEO, time, INTER if time % 10_000 else KEY) for time in times]
    assert set(_faults(*tags)) == {None}


def test_gop__over_ten_seconds__is_refused_without_waiting_for_its_end() -> None:
    tags = [(VIDEO, time, INTER if time else KEY) for time in range(0, 11_000, 500)]
    found = _faults(*tags)
    assert [time for (_, time, _), fault in zip(tags, found, strict=True) if fault] == [10_500]
    assert found[-1] == GOP


def test_gop__no_key_frame_at_all__counts_from_the_first_picture() -> None:
    assert _faults((VIDEO, 70_000, INTER), (VIDEO, 81_000, INTER)) == [None, GOP]
