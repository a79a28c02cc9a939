#!/usr/bin/env bash
# Each package has 90 % branch coverage or more.
set -eu
for package in codemuse embedding-server/embedding_server llm-server/llm_server docgen-server/docgen_server rag-server/rag_server orchestrator/orchestrator; do
  printf '%-18s ' "$(basename "$package")"
  python -m coverage report --include "*/$package/*" --format total --fail-under "${COVERAGE_FLOOR:-90}" 2>/dev/null || { echo "  below the floor"; python -m coverage report --include "*/$package/*" --sort cover | head -15; exit 1; }
done
