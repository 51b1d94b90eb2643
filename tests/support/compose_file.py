"""compose.yaml against the specification's schema.

The schema is schema/compose-spec.json of github.com/compose-spec/compose-spec (Apache-2.0), byte
for byte as PyPI's check-jsonschema 0.39.0 brings it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema

SCHEMA = Path(__file__).with_name("compose-spec.json")


def violations(document: Mapping[str, Any]) -> list[str]:
    """Where a compose file is not what the specification's schema says."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]
