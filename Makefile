# Everything happens in .venv; what is needed from the system is installed first. `make help` lists the targets.

ifeq ($(OS),Windows_NT)
PYTHON ?= python
BIN := .venv/Scripts
else
PYTHON ?= python3
BIN := .venv/bin
endif
FOLDER ?= .
BUILD_TOOLS := pip setuptools wheel numpy pybind11
INSTALL := $(BIN)/python -m pip install --constraint constraints.txt

# hnswlib builds with -march=native otherwise: its wheel would then crash on an older processor.
export HNSWLIB_NO_NATIVE := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test lint format bench lock clean system-run system-test

help: ## List what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: system-run .venv/installed ## Set up Cognate and start it; without a display, search the sample documents in the terminal
	@packaging/run.sh $(BIN)

test: system-test lint ## Set up what the tests need, then check style and types and run all tests
	@$(BIN)/python -m pytest

lint: .venv/installed-dev ## Check style, formatting and types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

format: .venv/installed-dev ## Format the code and sort its imports
	@$(BIN)/ruff check --fix-only
	@$(BIN)/ruff format

bench: system-run .venv/installed-dev ## Measure a scan, and indexing and searching FOLDER (docs/benchmarks.md)
	@$(BIN)/python -m tests.benchmarks.scan
	@$(BIN)/python -m tests.benchmarks.index $(FOLDER)

lock: .venv/installed-dev ## Write the versions now in .venv to constraints.txt
	@packaging/lock.sh $(BIN)

clean: ## Remove the virtual environment, caches and build output
	rm -rf .venv .cache build dist *.egg-info model/builtin/native.*.so model/builtin/native.*.pyd \
		resources/languages/*.npy
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

system-run system-test: system-%:
	@packaging/install-system-packages.sh $*

.venv/python: | system-run
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Cognate needs Python 3.11 or newer, and $(PYTHON) is not. Name another one: make run PYTHON=python3.12" >&2; \
		exit 1; }
	@echo "Setting up .venv: the first time, this downloads some hundred megabytes and takes a few minutes."
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/installed: .venv/python pyproject.toml constraints.txt packaging/languages/unpack.py \
		$(wildcard model/builtin/*.cpp model/builtin/*.h)
	@$(INSTALL) $(BUILD_TOOLS)
	@$(INSTALL) --no-build-isolation --editable .
	@$(BIN)/python packaging/languages/unpack.py
	@touch $@

.venv/installed-dev: .venv/installed
	@$(INSTALL) --no-build-isolation --editable ".[dev]"
	@touch $@
