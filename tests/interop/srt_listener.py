"""An SRT server for one caller: libsrt itself, the reference implementation, by its C interface.

    python -m tests.interop.srt_listener PASSPHRASE FILE

Prints one JSON object a line: the port it listens on; who was accepted, with the stream id that
they named and whether it is encrypted; how many bytes came. What comes is written to FILE.
Assumes: Debian's libsrt1.5-openssl, which OBS needs as well.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import json
import socket
import sys
from pathlib import Path

LIBRARY = "libsrt.so.1.5"
RCVTIMEO, PASSPHRASE, KMSTATE, STREAMID = 14, 26, 28, 46
SECURED = 2
LONGEST_ID = 512
PATIENCE_MS = 20_000
REPORT_EVERY = 100_000  # bytes
MESSAGE = 1456


class _Address(ctypes.Structure):
    _fields_ = (
        ("family", ctypes.c_uint16),
        ("port", ctypes.c_uint16),
        ("host", ctypes.c_uint8 * 4),
        ("zero", ctypes.c_uint8 * 8),
    )


def main(passphrase: str, target: Path) -> int:
    srt = ctypes.CDLL(LIBRARY)
    srt.srt_getlasterror_str.restype = ctypes.c_char_p

    def must(answer: int) -> int:
        if answer < 0:
            sys.exit(f"libsrt: {srt.srt_getlasterror_str().decode()}")
        return answer

    must(srt.srt_startup())
    listener = must(srt.srt_create_socket())
    secret = passphrase.encode()
    must(srt.srt_setsockflag(listener, PASSPHRASE, secret, len(secret)))
    address = _Address(socket.AF_INET, 0, (127, 0, 0, 1))
    size = ctypes.c_int(ctypes.sizeof(address))
    must(srt.srt_bind(listener, ctypes.byref(address), size))
    must(srt.srt_getsockname(listener, ctypes.byref(address), ctypes.byref(size)))
    must(srt.srt_listen(listener, 1))
    _say(port=socket.ntohs(address.port))
    caller = must(srt.srt_accept(listener, None, None))

    name = ctypes.create_string_buffer(LONGEST_ID + 1)
    length = ctypes.c_int(LONGEST_ID)
    must(srt.srt_getsockflag(caller, STREAMID, name, ctypes.byref(length)))
    state = ctypes.c_int()
    length = ctypes.c_int(ctypes.sizeof(state))
    must(srt.srt_getsockflag(caller, KMSTATE, ctypes.byref(state), ctypes.byref(length)))
    _say(streamid=name.value.decode(), secured=state.value == SECURED)

    patience = ctypes.c_int(PATIENCE_MS)
    must(srt.srt_setsockflag(caller, RCVTIMEO, ctypes.byref(patience), ctypes.sizeof(patience)))
    packet = ctypes.create_string_buffer(MESSAGE)
    received, reported = 0, 0
    with target.open("wb") as file:
        while (count := srt.srt_recvmsg(caller, packet, MESSAGE)) > 0:
            file.write(packet.raw[:count])
            received += count
            if received - reported >= REPORT_EVERY:
                file.flush()
                reported = received
                _say(bytes=received)
    _say(end=received)
    return 0


def _say(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
