# Everything needs python3 (3.11 or later) and make, nothing else: the environment is set up on first use, in .venv/,
# from uv.lock, and again only when uv.lock or pyproject.toml change.

PYTHON ?= python3
EDITION ?= 2025
ARGS ?=

# Set where compiled modules are unwanted; it would double the start of every command here.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help reports test doctor lab bench lint docs clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' Makefile

reports: .venv/.synced ## build the reports of every département and their index, in reports/
	.venv/bin/pacte report --all --edition $(EDITION) $(ARGS)

test: .venv/.synced ## run the tests (ARGS="-n 0 -k panel" for some of them)
	.venv/bin/pytest -n 2 --dist worksteal $(ARGS)

doctor: .venv/.synced ## say what of this machine could make the reports fail
	.venv/bin/pacte doctor $(ARGS)

lab: .venv/.synced ## open JupyterLab on the notebooks
	.venv/bin/jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks $(ARGS)

bench: .venv/.synced ## measure time and memory; nothing is asserted
	.venv/bin/python benchmarks/run.py
	.venv/bin/python -m benchmarks.ways $(ARGS)
	.venv/bin/python -m benchmarks.anatomy
	.venv/bin/python -m benchmarks.inference
	.venv/bin/python -m benchmarks.identity

lint: .venv/.synced ## check style, in the code and in the notebooks, and the types of the package
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

docs: .venv/.synced ## write the tables of the pages that are computed: datasets, published figures
	.venv/bin/python -m tests.conventions.pages

clean: ## remove what was built and the caches; data/raw and the environment stay
	find reports data/processed -mindepth 1 ! -name .gitkeep -delete
	find src tests tools benchmarks notebooks -name __pycache__ -prune -exec rm -rf {} +
	rm -rf build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis

# An environment without its interpreter, or moved with the checkout, is set up again: its paths are absolute.
ifneq ($(and $(wildcard .venv/bin/python),$(strip $(shell cat .venv/.synced 2>/dev/null))),$(strip $(CURDIR)))
.PHONY: .venv/.synced
endif

.venv/.synced: uv.lock pyproject.toml tools/bootstrap.py tools/uv-requirements.txt
	@$(PYTHON) tools/bootstrap.py
