#!/usr/bin/env bash
# Every check that takes seconds, side by side. All of them run; each is told with its seconds as
# it ends in this order, and the exit code says whether one failed.
set -uo pipefail
# shellcheck source=tools/setup_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup_lib.sh"
cd "$ROOT" || exit 1
SHOWN=60 # lines of one failing check's output; run its command for the rest
names=()
commands=()
pids=()
failed=()
work=$(mktemp -d)

stop() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
    rm -rf "$work"
}
trap stop EXIT

# check NAME COMMAND...: starts it; its output and its seconds go to files named after it.
check() {
    local what=$1
    shift
    (
        started=$SECONDS
        "$@" >"$work/$what.out" 2>&1
        status=$?
        echo $((SECONDS - started)) >"$work/$what.seconds"
        exit "$status"
    ) </dev/null &
    names+=("$what")
    commands+=("$*")
    pids+=("$!")
}

# in_page TOOL ARGUMENTS...: a command of the page's own packages, in its folder.
in_page() { (cd dapp && "node_modules/.bin/$1" "${@:2}"); }

# the longest first
check types .venv/bin/mypy .
check artifact .venv/bin/python -m tools.artifact check
check gas .venv/bin/python -m bench.gas check
check page in_page tsc --noEmit
check api-types .venv/bin/python -m tools.api_types check
check biome in_page biome check --error-on-warnings .
check exports in_page knip --no-progress --treat-config-hints-as-errors
check lint .venv/bin/ruff check --quiet --output-format concise .
check format .venv/bin/ruff format --check --quiet --output-format concise .
check shell .venv/bin/shellcheck -x .ci/run tools/*.sh tools/bin/* deploy/*.sh deploy/*/*.sh
check settings .venv/bin/python tools/env_example.py --check
check dashboard .venv/bin/python -m tools.dashboard check
check declared tools/check_declared.sh

for i in "${!names[@]}"; do
    what=${names[$i]}
    if wait "${pids[$i]}"; then
        say "$what" "ok ($(<"$work/$what.seconds") s)"
    else
        say "$what" "FAILED: ${commands[$i]}"
        head -n "$SHOWN" "$work/$what.out"
        failed+=("$what")
    fi
done
if [ ${#failed[@]} -gt 0 ]; then
    die "make check: ${failed[*]} failed"
fi
