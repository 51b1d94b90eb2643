"""The operator's account is rotated as docs/operations.md says, by brownie, while rooms come."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from pathlib import Path

from bench.chaos.checks import PROVISIONED
from bench.drill.drill import Drill
from bench.drill.people import Hosts
from bench.drill.site import Site
from chain.units import ETHER
from localnet.dev_accounts import CHAIN_ID, cast
from localnet.process import ROOT
from localnet.services import secret_file

BROWNIE = ROOT / "tools" / "bin" / "brownie"
NETWORK = "drill"


class Terminal:
    """An operator's terminal with a home of its own, so that no keystore of ours is touched."""

    def __init__(self, home: Path) -> None:
        self.accounts = home / ".brownie" / "accounts"
        self._env = {**os.environ, "HOME": str(home)}
        home.mkdir()

    def brownie(self, *words: str, typed: str = "") -> str:
        """What it prints. Raises RuntimeError if it fails. `typed`: what is entered."""
        done = subprocess.run(
            [BROWNIE, *words], cwd=ROOT, env=self._env, input=typed, text=True, timeout=600,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            start_new_session=True,  # without a terminal a password is read from `typed`
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"brownie {' '.join(words[:3])}: {done.stdout[-800:]}")
        return done.stdout


def rotation(drill: Drill) -> None:
    """Nothing is lost while the account changes; the new one serves what came meanwhile."""
    with Site(drill) as site, Hosts(site.rooms) as hosts:
        site.start_all()
        hosts.wait_created(10)
        terminal = Terminal(drill.folder / "home")
        password = secret_file(drill.folder / "password", secrets.token_urlsafe(12))
        word = password.read_text()
        terminal.brownie(
            "networks", "add", "Ethereum", NETWORK, f"host={site.node.url}", f"chainid={CHAIN_ID}"
        )
        terminal.brownie("accounts", "generate", "operator2", typed=f"{word}\n{word}\n")
        keystore = terminal.accounts / "operator2.json"
        new = "0x" + json.loads(keystore.read_text())["address"].removeprefix("0x").lower()
        secret_file(terminal.accounts / "owner.json", json.dumps(cast().owner.encrypt(word)))
        site.node.receipt(site.node.send(cast().payee.address, new, b"", 10 * ETHER))
        drill.say(f"operator2 is {new}, funded")

        # once compiled, what the pause waits for is the transaction alone
        show = ("run", "operators", "show", f"contract={site.rooms.address}", "--network", NETWORK)
        terminal.brownie(*show)
        drill.check("the oracle stops cleanly", site.stop("oracle") == 0)
        told = terminal.brownie(
            "run", "operators", "account", "from=owner", "operator=1", f"account={new}",
            f"contract={site.rooms.address}", f"password_file={password}", "yes",
            "--network", NETWORK,
        )  # fmt: skip
        drill.say(told.strip().splitlines()[-1])
        hosts.wait_created(6)
        began = site.node.block_number()
        new_key = {
            "ORACLE_PRIVATE_KEY_FILE": "",
            "ORACLE_KEYSTORE": str(keystore),
            "ORACLE_KEYSTORE_PASSWORD_FILE": str(password),
        }
        site.start("oracle", settings=new_key)
        hosts.wait_created(10)
        hosts.leave()
        served = hosts.wait_served()
        drill.check("every room was served, those of the pause too", True, f"{served} rooms")
        senders = {
            site.node.rpc("eth_getTransactionByHash", log["transactionHash"])["from"].lower()
            for log in site.rooms.logs(PROVISIONED)
            if int(log["blockNumber"], 16) > began
        }
        drill.check("since then the new account alone acts", senders == {new}, ", ".join(senders))
        site.check_at_rest(hosts.created, new)
