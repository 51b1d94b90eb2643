"""A small local server that answers Web3Signer's documented eth1 requests, for one key."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from eth_keys.datatypes import PrivateKey
from eth_utils.crypto import keccak


class Web3SignerServer:
    """`with Web3SignerServer(key) as server: server.url`. `mode`: "good", or a way to be wrong.

    `port`: 0 for any free one.
    """

    def __init__(self, key: str, port: int = 0) -> None:
        self.key = PrivateKey(bytes.fromhex(key.removeprefix("0x")))
        self.mode = "good"
        self.requests: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:
                return

            def do_GET(self) -> None:
                outer.requests.append(self.path)
                listed = ["not a key", str(outer.key.public_key)]
                self.answer(200, "application/json", json.dumps(listed))

            def do_POST(self) -> None:
                outer.requests.append(self.path)
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if self.path != f"/api/v1/eth1/sign/{outer.key.public_key}":
                    self.answer(404, "text/plain", "")
                    return
                self.answer(*outer.sign(bytes.fromhex(body["data"][2:])))

            def answer(self, status: int, kind: str, text: str) -> None:
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def sign(self, data: bytes) -> tuple[int, str, str]:
        """Status, content type and text for the bytes to sign."""
        text = "text/plain; charset=utf-8"
        if self.mode == "down":
            return 500, text, "internal error"
        if self.mode == "garbage":
            return 200, text, "0x1234"
        signed = data + b"!" if self.mode == "tampered" else data
        s = self.key.sign_msg_hash(keccak(signed))
        raw = s.r.to_bytes(32, "big") + s.s.to_bytes(32, "big") + bytes([27 + s.v])
        return 200, text, "0x" + raw.hex()

    def __enter__(self) -> Web3SignerServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
