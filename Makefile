# Halles: `make help` lists what there is.

PYTHON ?= $(firstword $(shell command -v python3.11 python3 python 2>/dev/null))
VENV_PYTHON := .venv/bin/python
ENVIRONMENT := oms.core.running.environment
SHELL := /bin/bash
TESTS ?= tests
# A third one works while the others wait for the stacks they started.
TEST_PROCESSES ?= 3

.DEFAULT_GOAL := help
.PHONY: help run stop install python developing test test-long check format messages bench clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: install ## Start everything on http://localhost:8000/ (PORT=… for another port), until Ctrl-C
	@$(VENV_PYTHON) -m oms.core.running start

stop: ## End everything that `make run` or a command started, the private PostgreSQL included
	@if [ -x $(VENV_PYTHON) ]; then $(VENV_PYTHON) -m oms.core.running stop; fi

install: python ## Make .venv, or bring it up to date
	@$(PYTHON) -m $(ENVIRONMENT) running

developing: python
	@$(PYTHON) -m $(ENVIRONMENT) developing

python:
	@if [ -z "$(PYTHON)" ]; then echo "Halles needs Python 3.11 or newer; none is installed." >&2; exit 1; fi
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Halles needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another one with PYTHON=…" >&2; exit 1; }

test: developing ## Run the tests, but for the long ones (TESTS=tests/stock for some of them)
	@$(VENV_PYTHON) -m pytest $(TESTS) -n $(TEST_PROCESSES) --dist worksteal -m "not long"

test-long: developing ## Run the long tests: faults on every broker, long histories
	@$(VENV_PYTHON) -m pytest $(TESTS) -m long

check: developing ## Check format, lint, types, layers, migrations, the API's document and the settings
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m mypy .
	.venv/bin/lint-imports
	$(VENV_PYTHON) manage.py makemigrations --check --dry-run
	$(VENV_PYTHON) manage.py spectacular --validate --fail-on-warn --file /dev/null
	$(PRODUCTION_LIKE) $(VENV_PYTHON) manage.py check --deploy --fail-level WARNING

# Only to be checked: nothing is served with these.
PRODUCTION_LIKE = DEBUG=0 ALLOWED_HOSTS=halles.example PUBLIC_URL=https://halles.example \
  EMAIL_URL=smtp+tls://mail.halles.example:587 \
  SECRET_KEY="$$($(VENV_PYTHON) -c 'import secrets; print(secrets.token_urlsafe(64))')"

format: developing ## Format the code
	@$(VENV_PYTHON) -m ruff format .
	@$(VENV_PYTHON) -m ruff check --fix .

messages: developing ## Bring the translations up to date with code and templates, and say what is missing
	@$(VENV_PYTHON) -m oms.core.translating update

bench: developing ## Measure (BENCH=engine for one of them)
	@$(VENV_PYTHON) -m benchmarks $(BENCH)

clean: stop ## Remove .venv, the private database and everything else that can be made again
	@case "$$(readlink .data/postgres)" in /var/tmp/halles-*/postgres) rm -rf "$$(dirname "$$(readlink .data/postgres)")";; esac
	@rm -rf .venv .data .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
