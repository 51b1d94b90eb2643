"""The environment of the audit's tools, beside .venv: they want other versions than brownie.

Promises: each tool in one exact version, installed when it is first asked for. Keeps nothing else.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools.compiler import ROOT

BIN = ROOT / ".venv-audit" / "bin"
FOLDER = ROOT / "build" / "audit"
"""Where the audit's results stay."""
PACKAGES = {"slither": "slither-analyzer==0.11.6", "halmos": "halmos==0.3.3"}


def tool(name: str) -> Path:
    """The command of that name, ready to run."""
    command = BIN / name
    if not command.exists():
        if not BIN.exists():
            subprocess.run([sys.executable, "-m", "venv", BIN.parent], check=True)
        subprocess.run([BIN / "pip", "install", "--quiet", PACKAGES[name]], check=True)
    return command
