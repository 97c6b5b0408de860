# Every target sets up .venv by itself; that takes minutes the first time and no time later.
#   make demo AUDIO=/path/to/ESC-50      real sound of your own, instead of Debian's drum kits
#   make test PYTHON=/usr/bin/python3.12 another interpreter for .venv, while there is none

PYTHON ?=
AUDIO ?=
export PYTHON AUDIO
# Threads that wait without spinning leave the cores of a busy machine to whoever has work for them.
export OMP_WAIT_POLICY ?= PASSIVE

# What Python and pytest have compiled is kept for the next run, whatever the machine's habit.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin

.PHONY: help setup demo test test-cpus test-avx2 test-bf16 lint bench docs docs-tools structure clean
.DEFAULT_GOAL := help

help: ## Say what there is to make.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

setup: ## Make .venv and install what is missing.
	@scripts/setup.sh

demo: setup ## Draw, choose, pre-train, transfer to sound: results in demo/.
	@scripts/demo.sh

test: setup ## Run the tests, some files of them side by side.
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder --max-worker-restart 0

# As on a processor without AVX-512, and as on one that computes faster in bfloat16, with two threads and odd memory.
AVX2 := ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 MKL_ENABLE_INSTRUCTIONS=AVX2 TEST_AUTO=float32
BF16 := TEST_AUTO=bf16 TEST_THREADS=2 TEST_MEMORY=odd
# Each in one process: what another would import takes longer than what it would take over.
NUMERICAL = $(BIN)/python -m pytest -m numerical \
	$(shell grep -rl pytest.mark.numerical tests/trainer)

test-cpus: test-avx2 test-bf16 ## Repeat the tests of numbers as other processors would run them.

test-avx2: setup
	@env $(AVX2) $(NUMERICAL)

test-bf16: setup
	@env $(BF16) $(NUMERICAL)

lint: setup ## Check style, types and spelling.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/mypy tests/users_script.py
	@$(BIN)/codespell

bench: setup ## Measure every stage's throughput on one core, beside the published algorithms.
	@$(BIN)/python -m pytest benchmarks --benchmark-only --benchmark-disable-gc --quiet

docs: docs-tools ## Build the site of the documentation into build/site.
	@$(BIN)/python -m scripts.site

docs-tools: setup ## Install what builds the site, which its tests want, too.
	@$(BIN)/python -c 'import zensical' 2>/dev/null || $(BIN)/python -m pip install --quiet --no-compile --group docs

structure: setup ## Draw which package uses which into CONTRIBUTING.md.
	@$(BIN)/python scripts/structure.py

clean: ## Remove everything that was made, .venv and demo/ included.
	@rm -rf .venv demo build dist patterngen/_kernels .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	@find patterngen trainer tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
