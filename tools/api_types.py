"""The page's types of the API's answers, made from the OpenAPI document by openapi-typescript.

`python -m tools.api_types write` writes dapp/src/api/types.generated.ts, `check` compares it with
what would be written.

Promises: offline; the same document gives the same text.
Assumes: the page's packages are installed (`make setup`).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import orjson

from api.openapi.document import build

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "dapp" / "src" / "api" / "types.generated.ts"
GENERATOR = ROOT / "dapp" / "node_modules" / ".bin" / "openapi-typescript"
RENEW = "python -m tools.api_types write"


def text() -> str:
    """What the file should hold. Raises `subprocess.CalledProcessError`."""
    document = {**build(None), "paths": {}}  # the page names schemas alone
    made = subprocess.run(
        [GENERATOR], input=orjson.dumps(document), capture_output=True, check=True
    )
    return f"// Made by `{RENEW}`; do not edit.\n{made.stdout.decode()}"


def main(arguments: list[str]) -> int:
    """The exit code."""
    match arguments:
        case ["write"]:
            FILE.write_text(text(), encoding="utf-8")
        case ["check"]:
            if not FILE.exists() or FILE.read_text(encoding="utf-8") != text():
                print(f"{FILE.relative_to(ROOT)} does not match the OpenAPI document; run: {RENEW}")
                return 1
        case _:
            print("usage: python -m tools.api_types write|check", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
