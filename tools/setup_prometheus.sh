#!/usr/bin/env bash
# setup_prometheus.sh promtool|amtool: puts the tool that tests what monitoring/ holds into .venv/bin:
# a link to $PROMTOOL ($AMTOOL) or to the one on PATH, else the one in Debian's package. Of the package
# this one file is taken: nothing is installed on the machine, and no server started.
set -euo pipefail
# shellcheck source=tools/setup_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup_lib.sh"
hold_setup_lock
TOOL=${1:-}
case $TOOL in
    promtool) PACKAGE=prometheus GIVEN=${PROMTOOL:-} ;;
    amtool) PACKAGE=prometheus-alertmanager GIVEN=${AMTOOL:-} ;;
    *) die "usage: tools/setup_prometheus.sh promtool|amtool" ;;
esac
TARGET="$VENV/bin/$TOOL"

found=$(command -v "${GIVEN:-$TOOL}" || true)
if [ -n "$found" ]; then
    [ "$found" -ef "$TARGET" ] || ln -sf "$found" "$TARGET"
else
    [ -n "$GIVEN" ] || program_of_debian "$PACKAGE" "/usr/bin/$TOOL" "$TARGET"
fi
[ -x "$TARGET" ] || die "No $TOOL found, which tests what monitoring/ holds." \
    "Install it (Debian/Ubuntu: apt-get install $PACKAGE; elsewhere: the archive of prometheus.io), or set its path: make test ${TOOL^^}=/path/to/$TOOL"
say "$TOOL" "${found:-$TARGET}"
