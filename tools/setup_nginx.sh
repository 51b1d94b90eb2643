#!/usr/bin/env bash
# Puts the nginx that tests of the proxy run into .venv/bin: a link to $NGINX or to the one on PATH,
# else the one in Debian's package nginx. Of the package this one file is taken: nothing of it is
# installed on the machine, and no server started. What it is linked against is installed by apt,
# where that is missing.
set -euo pipefail
# shellcheck source=tools/setup_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup_lib.sh"
hold_setup_lock
TARGET="$VENV/bin/nginx"
LIBRARIES=(libcrypt1 libpcre2-8-0 libssl3 zlib1g)

runs() { "$1" -v >/dev/null 2>&1; }

fetch_from_debian() {
    program_of_debian nginx /usr/sbin/nginx "$TARGET"
    if [ -x "$TARGET" ] && ! runs "$TARGET" && [ "$(id -u)" = 0 ]; then
        export DEBIAN_FRONTEND=noninteractive
        quietly "apt-get install ${LIBRARIES[*]}" \
            apt-get install -q -y --no-install-recommends "${LIBRARIES[@]}"
    fi
}

# Debian keeps it where only root looks.
found=$(PATH="$PATH:/usr/sbin" command -v "${NGINX:-nginx}" || true)
if [ -n "$found" ]; then
    [ "$found" -ef "$TARGET" ] || ln -sf "$found" "$TARGET"
else
    [ -n "${NGINX:-}" ] || fetch_from_debian
fi
runs "$TARGET" || die "No nginx found, which tests of the proxy in deploy/nginx run." \
    "Install it (Debian/Ubuntu: apt-get install nginx), or set its path: make test NGINX=/path/to/nginx"
say nginx "${found:-$TARGET}"
