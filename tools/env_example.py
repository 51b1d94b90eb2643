"""Write `.env.example` from common/settings/model.py, so that the two never differ.

`python tools/env_example.py` writes it; with `--check` it only says whether it is up to date.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from common import settings  # noqa: E402  # the path above must come first

EXAMPLES = {
    "chain_id": "1",
    "rpc_urls": "https://node.example/v2/KEY,wss://node.example/v2/KEY",
    "contracts": "0x0000000000000000000000000000000000000000@1",
    "mongodb_uri": "mongodb://user:password@db.example/?replicaSet=rs0",
    "oracle_operator_id": "1",
    "cloudflare_account_id": "0123456789abcdef0123456789abcdef",
    "playback_operator_id": "1",
    "playback_session_key_file": "keys/playback-session-key",
    "playback_origins": "https://rooms.example",
}
HEAD = """\
# Settings of the services. Copy to .env, or set them in the environment, which takes precedence.
# The demo needs none of them. A line that is commented out shows the default, or a choice.
# Secrets (marked) may be given as NAME_FILE instead: the path of a file that holds the value.
# At start each missing or malformed setting is reported.
# Made by tools/env_example.py from common/settings/model.py.
"""


def _default(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, settings.Bind):
        return f"{value.host}:{value.port}"
    if isinstance(value, settings.Finality):
        return value.kind if value.kind != "depth" else f"depth:{value.depth}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value == {}:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def text() -> str:
    """The whole file."""
    lines, seen = [HEAD], set[str]()
    groups: list[tuple[str, type[settings.Common]]] = [
        ("Everything", settings.Common),
        ("Chain and index: all services", settings.ChainSettings),
        *(((model.__doc__ or "").rstrip("."), model) for model in settings.SERVICES),
    ]
    for title, model in groups:
        lines.append(f"\n# --- {title} ---\n")
        for name, field in model.model_fields.items():
            if name in seen:
                continue
            seen.add(name)
            secret = " (secret)" if settings.is_secret(field.annotation) else ""
            lines.append(f"\n# {field.description}{secret}\n")
            if field.is_required():
                lines.append(f"{name.upper()}={EXAMPLES[name]}\n")
            else:
                lines.append(f"#{name.upper()}={_default(field.default)}\n")
    return "".join(lines)


def main() -> int:
    """Write the file, or check it."""
    path = ROOT / ".env.example"
    if "--check" in sys.argv:
        if path.read_text(encoding="utf-8") == text():
            return 0
        print(".env.example is out of date: run python tools/env_example.py")
        return 1
    path.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
