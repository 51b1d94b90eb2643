"""Whoever follows docs/operate.md, on one machine without a network.

Promises: each command is run as it stands, in one shell's state (folder, umask, exported
variables), or is in `elsewhere`, with the reason why not and what takes its place; a command that
fails, or whose answer is not as told, is an error. What a person does by hand is done in their
place: values are filled in, passwords typed, accounts funded, printed calls sent by the Safe.
Stand-ins: two anvils with the ids of Sepolia and Ethereum, the embedded database, the stand-in for
Cloudflare, which the settings name by CLOUDFLARE_API_BASE.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from chain.units import ETHER
from localnet.anvil import Anvil
from localnet.mongo import MongoServer
from localnet.process import ROOT
from localnet.runner import Runner
from localnet.stream.control import StandIn
from tests.support.operate.brownie_once import client
from tests.support.operate.compose_here import ComposeHere
from tests.support.operate.page_commands import CommandBlock, missing

PASSWORD = "correct horse battery staple"
SEPOLIA, ETHEREUM = 11155111, 1
LINKED = (".venv", "node_modules", "dapp/node_modules", "dapp/dist")
COMMAND_SECONDS = 120


class Walk:
    """The reader, at home in `folder`."""

    def __init__(self, folder: Path, runner: Runner, standin: StandIn) -> None:
        self.folder = folder
        self.site = folder / "livestream-rooms"
        self.runner = runner
        self.standin = standin
        self.chains = {
            chain: runner.anvil(
                *("--chain-id", str(chain), "--block-time", "0.5", "--slots-in-an-epoch", "1")
            )
            for chain in (SEPOLIA, ETHEREUM)
        }
        self.mongo: MongoServer = runner.mongo()
        self.compose = ComposeHere(
            self.site, runner, {"CLOUDFLARE_API_BASE": standin.api_base, "POLL_SECONDS": "0.2"}
        )
        self._state, self._where = folder / "state", folder / "where"
        self._state.write_text("")
        self._where.write_text(f"cd {folder}\numask 022\n")
        self._used: set[str] = set()
        (folder / "home").mkdir()
        self._shims()

    # --- what the page has for the reader to fill in, and where the stand-ins are -----------------

    def _here(self, command: str) -> str:
        """A command with this machine's values."""
        values = {
            "0xYourPayee": "0x90F79bf6EB2c4f870365E785982E1f101E93b906",
            "0xYourSafe": "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65",
            "0xYourModerator": "0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc",
            "https://node.example/v2/KEY": self.chains[SEPOLIA].url,
            "https://mainnet.example/v2/KEY": self.chains[ETHEREUM].url,
            "https://customer-....cloudflarestream.com": self.standin.public_base,
            "0123456789abcdef0123456789abcdef": self.standin.account_id,
            "mongodb+srv://rooms:PASSWORD@cluster0.example.mongodb.net/": self.mongo.uri,
            "http://127.0.0.1:9101": self.compose.url("indexer"),
            "http://127.0.0.1:9102": self.compose.url("oracle"),
            "http://127.0.0.1:9103": self.compose.url("presence"),
            "http://127.0.0.1:8080": self.compose.url("api"),
            "scripts.playback_base ": f"scripts.playback_base api={self.standin.api_base} ",
        }
        for theirs, ours in values.items():
            command = command.replace(theirs, ours)
        # the proxy has tests of its own (tests/integration/proxy): the API is asked itself
        if command.startswith("curl "):
            command = command.replace("https://$DOMAIN", self.compose.url("api"))
        return command

    def _typed(self, command: str) -> str:
        """What a person types while it runs."""
        return self.standin.token if "cloudflare_api_token" in command else PASSWORD

    # --- what cannot be run here ------------------------------------------------------------------

    def elsewhere(self) -> list[tuple[str, str, Callable[..., str]]]:
        """A pattern of commands, why they are not run, and what takes their place."""
        return [
            (r"sudo apt-get (?:update|install .*)", "no network", self._nothing),
            (r"curl .* https://get\.docker\.com .*", "no network", self._nothing),
            (r"sudo usermod .*", "changes this machine", self._nothing),
            (r"git clone .*", "no network: this tree is copied", self._copy),
            (r"make setup", "installed: what it would do is read", self._setup),
            (r"git pull .*", "no network", self._nothing),
            (r"docker compose build", "no engine: tests/unit/tooling/test_image.py",
             self._nothing),
            (r"docker compose (?:run --rm --no-deps|exec) (\w+) (.+)", "no engine: the same"
             " command with the service's settings", self.compose.run),
            (r"docker compose up --detach(?: --no-deps)?((?: \w+)*)", "no engine: the services as"
             " processes; proxy and monitoring have tests of their own", self.compose.up),
            (r"docker compose stop (\w+)", "no engine", self.compose.stop),
            (r"docker compose ps", "no engine", self.compose.running),
            (r"sudo certbot .*", "no network", self._nothing),
            (r"sudo mkdir -p /var/www/acme", "outside of the test's folder", self._nothing),
        ]  # fmt: skip

    def unused(self) -> list[str]:
        """What of it no command has needed."""
        return [pattern for pattern, *_ in self.elsewhere() if pattern not in self._used]

    @staticmethod
    def _nothing(*_: str) -> str:
        return ""

    def _copy(self) -> str:
        """What a clone would have, and beside it what this machine has installed already."""
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        for name in filter(None, listed.stdout.split("\0")):
            source, target = ROOT / name, self.site / name
            if source.is_file() and not name.startswith("tests/"):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
        for name in LINKED:
            (self.site / name).symlink_to((ROOT / name).resolve())
        return ""

    def _setup(self) -> str:
        """brownie is started once, for all the commands to come."""
        subprocess.run(
            ["make", "--dry-run", "setup"], cwd=self.site, capture_output=True, check=True
        )
        address = self.folder / "brownie"
        (self.site / "tools" / "bin" / "brownie").write_text(client(address))
        env = {"HOME": str(self.folder / "home"), "PYTHONPATH": f"{self.site}:{ROOT}"}
        argv = [sys.executable, "-m", "tests.support.operate.brownie_once", str(address)]
        served = self.runner.start("brownie", argv, env, self.site)
        served.wait_for_output("ready", 180)
        return "ready     next: make demo"

    def _shims(self) -> None:
        """`sudo`, and its powers where the tests have none."""
        programs = {"sudo": 'exec "$@"'}
        if os.geteuid() != 0:
            programs |= {"chown": "exit 0", "id": "echo 0"}
        for name, body in programs.items():
            path = self.folder / "bin" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"#!/bin/sh\n{body}\n")
            path.chmod(0o755)

    # --- walking ----------------------------------------------------------------------------------

    def follow(self, block: CommandBlock) -> str:
        """Carry out a block; what it printed. Raises AssertionError."""
        output = ""
        for command in block.commands:
            output += self._one(command)
        absent = missing([self._here(line) for line in block.told], output)
        assert not absent, f"line {block.line}: no {absent[0]!r} in:\n{output}"
        return output

    def _one(self, command: str) -> str:
        for pattern, _, instead in self.elsewhere():
            if match := re.fullmatch(pattern, command):
                self._used.add(pattern)
                return instead(*(group for group in match.groups() if group is not None))
        done = self._shell(self._here(command), self._typed(command))
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        self._by_hand(command, done.stdout)
        return done.stdout

    def _shell(self, command: str, typed: str) -> subprocess.CompletedProcess[str]:
        script = (
            f"set -eo pipefail\n. {self._state}\n. {self._where}\n{command}\n"
            f"export -p > {self._state}\n"
            f'{{ echo "cd $PWD"; echo "umask $(umask)"; }} > {self._where}'
        )
        return subprocess.run(
            ["bash", "-c", script],
            env={
                "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
                "HOME": str(self.folder / "home"), "USER": "you", "LANG": "C.UTF-8",
            },
            input=typed + "\n", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=COMMAND_SECONDS, start_new_session=True, check=False,
        )  # fmt: skip

    def _by_hand(self, command: str, output: str) -> None:
        """What the reader does elsewhere after a command."""
        for name in re.findall(r"brownie accounts generate (\w+)", command):
            keystore = self.folder / "home" / ".brownie" / "accounts" / f"{name}.json"
            account = f"0x{json.loads(keystore.read_text())['address']}"
            for chain in self.chains.values():
                chain.rpc("anvil_setBalance", account, hex(ETHER))
        if "print=call" in command:
            self._safe_sends(output)

    def _safe_sends(self, output: str) -> None:
        """The printed call, from the account that it was printed for."""

        def told(pattern: str) -> str:
            found = re.search(pattern, output)
            assert found is not None, output
            return found[1]

        chain: Anvil = self.chains[int(told(r"chain (\d+),"))]
        sender = told(r", from (0x\w{40})")
        chain.open_account(sender)
        sent = chain.send(sender, told(r"target +(0x\w{40})"), told(r"data +(0x\w+)"))
        chain.receipt(sent)
