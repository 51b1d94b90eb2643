"""Offers read, answers adjusted."""

from __future__ import annotations

import random

import pytest

from localnet.stream.media.sdp import BadOfferError, NoCommonCodecError, Offer, with_bitrate_hints

ONE = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
"""The head of an offer with one section."""
HEAD = ONE + "a=group:BUNDLE 0 1\r\n"
TRANSPORT = (
    "c=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n"
    "a=fingerprint:sha-256 " + ":".join(["AB"] * 32) + "\r\na=setup:actpass\r\na=rtcp-mux\r\n"
)
CANDIDATE = "a=candidate:1 1 udp 1 3f2a.local 5000 typ host\r\na=end-of-candidates\r\n"
AUDIO = (
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\n" + TRANSPORT + "a=mid:0\r\na=sendonly\r\n"
    "a=rtpmap:111 opus/48000/2\r\na=rtpmap:0 PCMU/8000\r\n" + CANDIDATE
)
H264 = "a=fmtp:{0} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={1}\r\n"
VIDEO = (
    "m=video 9 UDP/TLS/RTP/SAVPF 98 96 97 102 103\r\n" + TRANSPORT + "a=mid:1\r\na=sendonly\r\n"
    "a=rtpmap:98 VP9/90000\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\n"
    "a=fmtp:97 apt=96\r\n"
    "a=rtpmap:102 H264/90000\r\n" + H264.format(102, "42e01f") + "a=rtpmap:103 rtx/90000\r\n"
    "a=fmtp:103 apt=102\r\n" + CANDIDATE
)


def test_offer__candidates__are_left_out() -> None:
    offer = Offer.parse((HEAD + AUDIO + VIDEO).encode())
    assert "candidate" not in offer.text
    assert list(offer.media) == ["audio", "video"]


def test_choose__several_codecs__the_first_that_passes_through() -> None:
    offer = Offer.parse((HEAD + AUDIO + VIDEO).encode())
    assert [codec.mimeType for codec in offer.choose("video")] == ["video/VP8", "video/rtx"]
    assert [codec.mimeType for codec in offer.choose("audio")] == ["audio/opus"]


def test_choose__h264_first__h264_of_that_profile() -> None:
    text = VIDEO.replace("98 96 97 102 103", "102 103 96 97")
    chosen = Offer.parse((ONE + text).encode()).choose("video")[0]
    assert chosen.mimeType == "video/H264"
    assert chosen.parameters["profile-level-id"] == "42e01f"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("video", VIDEO.replace("98 96 97 102 103", "98")),
        ("video", VIDEO.replace("98 96 97 102 103", "102").replace("42e01f", "640c1f")),
        ("audio", AUDIO.replace("111 0", "0")),
    ],
)
def test_choose__nothing_that_passes_through__says_so(kind: str, text: str) -> None:
    with pytest.raises(NoCommonCodecError):
        Offer.parse((ONE + text).encode()).choose(kind)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"v=0",
        b"\xff\xfe",
        HEAD.encode(),
        (HEAD + AUDIO + AUDIO).encode(),
        (HEAD.replace("BUNDLE 0 1", "BUNDLE 1") + AUDIO + VIDEO).encode(),
        (HEAD.replace("a=group:BUNDLE 0 1\r\n", "") + AUDIO + VIDEO).encode(),
        (ONE + AUDIO.replace("a=fingerprint", "a=x")).encode(),
        (ONE + AUDIO.replace("a=ice-ufrag:abcd\r\n", "")).encode(),
        (ONE + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n" + TRANSPORT).encode(),
    ],
)
def test_offer__broken__is_refused(body: bytes) -> None:
    with pytest.raises(BadOfferError):
        Offer.parse(body)


def test_offer__damaged_at_random__is_read_or_refused_and_nothing_else() -> None:
    rng = random.Random(1)
    whole = (HEAD + AUDIO + VIDEO).encode()
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(rng.randint(1, 8)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        try:
            offer = Offer.parse(bytes(damaged[: rng.randrange(len(damaged))]))
        except BadOfferError:
            continue
        assert offer.media


def test_bitrate_hints__vp8_without_parameters__get_a_line_of_their_own() -> None:
    answer = with_bitrate_hints(HEAD + AUDIO + VIDEO.replace("98 96", "96 98"))
    assert answer.count("x-google-start-bitrate=1500;x-google-min-bitrate=1500") == 1
    lines = answer.split("\r\n")
    hint = next(n for n, line in enumerate(lines) if "x-google" in line)
    assert lines[hint].startswith("a=fmtp:96 x-google")
    assert lines[hint - 1] == "a=rtpmap:96 VP8/90000"


def test_bitrate_hints__h264__join_its_parameters() -> None:
    answer = with_bitrate_hints(ONE + VIDEO.replace("98 96 97 102 103", "102 103"))
    (line,) = [line for line in answer.split("\r\n") if "x-google" in line]
    assert line.startswith("a=fmtp:102 level-asymmetry-allowed=1;")
    assert line.endswith("x-google-min-bitrate=1500")


def test_bitrate_hints__audio_only__nothing_changes() -> None:
    assert with_bitrate_hints(ONE + AUDIO) == ONE + AUDIO
