# What one does with this project, one word each; `make` alone lists them.
PORT ?= 8000
PYTHON_IN := .venv/bin/python
CATALOGUES := $(wildcard translations/*/LC_MESSAGES/*.po)
STATIC := $(wildcard static/css/* static/js/* static/img/* static/vendor/*)
JOBS ?= 2
ARGS ?=
MESSAGE ?=

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test lint format bench screenshots catalogues migration lock vendor

help: ## List what can be done
	@awk 'BEGIN {FS = ":[^#]*## "} /^[a-z-]+:[^#]*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.setup .venv/.catalogues .venv/.static ## Make .venv with packages checked by hash, compile catalogues, compress static files

setup-dev: .venv/.setup-dev .venv/.catalogues .venv/.static

.venv/.setup: requirements.txt pyproject.toml tools/setup
	@tools/setup run
	@touch $@

.venv/.setup-dev: requirements-dev.txt .venv/.setup
	@tools/setup dev
	@touch $@

.venv/.catalogues: .venv/.setup $(CATALOGUES)
	@$(PYTHON_IN) -m tools.catalogues compile
	@touch $@

.venv/.static: .venv/.setup $(STATIC)
	@$(PYTHON_IN) -m harpevents.core.static_files
	@touch $@

run: setup ## Serve the site with demo data on http://127.0.0.1:8000 (PORT=8000)
	@tools/run $(PORT)

test: setup-dev ## Run the whole suite on SQLite, PostgreSQL and in Chromium (ARGS="-k door")
	@HARPEVENTS_CHROMIUM="$$(tools/chromium)" && export HARPEVENTS_CHROMIUM \
	  && $(PYTHON_IN) -m pytest -n $(JOBS) --dist loadgroup $(ARGS)

lint: setup-dev ## Check style, types, walls between packages, and templates
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	$(PYTHON_IN) -m mypy
	.venv/bin/lint-imports --no-logo
	.venv/bin/djlint --lint --quiet harpevents

format: setup-dev ## Put code into the house style
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: setup-dev ## Measure against the limits in bench/ (needs wrk)
	$(PYTHON_IN) -m bench $(ARGS)

screenshots: setup-dev ## Take the pictures in docs/screenshots
	@HARPEVENTS_CHROMIUM="$$(tools/chromium)" && export HARPEVENTS_CHROMIUM \
	  && $(PYTHON_IN) tools/screenshots.py $(ARGS)

catalogues: .venv/.setup ## Compile the translations (done by setup and run as well)
	@$(PYTHON_IN) -m tools.catalogues compile
	@touch .venv/.catalogues

migration: setup-dev ## Write a migration from the models (MESSAGE="what changes")
	@test -n "$(MESSAGE)" || { echo 'migration: say what changes: make migration MESSAGE="add no-show"' >&2; exit 2; }
	@$(PYTHON_IN) tools/migration.py "$(MESSAGE)"

UV_COMPILE = .venv/bin/uv pip compile pyproject.toml --quiet --no-config --universal --python-version 3.11 \
  --extra postgresql --generate-hashes --custom-compile-command "make lock"

lock: setup-dev ## Renew the locks from pyproject.toml and package.json (ARGS=--upgrade)
	$(UV_COMPILE) --group build $(ARGS) -o requirements.txt
	$(UV_COMPILE) --group dev $(ARGS) -c requirements.txt -o requirements-dev.txt
	npm install --package-lock-only
	$(PYTHON_IN) tools/vendor.py lock

vendor: ## Copy Bootstrap, htmx, icons and axe-core from their npm lock (needs Node)
	npm ci
	python3 tools/vendor.py
