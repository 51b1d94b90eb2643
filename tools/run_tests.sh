#!/usr/bin/env bash
# Runs the page's unit tests, then the pytest suite in four parts, so that its closing line ends
# the output: what computes, and what mostly waits, on a worker a core; browsers one after the other (two
# with a stack each keep two cores so busy that both take longer); what is marked `alone` (video,
# promises at rest) by itself. All parts run; the exit code says whether one failed. With arguments,
# they go to one pytest run.
set -euo pipefail
# shellcheck source=tools/setup_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup_lib.sh"
cd "$ROOT"

# Compiled once, not by every worker of every part and every service that a test starts.
unset PYTHONDONTWRITEBYTECODE

run_pytest() { .venv/bin/python -m pytest --durations=10 --durations-min=0.3 "$@"; }

if [ $# -gt 0 ]; then
    run_pytest "$@"
    exit
fi
status=0
cores=$(getconf _NPROCESSORS_ONLN)
say page "unit tests"
(cd dapp && npm test --silent) || status=1
run_pytest -n "$cores" --dist worksteal tests/unit tests/simulation tests/contract || status=1
run_pytest -n "$cores" --dist worksteal -m "not alone" tests/integration || status=1
run_pytest -m "not alone" tests/browser || status=1
run_pytest -m alone tests/integration tests/browser || status=1
exit "$status"
