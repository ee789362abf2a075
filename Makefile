# Two commands to remember: make run, make test. Before a commit: make check.
SHELL := /bin/bash
.DELETE_ON_ERROR:

PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PYTHON3 ?= $(shell command -v python3.11 || command -v python3)
PACKAGES := core users student_dashboard missions coaching mentorship_coordination
CACHES := .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache htmlcov test-results

# Tests and checks have their own servers, whatever .env says; give DATABASE_URL and REDIS_URL to use others.
HERMETIC = DATABASE_URL="$$DATABASE_URL" REDIS_URL="$$REDIS_URL" DATA_DIR="$${DATA_DIR:-$(CURDIR)/.data/test}" \
	EMBEDDED_FAST=1
PRODUCTION = DEBUG=false SITE_URL=https://mentorship.example ALLOWED_HOSTS=mentorship.example \
	SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(60))')"

.PHONY: run test smoke clients audit check schema lock clean

run: $(VENV)/.runtime
	@BIN=$(BIN) .ci/start $(PORT)

# A worker for each core, each with servers of its own; a file stays together. SPREAD= runs all in one process.
SPREAD ?= $(if $(DATABASE_URL),,-n auto --dist loadfile)

test: $(VENV)/.development
	@CHROMIUM_PATH="$$(BIN=$(BIN) .ci/chromium)" && export CHROMIUM_PATH && $(HERMETIC) $(BIN)/python -m pytest $(SPREAD) $(ARGS)

smoke: $(VENV)/.development
	@$(HERMETIC) $(BIN)/python -m pytest tests/smoke $(ARGS)

clients: $(VENV)/.ci
	@$(HERMETIC) BIN=$(BIN) .ci/clients $(ARGS)

# Exits with 3 when no database of vulnerabilities could be asked.
audit: $(VENV)/.ci
	@BIN=$(BIN) .ci/audit

check: $(VENV)/.development
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python -m bandit --quiet --configfile pyproject.toml --recursive $(PACKAGES) manage.py bench
	$(HERMETIC) $(BIN)/mypy .
	$(BIN)/lint-imports
	$(HERMETIC) $(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(HERMETIC) $(BIN)/python manage.py makemigrations --check --dry-run
	$(HERMETIC) BIN=$(BIN) .ci/schema --check

schema: $(VENV)/.development
	$(HERMETIC) BIN=$(BIN) .ci/schema

lock: $(VENV)/.development
	for name in requirements requirements-dev requirements-ci; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
			--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
			--output-file $$name.lock $$name.txt || exit 1; \
	done

# Data under .data stays: removing it is a decision of its own.
clean:
	rm -rf $(VENV) $(CACHES) .coverage staticfiles
	find . -name __pycache__ -type d -not -path './.data/*' -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON3)" || { echo "Python 3.11 or newer is needed." >&2; exit 1; }
	@$(PYTHON3) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON3) is older than Python 3.11." >&2; exit 1; }
	@$(PYTHON3) -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "On Debian: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.runtime: requirements.lock | $(BIN)/python
	@echo "Installing packages …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

$(VENV)/.development: requirements-dev.lock | $(BIN)/python
	@echo "Installing packages for tests and checks …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

$(VENV)/.ci: requirements-ci.lock $(VENV)/.development
	@echo "Installing packages for clients and the audit …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@
