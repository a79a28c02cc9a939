#!/usr/bin/env bash
# Start (unless it runs already), index this repository, ask one question, and print the cited answer; every citation is resolved once more.
set -eu
running=$(curl -fsS "http://127.0.0.1:$PORT/api/v1/health" 2>/dev/null || true)
if [ -z "$running" ]; then
  python -m codemuse.native start
  trap 'python -m codemuse.native stop' EXIT
fi
# shellcheck disable=SC1091
. "$DATA/credentials.env"
XDG_CONFIG_HOME=$(mktemp -d)
export XDG_CONFIG_HOME CODEMUSE_URL="http://127.0.0.1:$PORT" CODEMUSE_PASSWORD="$ADMIN_PASSWORD"
codemuse login --email "$ADMIN_EMAIL"
codemuse index . --name codemuse --wait
# In two halves, or this script would be the best answer to its own question.
keeping="How does a worker keep the lease of a run,"
question=${QUESTION:-$keeping and what happens when it loses it?}
printf '\n> %s\n\n' "$question"
codemuse ask "$question" -r codemuse
python scripts/resolve_citations.py "$question"
