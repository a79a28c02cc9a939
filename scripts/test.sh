#!/usr/bin/env bash
# All tests but the slow ones (make bench, make faults, make compose-test): unit, integration, whole system, web.
set -eu
packages="codemuse embedding-server llm-server docgen-server rag-server orchestrator"
folders=$(for package in $packages; do for kind in unit integration; do [ -d "$package/tests/$kind" ] && echo "$package/tests/$kind"; done; done)

echo "== web"
npm --prefix web run --silent test
echo "== services: unit and integration"
python -m coverage erase
# shellcheck disable=SC2086
python -m pytest -q -n 2 --dist loadfile --cov --cov-report= $folders
scripts/coverage.sh
echo "== the whole system: API, command line, browser"
python -m pytest -q tests-e2e --ignore tests-e2e/faults
