#!/usr/bin/env bash
# image_bases.sh PYTHON NODE: makes the image's two bases, so named, for a machine that reaches no
# registry: Debian's packages from the sources that apt has here, and Node.js from PyPI. They are
# kept in buildah's storage: FRESH=1 makes them again, with Debian's newest packages.
set -euo pipefail
# shellcheck source=tools/setup_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup_lib.sh"
LOCAL_PYTHON=$1
LOCAL_NODE=$2
SUITE=bookworm
CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt

is_here() { [ -z "${FRESH:-}" ] && buildah inspect --type image "$1" >/dev/null 2>&1; }

work=$(mktemp -d)
container=
clean() {
    [ -z "$container" ] || buildah rm "$container" >/dev/null
    rm -rf "$work"
}
trap clean EXIT

# shellcheck disable=SC2016  # apt-get's own variables
debian_sources() {
    apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
        grep " $SUITE" | sort -u
}

make_python() {
    need mmdebstrap mmdebstrap
    debian_sources >"$work/sources.list" || die "apt has no sources of Debian $SUITE here, from which a base could be made." \
        "Build where a registry is reached, or name bases: docker build --build-arg PYTHON_IMAGE=... --build-arg NODE_IMAGE=..."
    say base "$LOCAL_PYTHON: Debian $SUITE's Python, by mmdebstrap"
    quietly "mmdebstrap $SUITE" mmdebstrap --variant=minbase \
        --include=ca-certificates,python3,python3-venv,python-is-python3 \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
        "$SUITE" "$work/debian.tar" "$work/sources.list"
    container=$(buildah from scratch)
    quietly "buildah add" buildah add "$container" "$work/debian.tar" /
    buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        --env LANG=C.UTF-8 --cmd python3 "$container"
    quietly "buildah commit" buildah commit "$container" "$LOCAL_PYTHON"
}

make_node() {
    say base "$LOCAL_NODE: Node.js of PyPI"
    local secret=()
    [ ! -e "$CA_BUNDLE" ] || secret=(--secret "id=ca,src=$CA_BUNDLE")
    cat >"$work/Dockerfile" <<DOCKERFILE
FROM $LOCAL_PYTHON
RUN --mount=type=secret,id=ca \\
    if [ -e /run/secrets/ca ]; then export PIP_CERT=/run/secrets/ca; fi \\
    && python -m venv /opt/node && /opt/node/bin/pip install --no-cache-dir '$NODE_FROM_PYPI' \\
    && ln -s /opt/node/bin/node /opt/node/bin/npm /usr/local/bin/
DOCKERFILE
    quietly "buildah build" buildah build --isolation chroot "${secret[@]}" --tag "$LOCAL_NODE" "$work"
}

is_here "$LOCAL_PYTHON" || make_python
is_here "$LOCAL_NODE" || make_node
