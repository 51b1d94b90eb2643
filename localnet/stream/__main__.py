"""`python -m localnet.stream`: runs the stand-in until SIGTERM or Ctrl-C.

Promises: after it listens, `<state>/endpoint.json` names port, process and URLs, and one line on
stdout says so; neither holds a secret. Accounts and the control token come from files; missing
ones are made in the state directory, readable by their owner only.
On restart: with the same `--state` and `--port` clients notice nothing but the pause.
"""

import argparse
import asyncio
import json
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from localnet.stream.accounts import load_or_create, write_private
from localnet.stream.app import API_PREFIX, StandInConfig, build
from localnet.stream.store import StateInUseError

ACCOUNTS_FILE = "accounts.json"
CONTROL_TOKEN_FILE = "control-token"
ENDPOINT_FILE = "endpoint.json"


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m localnet.stream", description="A stand-in for Cloudflare Stream."
    )
    add = parser.add_argument
    add("--state", type=Path, required=True, help="state directory; made if missing")
    add("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    add("--port", type=int, default=0, help="port; 0 takes a free one (default)")
    add("--public-base", help="origin of playback URLs (default http://<host>:<port>)")
    add("--accounts", type=Path, help="accounts file (default <state>/accounts.json)")
    add("--control-token-file", type=Path, help="default <state>/control-token")
    add("--rate-requests", type=int, default=1200, help="calls per window; 0 is no limit")
    add("--rate-window", type=float, default=300.0, help="seconds of a rate window")
    add("--seed", type=int, default=0, help="seed of faults with a probability")
    add("--rtmp-port", type=int, help="take broadcasts by RTMP on this port; 0 takes a free one")
    return parser.parse_args(argv)


async def serve(options: argparse.Namespace) -> None:
    """Listens and waits for a signal."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    state: Path = options.state
    accounts = load_or_create(options.accounts or state / ACCOUNTS_FILE)
    token = _control_token(options.control_token_file or state / CONTROL_TOKEN_FILE)

    server = _bind(options.host, options.port)
    rtmp = None if options.rtmp_port is None else _bind(options.host, options.rtmp_port)
    port = server.getsockname()[1]
    origin = f"http://{options.host}:{port}"
    base = (options.public_base or origin).rstrip("/")
    config = StandInConfig(
        state=state,
        accounts=accounts,
        control_token=token,
        public_base=base,
        rate_requests=options.rate_requests,
        rate_window_s=options.rate_window,
        seed=options.seed,
        rtmp=rtmp,
    )
    runner = web.AppRunner(build(config), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.SockSite(runner, server).start()
        endpoint = {
            "pid": os.getpid(),
            "port": port,
            "rtmp_port": None if rtmp is None else rtmp.getsockname()[1],
            "api_base": origin + API_PREFIX,
            "public_base": base,
            "accounts": accounts.ids(),
        }
        write_private(state / ENDPOINT_FILE, json.dumps(endpoint))
        print(f"stream stand-in: listening on {origin}, playback at {base}", flush=True)
        await stop.wait()
    finally:
        await runner.cleanup()


def main(argv: Sequence[str] | None = None) -> int:
    """Runs it; 2 if it could not start, with the reason on stderr."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    logging.getLogger("localnet.stream").setLevel(logging.INFO)
    try:
        asyncio.run(serve(arguments(argv)))
    except (ValueError, OSError, StateInUseError) as error:
        print(f"stream stand-in: cannot run: {error}", file=sys.stderr)
        return 2
    return 0


def _bind(host: str, port: int) -> socket.socket:
    server = socket.create_server((host, port), backlog=512)
    server.setblocking(False)
    return server


def _control_token(path: Path) -> str:
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24))
    token = path.read_text().strip()
    if not token:
        raise ValueError(f"{path} is empty: it must hold the control token")
    return token


if __name__ == "__main__":
    sys.exit(main())
