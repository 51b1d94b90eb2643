"""`python -m indexer`, `oracle`, `playback`, `presence` and `api` as programs: one way to set
them up and to look at them.

Promises: the services get real settings by their environment, as in production, and nothing that
the caller's shell holds; no code of theirs asks whether it runs here. Secrets reach them by files.
Assumes: a chain of `localnet`, so its chain id.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from chain.hexes import hex_data
from common.settings import Bind
from common.settings.model import ApiSettings, Common
from localnet.dev_accounts import CHAIN_ID
from localnet.loopback import client
from localnet.ports import free_port
from localnet.process import Program

LISTENS_AT = {
    "indexer": "INDEXER_HTTP",
    "oracle": "ORACLE_HTTP",
    "playback": "PLAYBACK_BIND",
    "presence": "PRESENCE_HTTP",
    "api": "API_BIND",
}
"""The setting that says where a service serves."""


def chain_settings(
    rpc_urls: Sequence[str], contracts: Sequence[str], mongo_uri: str, **more: str
) -> dict[str, str]:
    """What every service must know. `more`: settings besides."""
    return {
        "CHAIN_ID": str(CHAIN_ID),
        "RPC_URLS": ",".join(rpc_urls),
        "CONTRACTS": ",".join(contracts),
        "MONGODB_URI": mongo_uri,
        "LOG_FORMAT": "json",
        **more,
    }


def api_rate_limits(limit: str) -> dict[str, str]:
    """Every rate limit of the API: `limit` in Flask-Limiter's notation, or "off"."""
    return rate_limits(ApiSettings, limit)


def oracle_settings(
    folder: Path, *, key: bytes, account: str, token: str, api_base: str, operator_id: int = 1
) -> dict[str, str]:
    """An operator's. The secrets are written to files in `folder` that only their owner reads."""
    key_file = secret_file(folder / "operator.key", hex_data(key))
    token_file = secret_file(folder / "cloudflare.token", token)
    return {
        "ORACLE_OPERATOR_ID": str(operator_id),
        "ORACLE_PRIVATE_KEY_FILE": str(key_file),
        "CLOUDFLARE_ACCOUNT_ID": account,
        "CLOUDFLARE_API_TOKEN_FILE": str(token_file),
        "CLOUDFLARE_API_BASE": api_base,
    }


def playback_settings(
    folder: Path, *, key_file: Path, origins: Sequence[str], date_url: str, operator_id: int = 1
) -> dict[str, str]:
    """An operator's. The key of sessions is made in `folder` and kept; `date_url`: where the
    stand-in's clock is told."""
    session_key = folder / "playback-session.key"
    if not session_key.exists():
        secret_file(session_key, os.urandom(32).hex())
    return {
        "PLAYBACK_OPERATOR_ID": str(operator_id),
        "PLAYBACK_KEY_FILE": str(key_file),
        "PLAYBACK_SESSION_KEY_FILE": str(session_key),
        "PLAYBACK_ORIGINS": ",".join(origins),
        "PLAYBACK_CLOUDFLARE_DATE_URL": date_url,
    }


def rate_limits(settings: type[Common], limit: str) -> dict[str, str]:
    """Every rate limit of a service: `limit` in Flask-Limiter's notation, or "off"."""
    names = settings.model_fields
    return {name.upper(): limit for name in names if name.endswith("_rate_limit")}


def secret_file(path: Path, content: str) -> Path:
    """A file that only its owner can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
    return path


def given(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings that have a value: an empty one unsets."""
    return {name: value for name, value in settings.items() if value != ""}


class ServiceProcess(Program):
    """One of the services, at `url`. It is not waited for: see `wait_ready`.

    `settings` as `given` takes them. `module` is run in place of the service's own, by
    `interpreter`: a Python, and what starts it; `port` 0 takes a free one of `host`.
    """

    def __init__(
        self,
        name: str,
        log: Path,
        settings: Mapping[str, str],
        *,
        module: str = "",
        interpreter: Sequence[str] = (sys.executable,),
        host: str = "127.0.0.1",
        port: int = 0,
        **program: Any,
    ) -> None:
        self.port = port or free_port()
        address = str(Bind(host, self.port))
        self.url = f"http://{address}"
        # no connection outlives its answer: a service may be killed at any time, and never closed
        limits = httpx.Limits(max_keepalive_connections=0)
        self._http = client(self.url, limits=limits)
        env = given(settings) | {LISTENS_AT[name]: address}
        super().__init__(name, [*interpreter, "-m", module or name], log, env, **program)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._http.get(path, headers=headers)

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return self._http.post(path, json=body, headers=headers)

    def answers(self, path: str = "/healthz") -> bool:
        """Whether it answers there with a success."""
        try:
            return self.get(path).is_success
        except httpx.HTTPError:
            return False

    def ready(self) -> bool:
        """Whether /readyz says so."""
        return self.answers("/readyz")

    def readiness(self) -> tuple[int, str]:
        """The status and body of /readyz; (0, why) while it is not reached."""
        try:
            answer = self.get("/readyz")
        except httpx.HTTPError as error:
            return 0, str(error)
        return answer.status_code, answer.text

    def reasons(self) -> list[str]:
        """What /readyz complains of, [] while it is not reached."""
        status, body = self.readiness()
        return list(json.loads(body)["reasons"]) if status else []

    def begun(self) -> bool:
        """Whether it has got past its start; it need not be well."""
        status, _ = self.readiness()
        return status != 0 and not any(line.startswith("start:") for line in self.reasons())

    def metrics(self, prefix: str = "") -> dict[str, float]:
        """The samples of the metrics so called, by name and labels as text."""
        lines = [line.rpartition(" ") for line in self.get("/metrics").text.splitlines()]
        return {
            name: float(value)
            for name, _, value in lines
            if name.startswith(prefix) and not name.startswith("#")
        }

    def logged(self) -> list[dict[str, Any]]:
        """Its log lines."""
        return [json.loads(line) for line in self.output().splitlines() if line.startswith("{")]

    def close(self) -> None:
        self.kill()  # a service loses nothing by it, and the end of a `with` is quick
