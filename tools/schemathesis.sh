#!/usr/bin/env bash
# Tests a running service against its own description: tools/schemathesis.sh URL [PATH OF IT]. All
# checks, good and bad data, as many cases as EXAMPLES (for each route) makes. CONFIG: another file than
# tools/schemathesis.toml, as the playback service's with its sessions. The API's event stream
# is left out: it never ends, and has tests of its own. One worker: CPython 3.11 cannot parse in two threads at depth.
set -euo pipefail
# shellcheck source=tools/setup_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup_lib.sh"
"$ROOT/tools/setup_schemathesis.sh"
url=${1:?usage: tools/schemathesis.sh URL [PATH]}
"$ROOT/.venv-schemathesis/bin/schemathesis" --config-file "${CONFIG:-$ROOT/tools/schemathesis.toml}" \
    run "$url${2:-/openapi.json}" --url "$url" --checks all --mode all \
    --max-examples "${EXAMPLES:-120}" --generation-deterministic \
    --exclude-path /api/livestream/stream --no-color --request-timeout 10
