#!/usr/bin/env bash
# Every imported package is declared, and every declared one is used: Python's by deptry, npm's by
# tools/npm_declared.py. tools/deptry.toml and the latter name what is used without an import.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
export PYTHONWARNINGS=ignore # deptry's, about the option --no-binary
status=0

declared() {
    local files=$1
    shift
    .venv/bin/deptry . --config tools/deptry.toml --no-ansi --requirements-files "$files" "$@" || status=1
}

# requirements-dev.txt includes requirements.txt: together they hold what anything here imports.
declared requirements-dev.txt
# requirements.txt alone holds what the services and the scripts import; all of it is used there but
# the contract tooling, which only tests import, and what tools/deptry.toml names.
declared requirements.txt --extend-exclude '^(tests|bench|localnet|tools)/' \
    --per-rule-ignores 'DEP002=py-evm|eth-tester|pytest'
.venv/bin/python -m tools.npm_declared || status=1
exit "$status"
