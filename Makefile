# Every command that a contributor needs. `make` alone lists them.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: help setup format lint tiny test test-slow test-gpu bench docs

help:  ## list these commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 14

setup:  ## make .venv and install kerasish into it for development
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e ".[dev]"

format:  ## put the code in shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint:  ## check the code's shape, changing nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

tiny:  ## the smallest end-to-end check, a few seconds
	$(BIN)/python -m pytest -q tests/test_tiny.py

test:  ## all tests but the slow ones
	$(BIN)/python -m pytest -q -n 2

test-slow:  ## the slow tests alone: trainings to a stated accuracy
	$(BIN)/python -m pytest -q -m slow --timeout 7200

test-gpu:  ## every test on a machine with a CUDA device
	$(BIN)/python -m pytest -q -m "gpu and not slow"

bench:  ## the benchmarks, which print figures and check none
	set -e; for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file; done

docs:  ## run the examples that stand in the docstrings
	$(BIN)/python -m pytest -q --doctest-modules kerasish
