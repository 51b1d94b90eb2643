#!/usr/bin/env bash
# Makes .venv and brings it to exactly what requirements.lock says. Safe to run again; what is
# there already is kept.
set -euo pipefail
# shellcheck source=tools/setup_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup_lib.sh"
hold_setup_lock

UV_VERSION="uv>=0.9,<1"

suits() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3.11 python3.12 python3.13 python3}; do
        if command -v "$candidate" >/dev/null 2>&1 && suits "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    die "Python 3.11 or newer with venv is required and was not found${PYTHON:+ at $PYTHON}." \
        "Install it (Debian/Ubuntu: apt-get install python3 python3-venv), or set its path: make setup PYTHON=/path/to/python3"
}

if [ -x "$VENV/bin/python" ] && ! suits "$VENV/bin/python"; then
    say python "the interpreter of .venv is missing or too old: recreating .venv"
    rm -rf "$VENV"
fi
if [ ! -x "$VENV/bin/python" ]; then
    python=$(find_python)
    say python "$("$python" --version) ($python) -> .venv"
    quietly "python -m venv" "$python" -m venv "$VENV"
fi
if [ ! -x "$VENV/bin/uv" ]; then
    say uv "installing"
    quietly "pip install uv" "$VENV/bin/python" -m pip install --disable-pip-version-check "$UV_VERSION"
fi
say packages "$(grep -c '==' "$ROOT/requirements.lock") locked Python packages (brownie is built as pure Python)"
export BROWNIE_NOCOMPILE=1
node_was_ours=$([ -x "$VENV/bin/node" ] && echo yes || true)
quietly "uv pip sync" "$VENV/bin/uv" pip sync --python "$VENV/bin/python" "$ROOT/requirements.lock"
[ -z "$node_was_ours" ] || install_node_from_pypi # not in the lock, so the sync took it away
if find "$VENV"/lib/python*/site-packages/brownie -name '*.so' | grep -q .; then
    die "eth-brownie was installed as compiled code, which fails at run time." \
        "Remove .venv and run 'make setup' again."
fi
touch "$VENV/.python-ready"
