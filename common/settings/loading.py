"""Reads settings from the environment over `.env`.

Promises: every missing and malformed setting is reported at once, each with what it is for, and no
value is ever quoted but the path of a file that is there and cannot be read. A secret may also be
given as `NAME_FILE`, the path of a file that holds it.
Assumes: nothing; an empty value counts as unset.
On restart: read again; nothing is kept. Meanwhile `reread` reads one secret's present value.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from dotenv import dotenv_values
from pydantic import ValidationError

from common import http_proxies
from common.settings.files import problem_of, read_text, why_unreadable
from common.settings.model import Common


class SettingsError(Exception):
    """Settings are missing or malformed. `problems`: one line each, without values."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        lines = "\n".join(f"  - {line}" for line in problems)
        super().__init__(f"{len(problems)} setting(s) to fix (see .env.example):\n{lines}")


Model = TypeVar("Model", bound=Common)


def is_secret(annotation: Any) -> bool:
    """Whether a field's type is a secret's."""
    return "SecretStr" in str(annotation)


def is_path(annotation: Any) -> bool:
    """Whether a field's type is a file's path."""
    return "Path" in str(annotation)


def load(
    cls: type[Model], env: Mapping[str, str] | None = None, dotenv: str | Path | None = ".env"
) -> Model:
    """Read `cls` from `env` (the process's by default) over the file `dotenv`.

    Raises `SettingsError` with every problem, files that cannot be read among them. That a file is
    not there is one in the process's own environment: another's paths may be of another machine.
    """
    problems: list[str] = []
    given = _given(env, dotenv, problems)
    problems += http_proxies.problems(os.environ if env is None else env)
    values: dict[str, str] = {}
    unread: dict[str, str] = {}  # set, but by a file that cannot be read
    for name, field in cls.model_fields.items():
        before = len(problems)
        value = _value(name.upper(), given, is_secret(field.annotation), problems)
        if value is not None:
            values[name] = value
        elif len(problems) > before:
            unread[name] = "?"
        if value and is_path(field.annotation) and (env is None or _stands(value)):
            why = problem_of(value)
            problems += [f"{name.upper()}: {why}"] if why else []
    try:
        model = cls.model_validate(values)
    except ValidationError as error:
        reported = {problem.partition(":")[0] for problem in problems}
        problems += [line for line in _lines(cls, error) if line.partition(":")[0] not in reported]
        raise SettingsError(problems + cls.cross_check(values | unread)) from None
    problems += cls.cross_check(values | unread)
    if problems:
        raise SettingsError(problems)
    return model


def reread(
    name: str, env: Mapping[str, str] | None = None, dotenv: str | Path | None = ".env"
) -> str | None:
    """The present value of the secret `name`, as `load` would find it now; None if there is none
    that can be read. So a running service sees a file that was corrected."""
    problems: list[str] = []
    value = _value(name, _given(env, dotenv, problems), True, problems)
    return None if problems else value


def _stands(path: str) -> bool:
    """Whether something is there, as far as we may see."""
    try:
        return Path(path).exists()
    except OSError:
        return True


def _given(
    env: Mapping[str, str] | None, dotenv: str | Path | None, problems: list[str]
) -> dict[str, str]:
    """What is set, the environment before the file."""
    given: dict[str, str] = {}
    try:
        if dotenv is not None and Path(dotenv).is_file():
            given.update({k: v for k, v in dotenv_values(dotenv).items() if v})
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{dotenv}: {why_unreadable(str(dotenv), error)}")
    given.update({k: v for k, v in (os.environ if env is None else env).items() if v})
    return given


def _value(name: str, given: Mapping[str, str], secret: bool, problems: list[str]) -> str | None:
    value, path = given.get(name), given.get(f"{name}_FILE")
    if not secret or not path:
        return value
    if value:
        problems.append(f"{name}: set it or {name}_FILE, not both")
        return value
    try:
        text = read_text(path).strip()
    except (OSError, UnicodeDecodeError) as error:
        why = why_unreadable(path, error)
        problems.append(f"{name}: cannot read the file named by {name}_FILE: {why}")
        return None
    if not text:
        problems.append(f"{name}: the file named by {name}_FILE is empty: {path}")
    return text or None


def _lines(cls: type[Common], error: ValidationError) -> list[str]:
    lines: dict[str, str] = {}
    for item in error.errors(include_input=False, include_url=False):
        name = str(item["loc"][0])
        about = cls.model_fields[name].description
        text = item["msg"].removeprefix("Value error, ")
        what = f"missing: {about}" if item["type"] == "missing" else f"{text} ({about})"
        lines.setdefault(name, f"{name.upper()}: {what}")
    return list(lines.values())
