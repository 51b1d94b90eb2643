#!/usr/bin/env bash
# Renews requirements.lock from requirements.txt and requirements-dev.txt (versions that still fit
# stay), then installs it. `make lock ARGS=--upgrade` takes the newest versions that fit.
set -euo pipefail
# shellcheck source=tools/setup_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup_lib.sh"
cd "$ROOT"
export BROWNIE_NOCOMPILE=1
# One lock for every Python from 3.11 and every system; hashes, so that nobody can swap a file.
.venv/bin/uv pip compile requirements-dev.txt --universal --python-version 3.11 --generate-hashes \
    --emit-build-options --custom-compile-command "make lock" --quiet \
    --output-file requirements.lock "$@"
say lock "requirements.lock: $(grep -c '==' requirements.lock) packages"
tools/setup_python.sh
