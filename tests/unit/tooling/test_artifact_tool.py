"""`make artifact` and its check: what they write, what they notice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tools import artifact, compiler

SOURCE = "contracts/Rooms.sol"


def compiled(name: str, code: str = "6001", kind: str = "contract") -> dict[str, Any]:
    """solc's output for one contract, as far as the tool reads it."""
    metadata = {
        "compiler": {"version": "0.8.37+commit.f401782d"},
        "settings": {
            "evmVersion": "cancun",
            "optimizer": {"enabled": True, "runs": 1},
            "remappings": [],
        },
        "sources": {SOURCE: {"keccak256": "0x00"}},
    }
    bytecode = {"object": code, "linkReferences": {}, "immutableReferences": {}}
    contract = {
        "abi": [],
        "metadata": json.dumps(metadata),
        "evm": {"bytecode": bytecode, "deployedBytecode": bytecode},
        "userdoc": {},
        "devdoc": {},
    }
    node = {"nodeType": "ContractDefinition", "contractKind": kind, "abstract": False, "name": name}
    node["documentation"] = {"text": "@title Rooms"}
    return {
        "sources": {SOURCE: {"ast": {"nodes": [node]}}},
        "contracts": {SOURCE: {name: contract}},
    }


@pytest.fixture
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The tool on an empty project; the test puts the compiler's answer into the returned dict."""
    output: dict[str, Any] = {}
    (tmp_path / "contracts").mkdir()
    (tmp_path / SOURCE).write_text("contract Rooms {}")
    monkeypatch.setattr(artifact, "ROOT", tmp_path)
    monkeypatch.setattr(artifact, "ARTIFACTS", tmp_path / "contracts" / "artifacts")
    monkeypatch.setattr(artifact, "REMEMBERED", tmp_path / ".cache" / "remembered")
    monkeypatch.setattr(artifact, "production_sources", lambda: [tmp_path / SOURCE])
    monkeypatch.setattr(artifact, "compile_production", lambda: output)
    monkeypatch.setattr(artifact, "_fingerprint", lambda committed: repr((output, committed)))
    return output


def test_write__twice__second_check_is_good(answers: dict[str, Any]) -> None:
    answers.update(compiled("Rooms"))
    assert artifact.main(["check"]) == 1
    assert artifact.main(["write"]) == 0
    assert artifact.main(["check"]) == 0
    assert artifact.REMEMBERED.exists()
    assert json.loads(artifact.committed()["Rooms.json"])["bytecode"] == "0x6001"


def test_check__source_changed__names_the_file(
    answers: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    answers.update(compiled("Rooms"))
    artifact.main(["write"])
    assert artifact.main(["check"]) == 0
    answers.update(compiled("Rooms", code="6002"))
    assert artifact.main(["check"]) == 1
    assert (
        "contracts/artifacts/Rooms.json is out of date: run 'make artifact'"
        in capsys.readouterr().err
    )


def test_check__artifact_edited_by_hand__is_noticed(answers: dict[str, Any]) -> None:
    answers.update(compiled("Rooms"))
    artifact.main(["write"])
    assert artifact.main(["check"]) == 0
    file = artifact.ARTIFACTS / "Rooms.json"
    file.write_text(file.read_text().replace("6001", "6003"))
    assert artifact.main(["check"]) == 1


def test_write__contract_renamed__old_artifact_goes(answers: dict[str, Any]) -> None:
    answers.update(compiled("Rooms"))
    artifact.main(["write"])
    answers.clear()
    answers.update(compiled("Halls"))
    artifact.main(["write"])
    assert list(artifact.committed()) == ["Halls.json"]


def test_write__library__gets_no_artifact(answers: dict[str, Any]) -> None:
    answers.update(compiled("Maths", kind="library"))
    assert artifact.main(["write"]) == 0
    assert artifact.committed() == {}


def test_check__contract_too_large_for_a_chain__fails(
    answers: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    answers.update(compiled("Rooms", code="00" * (artifact.MAX_DEPLOYED_BYTES + 1)))
    artifact.main(["write"])
    assert artifact.main(["check"]) == 1
    assert "Rooms: deployed code 24077 bytes, limit 24076" in capsys.readouterr().err


def test_settings__as_configured__are_what_brownie_would_pass() -> None:
    version, settings = compiler.compiler_settings()
    assert (compiler.ROOT / "tools" / "solc-bin" / f"solc-v{version}").exists()
    assert settings["evmVersion"] == "cancun"
    assert settings["remappings"] == ["@openzeppelin=node_modules/@openzeppelin"]
