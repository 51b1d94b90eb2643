"""deploy/mongodb/users.js as mongosh runs it, against the embedded database.

The script's commands are what the database gets. Two things that the database does not have are
played here: the replica set that is initiated, and the log-in of a connection (a new client's).
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymongo
from pymongo.errors import OperationFailure

ROOT = Path(__file__).resolve().parents[2]
SHELL = Path(__file__).with_suffix(".mjs")
SCRIPT = ROOT / "deploy" / "mongodb" / "users.js"


@dataclass
class Mongosh:
    """`commands`: the names of those that the script sent, in order."""

    uri: str
    commands: list[str] = field(default_factory=list)
    initiated: list[dict[str, Any]] = field(default_factory=list)

    def run(self, env: Mapping[str, str], login: tuple[str, str] | None = None) -> tuple[int, str]:
        """The exit code, and what was printed. `login`: that of mongosh's own connection."""
        self._client = self._connect(login)
        shell = subprocess.Popen(
            ["node", SHELL, SCRIPT],
            env={"PATH": os.environ["PATH"], **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert shell.stdin and shell.stdout
        printed = []
        with shell:
            for line in shell.stdout:
                question = json.loads(line)
                if "print" in question:
                    printed.append(question["print"])
                shell.stdin.write(json.dumps(self._answer(question), default=str) + "\n")
                shell.stdin.flush()
        self._client.close()
        return shell.returncode, "\n".join(printed)

    def _connect(self, login: tuple[str, str] | None = None) -> pymongo.MongoClient[dict[str, Any]]:
        name, password = login or (None, None)
        return pymongo.MongoClient(self.uri, username=name, password=password)

    def _answer(self, question: dict[str, Any]) -> Mapping[str, Any]:
        try:
            match question:
                case {"command": command}:
                    return self._command(command)
                case {"auth": [user, password]}:
                    self._log_in(user, password)
        except OperationFailure as error:
            details = error.details or {}
            return {"codeName": details["codeName"], "errmsg": details["errmsg"]}
        return {"ok": 1}

    def _log_in(self, user: str, password: str) -> None:
        client = self._connect((user, password))
        try:
            client.admin.command("ping")
        except OperationFailure:
            client.close()
            raise
        self._client.close()
        self._client = client

    def _command(self, command: dict[str, Any]) -> Mapping[str, Any]:
        self.commands.append(next(iter(command)))
        if "replSetInitiate" in command:
            if self.initiated:
                return {"codeName": "AlreadyInitialized", "errmsg": "already initialized"}
            self.initiated.append(command["replSetInitiate"])
            return {"ok": 1}
        return self._client.admin.command(command)
