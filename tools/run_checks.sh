#!/usr/bin/env bash
# Every check that takes seconds; all of them run, the exit code says whether one failed.
set -uo pipefail
# shellcheck source=tools/setup_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup_lib.sh"
cd "$ROOT" || exit 1
failed=()
SHOWN=60 # lines of one failing check's output; run its command for the rest

check() {
    local what=$1 output started=$SECONDS
    shift
    if output=$("$@" 2>&1); then
        say "$what" "ok ($((SECONDS - started)) s)"
    else
        say "$what" "FAILED: $*"
        printf '%s\n' "$output" | head -n "$SHOWN"
        failed+=("$what")
    fi
}

check lint .venv/bin/ruff check --quiet --output-format concise .
check format .venv/bin/ruff format --check --quiet --output-format concise .
check types .venv/bin/mypy .
check artifact .venv/bin/python -m tools.artifact check
check gas .venv/bin/python -m bench.gas check
check settings .venv/bin/python tools/env_example.py --check
if [ ${#failed[@]} -gt 0 ]; then
    die "make check: ${failed[*]} failed"
fi
