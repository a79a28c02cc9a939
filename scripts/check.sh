#!/usr/bin/env bash
# Every law that a machine can check. Prints one line a check; what fails prints its findings and ends the run at the end.
set -u
failed=0
run() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then echo "ok    $name"; else echo "FAIL  $name"; echo "$output"; failed=1; fi
}
api_drift() { diff <(python -m orchestrator.openapi) docs/openapi.json; }

run "format" ruff format --check --quiet .
run "lint" ruff check --quiet .
run "types" mypy -p codemuse -p embedding_server -p llm_server -p docgen_server -p rag_server -p orchestrator
run "imports" lint-imports
run "sizes" python scripts/check_sizes.py
run "requirements" python scripts/requirements.py --check
run "api drift" api_drift
run "web lint" npm --prefix web run --silent lint
run "web types" npm --prefix web run --silent typecheck
run "web drift" npm --prefix web run --silent check-generated
exit $failed
