"""Sealing to a host's key, and opening."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from oracle import ingest, sealing
from oracle.ingest import BroadcastIngest, WebRtcIngest
from oracle.secret import Secret

VECTORS = json.loads(
    (Path(__file__).parents[2] / "support" / "sealing_vectors.json").read_text(encoding="utf-8")
)
TAG, UID = bytes.fromhex(VECTORS["tag"]), bytes.fromhex(VECTORS["uid"])
WEBRTC = WebRtcIngest(Secret("https://customer-x.cloudflarestream.com/key/webRTC/publish"))
BROADCAST = BroadcastIngest(
    "rtmps://live.cloudflare.com:443/live/",
    Secret("stream-key"),
    "srt://live.cloudflare.com:778",
    Secret("stream-id"),
    Secret("pass-phrase"),
)
P = 2**255 - 19
LOW_ORDER = [
    0,
    1,
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
    P - 1,
    P,
    P + 1,
]


@pytest.fixture
def private() -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(bytes.fromhex(VECTORS["privateKey"]))


@pytest.fixture
def public(private: X25519PrivateKey) -> bytes:
    return private.public_key().public_bytes_raw()


@pytest.mark.parametrize("credentials", [WEBRTC, BROADCAST])
def test_seal__then_opened__the_same_credentials(
    credentials: ingest.Ingest, private: X25519PrivateKey, public: bytes
) -> None:
    sealed = sealing.seal(public, TAG, UID, credentials)
    assert sealing.open_sealed(private, TAG, UID, sealed) == credentials
    assert len(sealed) == 32 + len(ingest.encode(credentials)) + 16 <= 1024
    assert sealed != sealing.seal(public, TAG, UID, credentials)


@pytest.mark.parametrize("message", VECTORS["messages"], ids=lambda m: m["sealedBy"])
def test_open_sealed__committed_vectors__open_to_their_text(
    message: dict[str, Any], private: X25519PrivateKey, public: bytes
) -> None:
    assert public.hex() == VECTORS["publicKey"]
    assert sealing.seal_info(TAG, UID).hex() == VECTORS["info"]
    opened = sealing.open_sealed(private, TAG, UID, bytes.fromhex(message["sealed"]))
    assert ingest.encode(opened).decode() == message["text"]


def test_seal_info__the_bytes_of_the_documentation() -> None:
    info = sealing.seal_info(b"\x01" * 12, b"\x02" * 16)
    assert info == b"livestream-rooms/ingest/v1" + b"\x01" * 12 + b"\x02" * 16
    assert len(info) == 54


@pytest.mark.parametrize("high_bit", [0, 1 << 255])
@pytest.mark.parametrize("point", LOW_ORDER)
def test_seal__low_order_key__unusable_so_that_the_oracle_declines(
    point: int, high_bit: int
) -> None:
    key = (point | high_bit).to_bytes(32, "little")
    assert not sealing.is_usable(key)
    with pytest.raises(sealing.UnusableKey) as caught:
        sealing.seal(key, TAG, UID, WEBRTC)
    assert caught.value.__context__ is None


def test_is_usable__an_ordinary_key__yes(public: bytes) -> None:
    assert sealing.is_usable(public)


@pytest.mark.parametrize(
    "change", ["tag", "uid", "key", "enc", "text", "mac", "cut", "empty", "long"]
)
def test_open_sealed__anything_else_than_what_was_sealed__does_not_open(
    change: str, private: X25519PrivateKey, public: bytes
) -> None:
    sealed = bytearray(sealing.seal(public, TAG, UID, WEBRTC))
    tag, uid, key = TAG, UID, private
    if change == "tag":
        tag = bytes(12)
    elif change == "uid":
        uid = bytes(16)
    elif change == "key":
        key = X25519PrivateKey.generate()
    elif change in ("enc", "text", "mac"):
        sealed[{"enc": 3, "text": 40, "mac": -1}[change]] ^= 1
    else:
        sealed = {"cut": sealed[:47], "empty": bytearray(), "long": sealed + bytes(2000)}[change]
    with pytest.raises(sealing.CannotOpen, match="rekey"):
        sealing.open_sealed(key, tag, uid, bytes(sealed))


def test_open_sealed__all_zero_ephemeral_key__does_not_open(private: X25519PrivateKey) -> None:
    with pytest.raises(sealing.CannotOpen):
        sealing.open_sealed(private, TAG, UID, bytes(32) + bytes(100))


def test_seal__credentials_beyond_the_contracts_bound__typed_error(public: bytes) -> None:
    fits = WebRtcIngest(Secret("x" * (976 - len(ingest.encode(WebRtcIngest(Secret("x")))) + 1)))
    assert len(sealing.seal(public, TAG, UID, fits)) == 1024
    with pytest.raises(sealing.SealedTooLong, match="1025"):
        sealing.seal(public, TAG, UID, WebRtcIngest(Secret(fits.whip.reveal() + "x")))


@pytest.mark.parametrize(("key", "tag", "uid"), [(31, 12, 16), (32, 11, 16), (32, 12, 17)])
def test_seal__wrong_lengths__value_error(key: int, tag: int, uid: int) -> None:
    with pytest.raises(ValueError, match="must be"):
        sealing.seal(bytes(key), bytes(tag), bytes(uid), WEBRTC)


def test_encode__both_modes__the_documented_text() -> None:
    assert ingest.encode(WEBRTC) == (
        b'{"v":1,"mode":"webrtc",'
        b'"whip":"https://customer-x.cloudflarestream.com/key/webRTC/publish"}'
    )
    assert ingest.encode(BROADCAST) == (
        b'{"v":1,"mode":"broadcast",'
        b'"rtmps":{"url":"rtmps://live.cloudflare.com:443/live/","streamKey":"stream-key"},'
        b'"srt":{"url":"srt://live.cloudflare.com:778","streamId":"stream-id",'
        b'"passphrase":"pass-phrase"}}'
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"not json hunter2", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'["hunter2"]', "not a JSON object"),
        (b'{"v":2,"mode":"webrtc","whip":"hunter2"}', "unknown version"),
        (b'{"v":1,"mode":"hunter2"}', "mode"),
        (b'{"v":1,"mode":"webrtc"}', "lacks whip"),
        (b'{"v":1,"mode":"webrtc","whip":["hunter2"]}', "lacks whip"),
        (b'{"v":1,"mode":"broadcast","rtmps":"hunter2"}', "lacks rtmps.url"),
    ],
)
def test_decode__malformed__says_what_and_never_quotes(text: bytes, words: str) -> None:
    with pytest.raises(ingest.IngestFormatError, match=words) as caught:
        ingest.decode(text)
    assert "hunter2" not in repr(caught.value)
    assert caught.value.__context__ is None


def test_decode__keys_of_a_later_version__are_ignored() -> None:
    text = json.loads(ingest.encode(WEBRTC)) | {"note": "new"}
    assert ingest.decode(json.dumps(text).encode()) == WEBRTC
