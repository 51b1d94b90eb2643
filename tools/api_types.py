"""The page's types of the services' answers, made from their OpenAPI documents by
openapi-typescript.

`python -m tools.api_types write` writes `types.generated.ts` in dapp/src/api/ and, of the playback
service, in dapp/src/playback/; `check` compares them with what would be written.

Promises: offline; the same documents give the same texts.
Assumes: the page's packages are installed (`make setup`).
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

import api.openapi.document
import playback.openapi.document

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS: dict[str, Callable[[], dict[str, Any]]] = {
    "dapp/src/api/types.generated.ts": lambda: api.openapi.document.build(None),
    "dapp/src/playback/types.generated.ts": playback.openapi.document.build,
}
GENERATOR = ROOT / "dapp" / "node_modules" / ".bin" / "openapi-typescript"
RENEW = "python -m tools.api_types write"


def text(name: str) -> str:
    """What that file should hold. Raises `subprocess.CalledProcessError`."""
    document = {**DOCUMENTS[name](), "paths": {}}  # the page names schemas alone
    made = subprocess.run(
        [GENERATOR], input=orjson.dumps(document), capture_output=True, check=True
    )
    return f"// Made by `{RENEW}`; do not edit.\n{made.stdout.decode()}"


def _kept(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.exists() else None


def main(arguments: list[str]) -> int:
    """The exit code."""
    match arguments:
        case ["write"]:
            for name in DOCUMENTS:
                (ROOT / name).write_text(text(name), encoding="utf-8")
        case ["check"]:
            old = [name for name in DOCUMENTS if _kept(ROOT / name) != text(name)]
            for name in old:
                print(f"{name} does not match the OpenAPI document; run: {RENEW}")
            return 1 if old else 0
        case _:
            print("usage: python -m tools.api_types write|check", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
