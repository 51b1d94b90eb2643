#!/usr/bin/env bash
# Finds, or installs, a Chromium for the browser tests and writes its path to .venv/.browser.
# Order: $CHROMIUM, Debian's chromium, a browser on PATH, apt-get (as root), Playwright's own.
set -euo pipefail
# shellcheck source=tools/setup_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup_lib.sh"
hold_setup_lock

find_browser() {
    local candidate
    for candidate in ${CHROMIUM:-} /usr/bin/chromium chromium chromium-browser google-chrome; do
        if command -v "$candidate" >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
}

browser=$(find_browser)
if [ -z "$browser" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say chromium "installing Debian's package"
    export DEBIAN_FRONTEND=noninteractive
    quietly "apt-get update" apt-get update -q
    if apt-cache show chromium >/dev/null 2>&1; then
        quietly "apt-get install chromium" apt-get install -q -y --no-install-recommends chromium fonts-dejavu-core
    fi
    browser=$(find_browser)
fi
if [ -z "$browser" ]; then
    say chromium "installing Playwright's"
    if "$VENV/bin/playwright" install chromium >/dev/null 2>&1; then
        browser=$("$VENV/bin/python" -c '
from playwright.sync_api import sync_playwright
with sync_playwright() as p:
    print(p.chromium.executable_path)')
    fi
fi
[ -n "$browser" ] || die "No browser found for tests/browser." \
    "Install Chromium (Debian/Ubuntu: apt-get install chromium), or set its path: make test CHROMIUM=/path/to/chromium"
say chromium "$browser"
printf '%s\n' "$browser" >"$VENV/.browser"
