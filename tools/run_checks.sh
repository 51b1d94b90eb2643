#!/usr/bin/env bash
# Every check that takes seconds; all of them run, the exit code says whether one failed.
set -uo pipefail
# shellcheck source=tools/setup_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup_lib.sh"
cd "$ROOT" || exit 1
failed=()

check() {
    local what=$1 output started=$SECONDS
    shift
    if output=$("$@" 2>&1); then
        say "$what" "ok ($((SECONDS - started)) s)"
    else
        say "$what" "FAILED: $*"
        printf '%s\n' "$output"
        failed+=("$what")
    fi
}

check lint .venv/bin/ruff check --quiet .
check format .venv/bin/ruff format --check --quiet .
check types .venv/bin/mypy .
check artifact .venv/bin/python -m tools.artifact check
check settings .venv/bin/python tools/env_example.py --check
if [ ${#failed[@]} -gt 0 ]; then
    die "make check: ${failed[*]} failed"
fi
