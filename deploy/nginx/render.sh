#!/usr/bin/env bash
# Makes the proxy's configuration from templates/, as the official nginx image does by itself:
#   PROXY_SERVER_NAME=rooms.example deploy/nginx/render.sh /etc/nginx
# writes nginx.conf, conf.d/livestream.conf and conf.d/parts/. Safe to run again.
set -euo pipefail
SOURCE=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
TARGET=${1:?where to write to: /etc/nginx}

: "${PROXY_SERVER_NAME:?the names of the site, as in its certificate}"
name=${PROXY_SERVER_NAME%% *}
resolver=$(awk '/^nameserver/ { print ($2 ~ /:/) ? "[" $2 "]" : $2; exit }' /etc/resolv.conf)
declare -A value=(
    [PROXY_SERVER_NAME]=$PROXY_SERVER_NAME
    [PROXY_API]=${PROXY_API:-127.0.0.1:8080}
    [PROXY_CERTIFICATE]=${PROXY_CERTIFICATE:-/etc/letsencrypt/live/$name/fullchain.pem}
    [PROXY_CERTIFICATE_KEY]=${PROXY_CERTIFICATE_KEY:-/etc/letsencrypt/live/$name/privkey.pem}
    [PROXY_RESOLVER]=${PROXY_RESOLVER:-${resolver:-127.0.0.1}}
    [PROXY_PLAYBACK]=${PROXY_PLAYBACK:-}
)

cd "$SOURCE/templates"
find . -name '*.template' | while read -r template; do
    text=$(<"$template")
    for variable in "${!value[@]}"; do
        text=${text//"\${$variable}"/"${value[$variable]}"}
    done
    target=$TARGET/conf.d/${template%.template}
    mkdir -p "$(dirname "$target")"
    printf '%s\n' "$text" >"$target"
done
install -m 644 "$SOURCE/nginx.conf" "$TARGET/nginx.conf"
