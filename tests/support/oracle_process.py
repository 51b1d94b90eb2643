"""A running `python -m oracle`, as its operator sees it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.processes import ChildProcess


@dataclass
class OracleProcess:
    """A running `python -m oracle` and its port."""

    child: ChildProcess
    port: int

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=5, trust_env=False)

    def reasons(self) -> list[str]:
        """What /readyz says, [] while it is not reached."""
        try:
            return list(self.get("/readyz").json()["reasons"])
        except httpx.HTTPError:
            return []

    def ready(self) -> bool:
        try:
            return self.get("/readyz").status_code == 200
        except httpx.HTTPError:
            return False

    def answers(self) -> bool:
        """Whether it has got past its start; it need not be well."""
        try:
            reasons = self.get("/readyz").json()["reasons"]
        except httpx.HTTPError:
            return False
        return not any(line.startswith("start:") for line in reasons)

    def logged(self) -> list[dict[str, Any]]:
        """Its log lines."""
        lines = self.child.output().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]
