# `make run` and `make test` set everything up by themselves.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := PYTHONWARNINGS=ignore $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help setup run sandbox doctor test lint types floors check clean
.DEFAULT_GOAL := help

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.run: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing (the first time takes a minute or two) …"
	@$(PIP) install --upgrade 'pip>=24'
	@$(PIP) install torch==2.13.0
	@$(PIP) install -e '.[sandbox]'
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "Installing the test tools …"
	@$(PIP) install -e '.[dev]'
	@touch $@

setup: $(VENV)/.dev ## make the virtual environment with everything in it

run: $(VENV)/.run ## run the bot: live with DISCORD_TOKEN, else the sandbox
	@$(BIN)/python -m bot run

sandbox: $(VENV)/.run ## keep the sandbox alive and serve it to a browser
	@$(BIN)/python -m bot sandbox --stay

doctor: $(VENV)/.run ## check settings, database, model, token and permissions
	@$(BIN)/python -m bot doctor

lint: $(VENV)/.dev ## ruff: style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev ## mypy --strict
	$(BIN)/mypy

floors: $(VENV)/.dev ## import-linter: imports go down
	$(BIN)/lint-imports

check: lint types floors ## everything but the tests

test: check ## all that CI runs
	$(BIN)/pytest --cov --cov-report=term:skip-covered

clean: ## remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage build *.egg-info
