"""In one process: making the addresses that play, beside the bare RSA signature in each.

Both sides take turns, batch by batch, and are measured in seconds of this thread's processor time,
so that what else runs on the machine is on neither side.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bench.output import SuiteOutput
from bench.rows import BenchRow
from common.clock import SystemClock
from common.playback_key import PlaybackKey, PlaybackKeyFile, PlaybackKeys
from playback.admission import PrivateRoom
from playback.playing import PlaybackAddresses

UID = "ab" * 16
ROUNDS = 60
BATCH = 50
AIM = 0.6


def measure(out: SuiteOutput) -> list[BenchRow]:
    """Tokens a second by `PlaybackAddresses`, with the key in its file, and bare signatures."""
    private = generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    path = out.folder / "playback-key.json"
    PlaybackKeys("a" * 32, PlaybackKey("f" * 32, pem.decode(), 0)).save(path, replace=True)
    clock = SystemClock()
    keys = PlaybackKeyFile(path, clock.now)
    addresses = PlaybackAddresses(keys.key, clock, random.Random(0), seconds=600)
    room = _room()
    until = int(clock.now()) + 3600
    text = b"x" * 250  # as long as what is signed of a token

    def issue() -> None:
        addresses.live(room, UID, until)

    def sign() -> None:
        private.sign(text, PKCS1v15(), SHA256())

    issued, signed = [], []
    for _ in range(ROUNDS):
        issued.append(_rate(issue))
        signed.append(_rate(sign))
    ours, bare = statistics.median(issued), statistics.median(signed)
    out.say(f"{ours:.0f} tokens, {bare:.0f} signatures a second of processor time")
    return [
        BenchRow(
            "playback: issuing tokens in process",
            "tokens a second, one core",
            ours,
            "/s",
            beside=bare,
            peer="bare RSA-2048 signatures",
            aim=f">= {AIM:g} of them",
            met=ours >= AIM * bare,
            note=f"median of {ROUNDS} batches of {BATCH} each, in turns, by processor time",
        )
    ]


def _rate(work: Callable[[], None]) -> float:
    began = time.thread_time()
    for _ in range(BATCH):
        work()
    return BATCH / (time.thread_time() - began)


def _room() -> PrivateRoom:
    """A class's, by invitation."""
    return PrivateRoom(
        number=7,
        contract="0x" + "c0" * 20,
        operator_id=1,
        host="0x" + "11" * 20,
        status="active",
        mode="webrtc",
        public=False,
        gate=None,
        tag="0x" + "01" * 12,
        uid=UID,
        base="https://customer-0123456789abcdef.cloudflarestream.com",
        class_=None,
        taken_down=False,
    )
