#!/usr/bin/env bash
# `make dev`: what `make run` starts, each service started again when its sources change, and Vite's development server
# on WEB_PORT (5173), which hands the API's addresses on to the gateway. Ctrl-C ends all.
set -euo pipefail
cd "$(dirname "$0")/.."
export PORT=${PORT:-8080} DATA=${DATA:-.codemuse}
export VITE_API=http://127.0.0.1:$PORT
python=.venv/bin/python

$python -m codemuse.native start
trap 'trap - EXIT; kill $(jobs -p) 2>/dev/null || true; $python -m codemuse.native stop' EXIT
$python scripts/dev_reload.py "$DATA" &
npm --prefix web run --silent dev -- --host 127.0.0.1 --port "${WEB_PORT:-5173}" --strictPort
