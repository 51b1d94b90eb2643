#!/usr/bin/env bash
# Refuses files that must not be committed: check_files.sh FILE... A private key, a keystore, a
# secret setting with its value, .env, or more than 1 MB. Names the file, never the content.
set -euo pipefail
LARGEST=1048576
SECRETS='(CLOUDFLARE_API_(TOKEN|KEY)|ORACLE_PRIVATE_KEY|ORACLE_KEYSTORE_PASSWORD)=[^[:space:]"'\''<$]{8}'
status=0

refuse() {
    printf '%s: %s\n' "$1" "$2"
    status=1
}

for file in "$@"; do
    [ -f "$file" ] || continue
    case ${file##*/} in
    .env | .env.local) refuse "$file" "machine-specific settings" ;;
    esac
    [ "$(wc -c <"$file")" -le "$LARGEST" ] || refuse "$file" "too large: over $LARGEST bytes"
    if grep -qIE -e '-----BEGIN [A-Z ]*PRIVATE KEY-----' -- "$file"; then
        refuse "$file" "a private key"
    fi
    if grep -qI '"cipher" *:' -- "$file" && grep -qI '"ciphertext" *:' -- "$file"; then
        refuse "$file" "a keystore"
    fi
    if grep -qIE -e "$SECRETS" -- "$file"; then
        refuse "$file" "a secret setting with its value"
    fi
done
exit "$status"
