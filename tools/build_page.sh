#!/usr/bin/env bash
# Builds the web page into dapp/dist; quiet unless it fails.
set -euo pipefail
# shellcheck source=tools/setup_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup_lib.sh"
cd "$ROOT/dapp"
say page "building dapp/dist"
quietly "npm run build in dapp" npm run build
touch dist/.ready
