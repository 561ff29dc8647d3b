# Every command that a contributor needs. `make` alone lists them.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
BENCHMARKS := training growth first_step memory operations import_time op_overhead step_overhead dataset

.PHONY: help setup format lint tiny test test-slow test-gpu bench bench-quick docs kernels sanitize

help:  ## list these commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 14

setup:  ## make .venv and install kerasish into it for development
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e ".[dev]"

kernels:  ## compile the native kernels again, what changed of them
	$(BIN)/python -m kerasish.kernels.cpu.build

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

sanitize:  ## the kernels' tests with checks of every memory access and of races, ten minutes
	$(BIN)/python -m tests.kernels.sanitize

# Rivals' interpreters are in KERASISH_RIVALS_PYTHON; without it kerasish is timed alone.
bench:  ## all benchmarks, about an hour with rivals; rewrites docs/performance.md
	set -e; for script in $(BENCHMARKS); do echo "== $$script"; \
	  $(BIN)/python benchmarks/$$script.py --save; done
	$(BIN)/python benchmarks/memory.py --long --save
	$(BIN)/python benchmarks/report.py

bench-quick:  ## the races in a few minutes, for a first look; keeps nothing
	set -e; for script in training operations; do echo "== $$script"; \
	  $(BIN)/python benchmarks/$$script.py --quick; done

docs:  ## run the examples that stand in the docstrings
	$(BIN)/python -m pytest -q --doctest-modules kerasish
