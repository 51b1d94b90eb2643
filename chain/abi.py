"""The compiled contract, as committed beside its source.

Promises: `load` gives ABI, bytecode and the errors' sentences of `contracts/artifacts/<name>.json`;
a missing or malformed file is an `ArtifactError` that says what to do. `make check` proves that the
source compiles to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from chain.hexes import to_bytes

FOLDER = Path(__file__).resolve().parent.parent / "contracts" / "artifacts"
_LINK = re.compile(r"\{(\w+)\}")


class ArtifactError(Exception):
    """The artifact cannot be used; the text says why and what to do."""


@dataclass(frozen=True)
class Artifact:
    """`bytecode` creates the contract (constructor arguments follow it). `sentences`: what an
    error's name means, as the source says it. `immutables`: (start, length) of each immutable value
    in `deployed_bytecode`, where it is zero."""

    name: str
    abi: list[dict[str, Any]] = field(repr=False)
    bytecode: bytes = field(repr=False)
    deployed_bytecode: bytes = field(repr=False)
    sentences: Mapping[str, str] = field(repr=False)
    immutables: tuple[tuple[int, int], ...] = ()


@cache
def load(name: str = "LivestreamRooms") -> Artifact:
    """The artifact of a contract. Raises `ArtifactError`."""
    path = FOLDER / f"{name}.json"
    try:
        content = orjson.loads(path.read_bytes())
        return Artifact(
            name=name,
            abi=content["abi"],
            bytecode=to_bytes(content["bytecode"]),
            deployed_bytecode=to_bytes(content.get("deployedBytecode", "0x")),
            sentences=_sentences(content.get("userdoc", {}).get("errors", {})),
            immutables=tuple(
                (place["start"], place["length"])
                for places in content.get("immutableReferences", {}).values()
                for place in places
            ),
        )
    except FileNotFoundError:
        raise ArtifactError(f"{path} is missing: run `make artifact`") from None
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ArtifactError(f"{path} is malformed ({error!r}): run `make artifact`") from None


def _sentences(notices: Mapping[str, Any]) -> dict[str, str]:
    """The NatSpec notices by the error's name, without line breaks and links."""
    return {
        signature.partition("(")[0]: _LINK.sub(r"\1", " ".join(said[0]["notice"].split()))
        for signature, said in notices.items()
    }
