#!/usr/bin/env bash
# Installs the npm packages of a folder (default: this repository's root) as its lock file says.
# Node comes from PATH if it is 20 or newer, else from PyPI into .venv.
set -euo pipefail
# shellcheck source=tools/setup_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup_lib.sh"
hold_setup_lock

folder=${1:-.}
cd "$ROOT/$folder"
export PATH="$VENV/bin:$PATH"
if [ "$(node_major)" -lt 20 ] || ! command -v npm >/dev/null 2>&1; then
    say node "Node.js 20 not found: installing it from PyPI"
    install_node_from_pypi
    hash -r
    [ "$(node_major)" -ge 20 ] || die "Node.js 20 or newer is required: install it, then run make again."
fi
say npm "packages of ${folder/#./the contracts} (Node $(node --version))"
quietly "npm ci in $folder" npm ci --no-progress
touch node_modules/.ready
