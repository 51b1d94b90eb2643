#!/usr/bin/env bash
# Makes keys/, a folder for each service with what is its own secret: `sudo deploy/keys.sh [FOLDER]`.
# Passwords are made by chance. What is there stays, and gets the owner and the mode that compose.yaml
# needs; so run it again after you have put a file there. At the end it says which files are missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
FOLDER=${1:-keys}
# who reads them in the containers
SERVICE_USER=10001 MONGODB_USER=999 GRAFANA_USER=472

if [ "$(id -u)" -ne 0 ]; then
    echo "The files must belong to the containers' users: run it as root (sudo deploy/keys.sh)." >&2
    exit 1
fi
umask 077

chance() { od -An -tx1 -N24 /dev/urandom | tr -d ' \n'; }

# keep FILE COMMAND...: what the command writes, unless something is there already
keep() {
    local file=$FOLDER/$1
    shift
    [ -s "$file" ] || { "$@" >"$file.new" && mv "$file.new" "$file"; }
}

uri() { echo "mongodb://$1:$(chance)@mongodb:27017/?replicaSet=rs0"; }

for service in indexer oracle presence api playback; do
    mkdir -p "$FOLDER/$service"
    keep "$service/mongodb_uri" uri "$service"
    chown -R "$SERVICE_USER" "$FOLDER/$service"
done
keep playback/session_key chance
chown "$SERVICE_USER" "$FOLDER/playback/session_key"
mkdir -p "$FOLDER/mongodb" "$FOLDER/grafana"
keep mongodb/keyfile chance
keep mongodb/admin_password chance
keep grafana/admin_password chance
chown "$MONGODB_USER" "$FOLDER/mongodb/keyfile"
chown "$SERVICE_USER" "$FOLDER/mongodb/admin_password" # compose.yaml: mongodb-users
chown "$GRAFANA_USER" "$FOLDER/grafana/admin_password"
find "$FOLDER" -type d -exec chmod 700 {} +
find "$FOLDER" -type f -exec chmod 400 {} +

missing() {
    [ -s "$FOLDER/oracle/$1" ] || printf 'missing  %-40s %s\n' "$FOLDER/oracle/$1" "$2"
}
missing oracle_keystore "the operator's encrypted keystore"
missing oracle_keystore_password "its password"
missing cloudflare_api_token "the API token, with Stream: Edit"
# of use with the profile `playback` alone
[ -s "$FOLDER/playback/playback_key.json" ] || printf 'optional %-40s %s\n' \
    "$FOLDER/playback/playback_key.json" "for rooms for some only: python -m oracle playback-key create"
