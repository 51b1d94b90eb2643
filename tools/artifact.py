"""The committed artifacts: ABI and bytecode of each deployable contract, beside its source.

    python -m tools.artifact write     compile contracts/ into contracts/artifacts/<Name>.json
    python -m tools.artifact check     exit 1 unless the sources still compile to those files, fit a
                                       chain and are documented throughout (tools/natspec.py)

Services and tests load these files; they never compile. The text is deterministic: the same
sources, settings and compiler give the same bytes. `check` remembers (in .cache) the last state it
found good, by a hash over everything that goes in, so it compiles only after a change.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from tools.compiler import (
    CONTRACTS,
    ROOT,
    CompileError,
    compile_production,
    production_sources,
)
from tools.natspec import undocumented

ARTIFACTS = CONTRACTS / "artifacts"
REMEMBERED = ROOT / ".cache" / "artifact-check"

MAX_DEPLOYED_BYTES = 24_076  # 500 fewer than EIP-170 allows
MAX_CREATION_BYTES = 49_152  # EIP-3860


def _deployable(output: dict[str, Any]) -> list[tuple[str, str]]:
    """(source name, contract name) of each contract of ours that can be deployed by itself."""
    names = {path.relative_to(ROOT).as_posix() for path in production_sources()}
    return [
        (source, node["name"])
        for source in sorted(names)
        for node in output["sources"][source]["ast"]["nodes"]
        if node["nodeType"] == "ContractDefinition"
        and node["contractKind"] == "contract"
        and not node["abstract"]
    ]


def _artifact(source: str, name: str, compiled: dict[str, Any]) -> dict[str, Any]:
    metadata = json.loads(compiled["metadata"])
    settings = metadata["settings"]
    evm = compiled["evm"]
    if evm["bytecode"]["linkReferences"]:
        raise CompileError(f"{name} links an external library: use internal libraries only")
    return {
        "contractName": name,
        "sourceName": source,
        "compiler": {
            "version": metadata["compiler"]["version"],
            "evmVersion": settings["evmVersion"],
            "optimizer": settings["optimizer"],
            "viaIR": settings.get("viaIR", False),
            "remappings": settings["remappings"],
        },
        "sources": {path: entry["keccak256"] for path, entry in metadata["sources"].items()},
        "abi": compiled["abi"],
        "bytecode": "0x" + evm["bytecode"]["object"],
        "deployedBytecode": "0x" + evm["deployedBytecode"]["object"],
        "immutableReferences": evm["deployedBytecode"]["immutableReferences"],
        "userdoc": compiled["userdoc"],
        "devdoc": compiled["devdoc"],
    }


def build() -> dict[str, str]:
    """Compile; {file name: text} of all artifacts, as they should stand in contracts/artifacts."""
    output = compile_production()
    ours = [path.relative_to(ROOT).as_posix() for path in production_sources()]
    if lines := undocumented(output, ours):
        raise CompileError("\n".join(lines))
    texts: dict[str, str] = {}
    for source, name in _deployable(output):
        file = f"{name}.json"
        if file in texts:
            raise CompileError(f"two contracts are called {name}")
        artifact = _artifact(source, name, output["contracts"][source][name])
        texts[file] = json.dumps(artifact, indent=1, ensure_ascii=False) + "\n"
    return texts


def committed() -> dict[str, str]:
    """{file name: text} of the artifacts as they stand."""
    return {path.name: path.read_text() for path in sorted(ARTIFACTS.glob("*.json"))}


def oversize(texts: dict[str, str]) -> list[str]:
    """A line for each contract that no chain would accept for its size."""
    lines = []
    for text in texts.values():
        artifact = json.loads(text)
        for what, key, limit in (
            ("deployed code", "deployedBytecode", MAX_DEPLOYED_BYTES),
            ("creation code", "bytecode", MAX_CREATION_BYTES),
        ):
            size = len(artifact[key]) // 2 - 1
            if size > limit:
                lines.append(f"{artifact['contractName']}: {what} {size} bytes, limit {limit}")
    return lines


def write() -> int:
    """Write what changed, remove what is no more; 0, or 1 if a contract is too large to deploy."""
    texts, before = build(), committed()
    ARTIFACTS.mkdir(exist_ok=True)
    for gone in before.keys() - texts.keys():
        (ARTIFACTS / gone).unlink()
        print(f"  removed   contracts/artifacts/{gone}")
    for file, text in sorted(texts.items()):
        state = "same" if before.get(file) == text else "written"
        if state == "written":
            (ARTIFACTS / file).write_text(text)
        size = len(json.loads(text)["deployedBytecode"]) // 2 - 1
        print(f"  {state:9} contracts/artifacts/{file} ({size} of {MAX_DEPLOYED_BYTES} bytes)")
    return _complain(oversize(texts))


def check() -> int:
    """0 if the sources compile to the committed artifacts and each can be deployed, else 1."""
    before = committed()
    fingerprint = _fingerprint(before)
    if REMEMBERED.exists() and REMEMBERED.read_text() == fingerprint:
        return 0
    texts = build()
    differing = sorted(f for f in texts.keys() | before.keys() if texts.get(f) != before.get(f))
    complaints = [f"contracts/artifacts/{f} is out of date: run 'make artifact'" for f in differing]
    complaints += oversize(texts)
    if not complaints:
        REMEMBERED.parent.mkdir(exist_ok=True)
        REMEMBERED.write_text(fingerprint)
    return _complain(complaints)


def _complain(lines: list[str]) -> int:
    for line in lines:
        print(f"  {line}", file=sys.stderr)
    return 1 if lines else 0


def _fingerprint(artifacts: dict[str, str]) -> str:
    """One hash over all that decides: sources, imports, settings, compiler, artifacts."""
    files = {ROOT / "brownie-config.yaml", ROOT / "node_modules" / "solc" / "package.json"}
    files |= {*production_sources(), *(ROOT / "tools" / "solc-bin").iterdir()}
    files |= {Path(__file__), Path(__file__).with_name("compiler.py")}
    files.add(Path(__file__).with_name("natspec.py"))
    for text in artifacts.values():
        files |= {ROOT / source for source in json.loads(text)["sources"]}
    digest = hashlib.sha256()
    for path in sorted(files):
        body = path.read_bytes() if path.exists() else b"(missing)"
        digest.update(f"{path.relative_to(ROOT)}\0{len(body)}\0".encode() + body)
    for file, text in sorted(artifacts.items()):
        digest.update(f"{file}\0{len(text)}\0{text}".encode())
    return digest.hexdigest()


def main(argv: list[str] | None = None) -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.artifact", description=__doc__)
    parser.add_argument("action", choices=["write", "check"])
    action = parser.parse_args(argv).action
    try:
        return write() if action == "write" else check()
    except CompileError as error:
        return _complain(str(error).splitlines())


if __name__ == "__main__":
    sys.exit(main())
