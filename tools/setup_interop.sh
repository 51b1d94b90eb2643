#!/usr/bin/env bash
# Installs what only `make interop` needs: Debian's OBS, ffmpeg and SRT, and the npm packages of
# tests/interop. Asks apt-get only for what is missing.
set -euo pipefail
# shellcheck source=tools/setup_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup_lib.sh"

FOLDER=tests/interop
# libsrt1.5-openssl is the server of the SRT tests, libgl1-mesa-dri OBS's software renderer
PACKAGES=(obs-studio obs-plugins xvfb ffmpeg libsrt1.5-openssl libgl1-mesa-dri openssl)

missing=()
for package in "${PACKAGES[@]}"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    say debian "installing ${missing[*]}"
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        die "make interop needs Debian 12's packages: ${missing[*]}" \
            "Install them as root: apt-get install --no-install-recommends ${missing[*]}"
    fi
    export DEBIAN_FRONTEND=noninteractive
    quietly "apt-get update" apt-get update -q
    quietly "apt-get install" apt-get install -q -y --no-install-recommends "${missing[@]}"
fi
"$ROOT/tools/setup_node.sh" "$FOLDER"
