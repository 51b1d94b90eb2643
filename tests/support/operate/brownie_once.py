"""brownie, started once for many commands: `python -m tests.support.operate.brownie_once SOCKET`.

Its start takes 4 s of a processor, and its look at the contracts 3 s more, or a minute after a
change; a page of commands has dozens. So one process has brownie loaded and forks for each command:
the fork carries out brownie's own command line with the caller's arguments, folder, environment and
terminal. Left out: this look at the contracts, which the scripts do not need (they read the
committed artifacts), and most of what makes a keystore slow to open. `client` is what stands in the
place of tools/bin/brownie, and it says `yes` to a script's question, since there is no terminal.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

CLIENT = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    told = {{"argv": sys.argv[1:], "cwd": os.getcwd(), "env": dict(os.environ)}}
    body = json.dumps(told).encode()
    socket.send_fds(server, [len(body).to_bytes(8, "big")], [0, 1, 2])
    server.sendall(body)
    sys.exit(int(server.makefile().read() or 1))
"""


def client(address: Path) -> str:
    """The program in brownie's place."""
    return CLIENT.format(python=sys.executable, address=str(address))


def main() -> None:
    """Serve until killed."""
    address = sys.argv[1]
    import brownie
    import brownie._cli.__main__
    import brownie._cli.accounts
    import brownie._cli.networks
    import brownie._cli.run
    import eth_account.account

    import scripts.deployment
    import scripts.host
    import scripts.report  # noqa: F401  (with all that they import, for all the forks)

    brownie.project.check_for_project = lambda *_: None
    names = vars(eth_account.account)
    keystore = names["create_keyfile_json"]
    names["create_keyfile_json"] = lambda *given, **named: keystore(
        *given, **{**named, "iterations": 4096}
    )
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()
        print("ready", flush=True)
        while True:
            connection, _ = server.accept()
            with connection:
                if os.fork() == 0:
                    server.close()
                    _serve(connection)


def _serve(connection: socket.socket) -> None:
    code = 1
    try:
        head, descriptors, *_ = socket.recv_fds(connection, 8, 3)
        told = b""
        while len(told) < int.from_bytes(head, "big"):
            told += connection.recv(1 << 16)
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
        code = _run(json.loads(told))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        connection.sendall(str(code).encode())
        connection.close()
        os._exit(0)


def _run(told: dict[str, Any]) -> int:
    import brownie._cli.__main__
    from brownie._config import CONFIG, ConfigContainer

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(told["cwd"])
    os.environ.clear()
    os.environ.update(told["env"])
    sys.path.insert(0, told["cwd"])
    CONFIG.networks.update(ConfigContainer().networks)  # with those added meanwhile
    words = told["argv"]
    if words[:1] == ["run"]:
        # without a loaded project brownie wants the script's path
        asks = len(words) > 2 and not words[2].startswith("-")
        words = ["run", f"scripts/{words[1]}", *words[2:], *(["yes"] if asks else [])]
    sys.argv = ["brownie", *words]
    try:
        brownie._cli.__main__.main()
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
            return 1
        return end.code or 0
    return 0


if __name__ == "__main__":
    main()
