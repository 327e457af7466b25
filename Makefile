# Everything is run from here. Needs Python 3.11 to 3.14 and make; the rest goes into .venv. Paths stay relative, so
# that blanks in the project's own path do not matter.
PYTHON ?= python3
RUN := .venv/bin/python
INSTALL := $(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r
WORKERS ?= 2
ARGS ?=
UV ?= uv
LOCK := $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header

.DEFAULT_GOAL := help
.PHONY: help setup demo up down database-url test fuzz check bench deploy connector lock clean

help: ## this list
	@echo "Night Audit: every booking in within a second, every night reconciled to the cent."
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

setup: .venv/.installed ## install what running needs into .venv

demo: .venv/.installed ## run the main job once and print its figures [INPUT=file MAPPING=name]
	@$(RUN) -m deployments.demo $(if $(INPUT),--input "$(INPUT)") $(if $(MAPPING),--mapping "$(MAPPING)")

up: .venv/.installed ## start all services and wait until they are healthy
	@$(RUN) -m deployments.services up

down: .venv/.installed ## stop all services and wait for them
	@$(RUN) -m deployments.services down

database-url: .venv/.installed ## print the address of the database in use, ready for psql
	@$(RUN) -m storage.embedded url

deploy: .venv/.installed ## deploy all flows to the Prefect server
	@$(RUN) -m deployments.deploy

connector: .venv/.installed ## make a connector from the living example [NAME=example]
	@$(if $(NAME),,echo "Say which: make connector NAME=example" >&2; exit 2;) $(RUN) -m deployments.scaffold "$(NAME)"

test: .venv/.installed-dev ## run all tests [ARGS="tests/unit -k money" WORKERS=2]
	@$(RUN) -m pytest -q -n $(WORKERS) --dist worksteal $(ARGS)

fuzz: .venv/.installed-dev ## throw made-up inputs at every parser, ten minutes or as told [ARGS="--seconds 60 --target expedia --seed 7"]
	@$(RUN) -m tests.fuzz $(ARGS)

check: .venv/.installed-dev ## lint, formatting, types, import rules, dependencies
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	PYTHONPATH=. .venv/bin/lint-imports
	$(RUN) -m deptry .

bench: .venv/.installed-bench ## measure against peers and write benchmarks/RESULTS.md
	@$(RUN) -m benchmarks

lock: ## resolve the locked versions anew; needs uv
	$(LOCK) --output-file requirements.lock
	$(LOCK) --group dev --constraint requirements.lock --output-file requirements-dev.lock
	$(LOCK) --group bench --constraint requirements.lock --output-file requirements-bench.lock

clean: ## remove .venv and tool caches; .data stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' || \
	  { echo "Night Audit needs Python 3.11 to 3.14, and '$(PYTHON)' is not one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up .venv ..." >&2
	@$(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo "Could not make .venv; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

.venv/.installed: requirements.lock | .venv/bin/pip
	@echo "Installing from requirements.lock ..." >&2
	@$(INSTALL) requirements.lock
	@touch $@

.venv/.installed-dev: requirements-dev.lock | .venv/bin/pip
	@echo "Installing from requirements-dev.lock ..." >&2
	@$(INSTALL) requirements-dev.lock
	@touch $@ .venv/.installed

.venv/.installed-bench: requirements-bench.lock | .venv/bin/pip
	@echo "Installing from requirements-bench.lock ..." >&2
	@$(INSTALL) requirements-bench.lock
	@touch $@ .venv/.installed
