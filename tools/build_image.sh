#!/usr/bin/env bash
# Builds the services' image from the Dockerfile: by Docker if its engine answers, else by buildah,
# which needs none. Where the registries of the bases are out of reach, buildah gets bases that are
# made on this machine (tools/image_bases.sh), once. `--try` then starts each service of
# compose.yaml from it (tools/image). TAG=name:tag names it otherwise than compose.yaml.
set -euo pipefail
# shellcheck source=tools/setup_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup_lib.sh"
cd "$ROOT"
VERSION=$(sed -n 's/^VERSION = "\(.*\)"$/\1/p' common/version.py)
TAG=${TAG:-livestream-rooms:$VERSION}
CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt
LOCAL_PYTHON=localhost/livestream-rooms-python:bookworm
LOCAL_NODE=localhost/livestream-rooms-node:22
ANSWERS_WITHIN=5 # seconds that an engine or a registry has

try=
case "${1:-}" in
    '') ;;
    --try) try=yes ;;
    *) die "tools/build_image.sh does not know '$1': --try or nothing." ;;
esac

base_of() { sed -n "s/^ARG $1=//p" Dockerfile; }

choose_engine() {
    if timeout "$ANSWERS_WITHIN" docker version >/dev/null 2>&1; then
        engine=docker
        return
    fi
    engine=buildah
    say engine "no Docker engine answers: buildah"
    need buildah buildah
}

# A name as Docker reads it: without a host it is Docker Hub's.
registry_of() {
    local host=${1%%/*}
    case "$1" in */*) ;; *) host= ;; esac
    case "$host" in *.* | *:* | localhost) printf '%s' "$host" ;; *) printf 'registry-1.docker.io' ;; esac
}

is_here() {
    if [ "$engine" = docker ]; then
        docker image inspect "$1" >/dev/null 2>&1
    else
        buildah inspect --type image "$1" >/dev/null 2>&1
    fi
}

# Whether the base is here or its registry answers, with whatever status.
can_be_had() {
    is_here "$1" || curl --silent --output /dev/null --max-time "$ANSWERS_WITHIN" "https://$(registry_of "$1")/v2/"
}

arguments=()
choose_bases() {
    local name base
    for name in NODE_IMAGE PYTHON_IMAGE; do
        base=$(base_of "$name")
        if can_be_had "$base"; then
            continue
        fi
        [ "$engine" = buildah ] || die "$(registry_of "$base") does not answer, and Docker has no $base." \
            "Pull it where there is a network, or stop Docker's engine: buildah builds with bases of this machine."
        say bases "$(registry_of "$base") does not answer: bases made on this machine"
        tools/image_bases.sh "$LOCAL_PYTHON" "$LOCAL_NODE"
        arguments=(--build-arg PYTHON_IMAGE="$LOCAL_PYTHON" --build-arg NODE_IMAGE="$LOCAL_NODE")
        return
    done
    say bases "$(base_of PYTHON_IMAGE), $(base_of NODE_IMAGE)"
}

# What the image is made from, for its labels and `--version`.
name_origin() {
    local commit source_url
    commit=$(git rev-parse HEAD 2>/dev/null || true)
    if [ -n "$(git status --porcelain 2>/dev/null)" ]; then
        say image "there are uncommitted changes: the image names no commit"
        commit=
    fi
    # without the user and password that may stand in it
    source_url=$(git remote get-url origin 2>/dev/null | sed -E 's#^(https?://)[^/@]*@#\1#' || true)
    arguments+=(--build-arg VERSION="$VERSION" --build-arg BUILD_COMMIT="$commit" --build-arg SOURCE="$source_url")
}

choose_engine
choose_bases
name_origin
arguments+=(--tag "$TAG")
[ ! -e "$CA_BUNDLE" ] || arguments+=(--secret "id=ca,src=$CA_BUNDLE")
say image "building $TAG"
if [ "$engine" = docker ]; then
    quietly "docker build" docker build "${arguments[@]}" .
    size=$(docker image inspect --format '{{.Size}}' "$TAG")
else
    # The commit's time for all files: no layer differs by the hour of its build.
    quietly "buildah build" buildah build --isolation chroot --layers \
        --timestamp "$(git log -1 --format=%ct 2>/dev/null || echo 0)" "${arguments[@]}" .
    size=$(buildah images --json "$TAG" | sed -n 's/.*"size": "\(.*\)".*/\1/p')
fi
say image "$TAG ($size)"
if [ -n "$try" ]; then
    [ "$(id -u)" = 0 ] || die "--try starts containers without an engine, which root alone can do: sudo make image ARGS=--try"
    need runc runc
    need tini-static tini
    # A network of its own: nothing of this machine is reached, and no port is taken.
    exec unshare --net .venv/bin/python -m tools.image "$engine" "$TAG"
fi
