"""The bad network of `bench video.class`: addresses in answers, packets that are counted."""

from __future__ import annotations

import pytest

from bench.video.lossy_path import ports, rewritten
from bench.video.receivers import PacketCount

ANSWER = (
    "v=0\r\nm=video 40001 UDP/TLS/RTP/SAVPF 96\r\n"
    "a=candidate:1 1 udp 2130706431 127.0.0.1 40001 typ host\r\n"
    "m=audio 40001 UDP/TLS/RTP/SAVPF 111\r\n"
    "a=candidate:1 1 UDP 2130706431 127.0.0.1 40001 typ host\r\n"
)


def test_answer__its_candidates__are_ways_around() -> None:
    assert ports(ANSWER) == {40001}
    around = rewritten(ANSWER, {40001: 50002})
    assert around.count(" 127.0.0.1 50002 typ host\r\n") == 2
    assert around.count("40001") == 2  # the sections' own ports, which nobody uses


@pytest.mark.parametrize(
    ("numbers", "received", "sent"),
    [
        ([7, 8, 9], 3, 3),
        ([7, 9, 12], 3, 6),
        ([7, 9, 8], 3, 3),
        ([65534, 65535, 0, 3], 4, 6),
    ],
)
def test_packets__with_gaps__received_of_sent(numbers: list[int], received: int, sent: int) -> None:
    count = PacketCount(numbers[0])
    for number in numbers:
        count.add(number)
    assert (count.received, count.sent) == (received, sent)
