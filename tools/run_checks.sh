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

code=()
for path in chain indexer oracle api localnet bench scripts tools tests settings.py; do
    [ -e "$path" ] && code+=("$path")
done
check lint .venv/bin/ruff check --quiet "${code[@]}"
check format .venv/bin/ruff format --check --quiet "${code[@]}"
check types .venv/bin/mypy "${code[@]}"
check artifact .venv/bin/python -m tools.artifact check
if [ ${#failed[@]} -gt 0 ]; then
    die "make check: ${failed[*]} failed"
fi
