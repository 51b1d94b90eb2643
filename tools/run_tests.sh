#!/usr/bin/env bash
# Runs the page's unit tests, then the whole pytest suite (last, so that its closing line ends the
# output). Arguments go to pytest; with any, only pytest runs.
set -euo pipefail
# shellcheck source=tools/setup_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup_lib.sh"
cd "$ROOT"
status=0
if [ $# -eq 0 ] && [ -f dapp/package.json ] && grep -q '"test"' dapp/package.json; then
    say page "unit tests"
    (cd dapp && npm test --silent) || status=1
fi
.venv/bin/python -m pytest --durations=10 --durations-min=0.3 "$@" || status=$?
exit "$status"
