"""What an operator puts beside compose.yaml before the first start: .env and keys/.

Promises: the services find settings and secrets where compose.yaml tells them to look, as the user
that they run as; the chain, the database and Cloudflare are localnet's.
"""

from __future__ import annotations

import json
import secrets
import subprocess
from pathlib import Path

from eth_account import Account

from localnet import stack_programs
from localnet.dev_accounts import cast
from localnet.stack import Stack

ROOT = Path(__file__).resolve().parents[2]
# Of localnet's settings, what is a secret, or where one is: keys/ has these.
SECRET = {"MONGODB_URI", "ORACLE_PRIVATE_KEY_FILE", "CLOUDFLARE_API_TOKEN_FILE"}


def write_project(project: Path, stack: Stack) -> dict[str, str]:
    """Make the folder; what its .env holds."""
    project.mkdir()
    _write_keys(project / "keys", stack)
    dotenv: dict[str, str] = {}
    for service in stack_programs.SERVICES:
        dotenv |= stack_programs.service_settings(service, stack.state, stack.pace)
    return {name: value for name, value in dotenv.items() if name not in SECRET}


def _write_keys(keys: Path, stack: Stack) -> None:
    database = stack_programs.mongodb_uri(stack.state)
    for service in stack_programs.SERVICES:
        _write(keys / service / "mongodb_uri", database)
    password = secrets.token_urlsafe()
    keystore = Account.encrypt(cast().operator.key, password)
    token = stack.state.cloudflare_account()["tokens"][0]["token"]
    _write(keys / "oracle" / "oracle_keystore", json.dumps(keystore))
    _write(keys / "oracle" / "oracle_keystore_password", password)
    _write(keys / "oracle" / "cloudflare_api_token", token)
    # gives all of it the owner and the modes
    subprocess.run([ROOT / "deploy" / "keys.sh", keys], check=True, stdout=subprocess.DEVNULL)


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
