# Every command of the project. `make help` lists them.
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
RUNNABLE := $(VENV)/.runnable
READY := $(VENV)/.ready
# The locks are complete, so nothing is left to resolve; what is used is compiled when it is first used.
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-compile
# The first Python that serves: 3.11 to 3.13. `make setup PYTHON=…` names another.
SERVES := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for one in python3 python3.13 python3.12 python3.11; do \
	$$one -c '$(SERVES)' 2>/dev/null && echo $$one && break; done)

# What `make bench` can be told to measure alone: `make bench append`, `make bench -- long`.
BENCHMARKS := long append writers replay aggregate sqlite relay verify rebuild door history roster board screen start

.DEFAULT_GOAL := help
.PHONY: $(BENCHMARKS) help setup run test check lint unit bench screenshots reference lock format clean

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## what the others call first: .venv with everything locked

$(RUNNABLE): requirements.lock pyproject.toml
	@test -x $(BIN)/python || test -n "$(PYTHON)" || { echo "install Python 3.11, 3.12 or 3.13"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "install python3-venv"; exit 1; }
	@$(PIP) --require-hashes --requirement requirements.lock
	@$(PIP) --no-build-isolation --editable .
	@touch $(RUNNABLE)

$(READY): $(RUNNABLE) requirements-dev.lock
	@$(PIP) --require-hashes --requirement requirements-dev.lock
	@touch $(READY)

run: $(RUNNABLE) ## set up what it needs and serve the embedded system with demonstration data
	@$(BIN)/shouwang up --demo

test: setup ## the whole test suite, broker, database and browser included
	@$(BIN)/python -m tests.prepare
	@$(BIN)/python -m pytest --numprocesses=auto --dist=loadgroup

check: lint unit ## ruff, mypy, import contracts, unit tests

lint: setup ## the checks that run nothing: ruff, mypy, import contracts
	@$(BIN)/ruff check --quiet --output-format=concise .
	@$(BIN)/ruff format --check --quiet . || { $(BIN)/ruff format --check .; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

unit: setup ## the unit tests alone, which need neither broker nor database
	@$(BIN)/python -m pytest --quiet --numprocesses=auto tests/unit

bench: setup ## the benchmarks, as ratios against their floors and peers
	@$(BIN)/python -m tests.prepare
	@$(BIN)/python -m tests.benchmarks $(filter $(BENCHMARKS),$(MAKECMDGOALS))

$(BENCHMARKS): bench
	@:

screenshots: setup ## take the pictures of the README anew, of the running demonstration
	@$(BIN)/python -m tests.prepare
	@$(BIN)/python -m docs.images

reference: setup ## write docs/reference anew from the code
	@$(BIN)/python -W ignore::DeprecationWarning -m docs.reference

lock: ## resolve the dependencies anew (UPGRADE=1: to the newest), with hashes and without addresses
	@$(PYTHON) deploy/lock.py $(if $(UPGRADE),--upgrade)

format: setup ## put the code into its one format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean: ## end what the tests started, remove what the other commands made; the secrets of a deployment stay
	@test ! -x $(BIN)/python || $(BIN)/python -m tests.prepare stop
	@test ! -d var || find var -mindepth 1 -maxdepth 1 ! -name secrets -exec rm -rf {} +
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info
