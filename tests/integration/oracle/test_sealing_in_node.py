"""What the oracle seals opens in JavaScript with @hpke/core, and the other way round."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from oracle import ingest, sealing
from oracle.host_key import HostKey
from oracle.ingest import BroadcastIngest, WebRtcIngest
from oracle.secret import Secret

SCRIPT = Path(__file__).parents[2] / "support" / "hpke.mjs"
VECTORS = json.loads(SCRIPT.with_name("sealing_vectors.json").read_text(encoding="utf-8"))
TAG, UID = b"\x07" * 12, b"\x08" * 16
WEBRTC = WebRtcIngest(Secret("https://customer-x.example/key/webRTC/publish"))
BROADCAST = BroadcastIngest(
    "rtmps://x.example/", Secret("stream"), "srt://x.example", Secret("id"), Secret("word")
)


def node(**request: str) -> dict[str, Any]:
    done = subprocess.run(
        ["node", SCRIPT], input=json.dumps(request), capture_output=True, text=True, timeout=60,
        check=True,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_sealed_in_python__opened_in_node() -> None:
    key = HostKey.generate()
    info = sealing.seal_info(TAG, UID).hex()
    private = key.private.private_bytes_raw().hex()
    for credentials in (WEBRTC, BROADCAST):
        sealed = sealing.seal(key.public, TAG, UID, credentials).hex()
        answer = node(op="open", privateKey=private, info=info, sealed=sealed)
        assert answer["text"].encode() == ingest.encode(credentials)
        other = sealing.seal_info(TAG, bytes(16)).hex()
        assert "error" in node(op="open", privateKey=private, info=other, sealed=sealed)


def test_sealed_in_node__opened_in_python() -> None:
    key = HostKey.generate()
    info = sealing.seal_info(TAG, UID).hex()
    text = ingest.encode(BROADCAST).decode()
    answer = node(op="seal", publicKey=key.public.hex(), info=info, text=text)
    opened = sealing.open_sealed(key.private, TAG, UID, bytes.fromhex(answer["sealed"]))
    assert opened == BROADCAST


def test_committed_vectors__open_in_node() -> None:
    for message in VECTORS["messages"]:
        answer = node(
            op="open", privateKey=VECTORS["privateKey"], info=VECTORS["info"],
            sealed=message["sealed"],
        )  # fmt: skip
        assert answer["text"] == message["text"]
