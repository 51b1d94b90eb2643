"""Slither over the contracts: every finding in our own code is mended or answered.

It gets the same compiler and the same standard-JSON input as everything else.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.audit.environment import FOLDER, tool
from scripts.support.sources import standard_json_input
from tools.compiler import ROOT, compiler_settings

ANSWERS = Path(__file__).with_name("slither_answers.json")


def findings() -> list[dict[str, Any]]:
    """What Slither finds in our sources."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    request, answer = FOLDER / "slither-input.json", FOLDER / "slither.json"
    request.write_text(json.dumps(standard_json_input()))
    answer.unlink(missing_ok=True)
    version, _ = compiler_settings()
    done = subprocess.run(
        [
            tool("slither"), request, "--compile-force-framework", "solc-json",
            "--solc", ROOT / "tools" / "solc-bin" / f"solc-v{version}", "--json", answer,
        ],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    if not answer.exists():
        raise SystemExit(f"slither said nothing:\n{done.stderr}")
    document = json.loads(answer.read_text())
    if not document["success"]:
        raise SystemExit(f"slither failed: {document['error']}")
    return [found for found in document["results"].get("detectors", []) if _ours(found)]


def _ours(found: dict[str, Any]) -> bool:
    files = {
        element["source_mapping"]["filename_relative"]
        for element in found["elements"]
        if element.get("source_mapping")
    }
    # What lies in a library wholly, or is about the versions it allows, is the library's.
    return (
        any(not file.startswith("node_modules/") for file in files) and found["check"] != "pragma"
    )


def run() -> bool:
    """False if a finding has no answer."""
    answers: dict[str, str] = json.loads(ANSWERS.read_text())
    found = findings()
    open_ones = [f for f in found if f["check"] not in answers]
    for one in open_ones:
        print(
            f"  slither   {one['check']} ({one['impact']}): {one['description']}", file=sys.stderr
        )
    for check in sorted(answers.keys() - {f["check"] for f in found}):
        print(f"  slither   the answer to {check} matches no finding any more", file=sys.stderr)
    answered = len(found) - len(open_ones)
    print(f"  slither   {len(found)} findings, {answered} answered, {len(open_ones)} open")
    return not open_ones
