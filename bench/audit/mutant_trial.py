"""One mutant's trial: compiled, and handed to the contract's tests (those on revm).

Promises: `MutantTrials` answers what became of a mutant, from a fork of this process. The tests'
modules and the helpers that they compile are warm in the parent, which has run the tests once
without any mutant, and so is the compiler (`Solc`): a trial costs the compiling and the tests up to
the first that fails. Tests that have noticed a mutant before come first, then the quick ones. A
trial is bounded by processor time, not by the clock: a machine that stands still changes no
verdict. Mutants are compiled with few of the optimizer's steps: these change what code costs, not
what it does.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bench.audit.mutate import Mutant
from tools.compiler import ROOT, TRIAL_CODE_BYTES, compiler_settings

TESTS = ("tests/contract/rooms", "tests/contract/test_allow_list.py")
# what says nothing about the bytecode, or says it again on a slower machine
NOT_RUN = "not py_evm and not on_anvil and not document and not hypothesis"
CONTRACTS = ("LivestreamRooms", "AllowList")
NO_SOLIDITY, SAME_CODE, TIMEOUT = "no Solidity", "same code", "timeout"
TEST_SECONDS = 240
STEPS = "dhfoDgvulfnTUtnIf"  # of the Yul optimizer: the shortest list that fits the stack


def quick_settings() -> dict[str, Any]:
    """The compiler's settings, with few steps and without the hash of the source in the code."""
    _, settings = compiler_settings()
    yul = {"stackAllocation": True, "optimizerSteps": STEPS}
    optimizer = {"enabled": True, "runs": 1, "details": {"yul": True, "yulDetails": yul}}
    return {**settings, "optimizer": optimizer, "metadata": {"appendCBOR": False}}


class Solc:
    """A warm compiler. One user at a time; a fork may be it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["node", Path(__file__).with_name("solc_server.js")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip

    def code(self, texts: dict[str, str], name: str) -> str | None:
        """A contract's creation code, or None if it is no Solidity."""
        output = ["evm.bytecode.object", "evm.deployedBytecode.object"]
        request = {
            "language": "Solidity",
            "sources": {path: {"content": content} for path, content in texts.items()},
            "settings": {
                **quick_settings(),
                "outputSelection": {f"contracts/{name}.sol": {name: output}},
            },
        }
        pipes = self._process
        assert pipes.stdin is not None and pipes.stdout is not None
        pipes.stdin.write(json.dumps(request) + "\n")
        pipes.stdin.flush()
        answer = json.loads(pipes.stdout.readline())
        if any(error["severity"] == "error" for error in answer.get("errors", [])):
            return None
        code = answer["contracts"][f"contracts/{name}.sol"][name]["evm"]
        if len(code["deployedBytecode"]["object"]) > 2 * TRIAL_CODE_BYTES:
            # it could not be deployed, which would look like a mutant noticed
            raise RuntimeError(f"{name} is longer than revm takes: give STEPS more to do")
        return str(code["bytecode"]["object"])

    def close(self) -> None:
        """End the compiler."""
        self._process.kill()
        self._process.communicate()


class _Watch:
    """A pytest plugin: orders the tests, notes which fails first and how long each takes."""

    def __init__(self, before: _Watch | None, kills: Counter[str]) -> None:
        self.failed: str | None = None
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._before, self._kills = before, kills

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        seconds = self._before.seconds if self._before else self.seconds
        items.sort(key=lambda item: (-self._kills[item.nodeid], seconds[item.nodeid]))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] += report.duration
        if report.failed and self.failed is None:
            self.failed = report.nodeid


class MutantTrials:
    """Tries mutants of `texts`. `folder`: a temporary one, for bytecode."""

    def __init__(self, texts: dict[str, str], folder: Path, solc: Solc) -> None:
        self._texts, self._folder = texts, folder
        self._code = {name: solc.code(texts, name) or "" for name in CONTRACTS}
        self.kills: Counter[str] = Counter()
        self._calm = _Watch(None, self.kills)
        if (failed := self._tested(self._code, "unmutated", self._calm)) is not None:
            raise SystemExit(f"the tests fail without any mutant: {failed}")

    def begin(self, mutant: Mutant, solc: Solc) -> tuple[int, int]:
        """Try a mutant in a fork, which alone uses `solc` meanwhile; (process, verdict's pipe)."""
        sys.stdout.flush()
        reading, writing = os.pipe()
        if process := os.fork():
            os.close(writing)
            return process, reading
        try:  # from here on a process of its own, which must never return into the caller
            resource.setrlimit(resource.RLIMIT_CPU, (TEST_SECONDS, TEST_SECONDS + 5))
            verdict: dict[str, Any] = {"killer": self._verdict(mutant, solc)}
        except BaseException as error:
            verdict = {"error": repr(error)}
        os.write(writing, json.dumps(verdict).encode())
        os._exit(0)

    def end(self, status: int, reading: int) -> str | None:
        """The verdict of a process that has ended: who noticed the mutant, None if nobody did."""
        with os.fdopen(reading) as pipe:
            text = pipe.read()
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
            return TIMEOUT
        if not text or "error" in (told := json.loads(text)):
            raise SystemExit(f"a trial broke: status {status}, {text}")
        killer: str | None = told["killer"]
        if killer is not None:
            self.kills[killer] += 1
        return killer

    def _verdict(self, mutant: Mutant, solc: Solc) -> str | None:
        name = "AllowList" if mutant.file.endswith("/AllowList.sol") else "LivestreamRooms"
        text = self._texts[mutant.file]
        changed = text[: mutant.start] + mutant.new + text[mutant.end :]
        code = solc.code(self._texts | {mutant.file: changed}, name)
        if code is None:
            return NO_SOLIDITY
        if code == self._code[name]:
            return SAME_CODE
        return self._tested(self._code | {name: code}, mutant.id, _Watch(self._calm, self.kills))

    def _tested(self, code: dict[str, str], name: str, watch: _Watch) -> str | None:
        """The test that fails under the bytecode, or None if all pass."""
        folder = self._folder / name
        folder.mkdir()
        for contract, bytecode in code.items():
            (folder / f"{contract}.hex").write_text(bytecode)
        os.environ["LIVESTREAM_TEST_BYTECODE"] = str(folder)
        # pytest runs within this process, which has imported some of its plugins' modules already.
        warned = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
        options = ["-x", "-q", "-o", f"cache_dir={folder}", *warned]
        with _silence():
            done = pytest.main([*options, "-k", NOT_RUN, *TESTS], plugins=[watch])
        if done not in (0, 1) or (done == 1) != (watch.failed is not None):
            raise SystemExit(f"the tests did not run: pytest ended with {done!r}")
        return watch.failed


@contextmanager
def _silence() -> Iterator[None]:
    """Everything that is printed meanwhile, by whatever means, is thrown away."""
    sys.stdout.flush()
    kept = [os.dup(1), os.dup(2)]
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    os.close(nothing)
    try:
        yield
    finally:
        sys.stdout.flush()
        for number, former in enumerate(kept, 1):
            os.dup2(former, number)
            os.close(former)
