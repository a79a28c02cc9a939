#!/usr/bin/env bash
# Writes .env for Compose with generated secrets; a file that exists is left alone. Usage: scripts/make_env.sh [FILE]
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:-.env}
if [ -e "$target" ]; then echo "$target exists; nothing was changed."; exit 0; fi
umask 077
random() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }
while IFS= read -r line; do
  case $line in
    SERVICE_TOKEN= | JWT_SECRET= | POSTGRES_PASSWORD= | REDIS_PASSWORD= | QDRANT_API_KEY=) echo "$line$(random 32)" ;;
    ADMIN_PASSWORD=) echo "$line$(random 9)" ;;
    *) echo "$line" ;;
  esac
done <.env.example >"$target"
echo "Wrote $target, readable by you alone. Sign in as $(sed -n 's/^ADMIN_EMAIL=//p' "$target"); the password is in the file (ADMIN_PASSWORD)."
