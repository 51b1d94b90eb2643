#!/usr/bin/env bash
# Makes .venv-schemathesis, the environment of the API's tester: it wants a newer hypothesis than
# the one that brownie pins. Safe to run again. With `lock` it first renews its lock file.
set -euo pipefail
# shellcheck source=tools/setup_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup_lib.sh"

ENVIRONMENT="$ROOT/.venv-schemathesis"
LOCK="$ROOT/tools/schemathesis.lock"
READY="$ENVIRONMENT/.ready"

if [ "${1:-}" = "lock" ]; then
    printf 'schemathesis>=4.32,<5\n' | "$VENV/bin/uv" pip compile - --universal --python-version 3.11 \
        --generate-hashes --custom-compile-command "tools/setup_schemathesis.sh lock" --quiet \
        --output-file "$LOCK" --upgrade
fi
[ "$READY" -nt "$LOCK" ] && exit 0
hold_setup_lock
[ "$READY" -nt "$LOCK" ] && exit 0
say tester "schemathesis -> .venv-schemathesis"
quietly "uv venv" "$VENV/bin/uv" venv --clear --python "$VENV/bin/python" "$ENVIRONMENT"
quietly "uv pip sync" "$VENV/bin/uv" pip sync --python "$ENVIRONMENT/bin/python" "$LOCK"
touch "$READY"
