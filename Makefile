# Everything runs in .venv, which is made on demand, and made anew when it is broken, moved, of another Python or not
# of this Makefile's making. `make TARGET PYTHON=python3.13` chooses the Python.

PYTHON ?= python3

# They are about what happens, not about which lines run, and the measuring of coverage would double their time.
UNMEASURED := $(addprefix tests/,benchmarks cancellation chaos cluster docs fuzz longlife mutation security \
	downloads/test_cancelling.py gallery/test_size.py graph/test_properties.py::test_ten_thousand_nodes_of_any_shape \
	graph/test_simulation.py::test_ten_thousand_nodes runs/test_full_plan.py sandbox/test_drawing.py webhooks/test_thousand.py)
FOLDERS := $(wildcard journey_async tests examples benchmarks docs/*.py)

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test test-python-backoff test-uvloop test-lowest test-openapi chaos fuzz mutants lint lint-pythons audit format openapi interface package readme docs bench bench-long clean

# $(call environment,FOLDER,EXTRAS): the package is installed in FOLDER, editable, with these extras.
# FOLDER/made says where and of what it was made, FOLDER/installed-EXTRAS is the pyproject.toml that was installed.
define environment
made=$$("$(PYTHON)" -c 'import os, sys; print(os.getcwd(), sys.version)' 2>/dev/null) \
	|| { echo 'journey-async needs Python 3.11 or later, but "$(PYTHON)" does not run: make $(MAKECMDGOALS) PYTHON=python3.11' >&2; exit 1; }; \
"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	|| { echo "journey-async needs Python 3.11 or later, but $(PYTHON) is $$("$(PYTHON)" -V 2>&1): make $(MAKECMDGOALS) PYTHON=python3.11" >&2; exit 1; }; \
if [ "$$made" != "$$(cat $(1)/made 2>/dev/null)" ] || ! $(1)/bin/python -c 'import pip' 2>/dev/null; then \
	echo 'making $(1)' && rm -rf $(1) && "$(PYTHON)" -m venv $(1) && printf '%s\n' "$$made" > $(1)/made || exit 1; \
fi; \
if ! cmp -s pyproject.toml $(1)/installed-$(2); then \
	echo 'installing .[$(2)] in $(1)' && $(1)/bin/python -m pip install -qq --editable '.[$(2)]' \
	&& cp pyproject.toml $(1)/installed-$(2) || exit 1; \
fi
endef

# $(call beside,NAME,PACKAGES): these lie in .beside/NAME, and with PYTHONPATH stand before what .venv has.
define beside
if ! cmp -s pyproject.toml .beside/$(1)/made-of; then \
	echo 'installing $(1) in .beside' && rm -rf .beside/$(1) \
	&& .venv/bin/python -m pip install -qq --target .beside/$(1) $(2) && cp pyproject.toml .beside/$(1)/made-of || exit 1; \
fi
endef

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-22s%s\n", $$1, $$2 }' Makefile

demo: ## Show what the package does, against its own sandbox: pictures in demo-out
	@$(call environment,.venv,cli$(comma)sandbox)
	.venv/bin/journey demo --out demo-out

test: lint ## Check everything: lint, then the tests with their coverage
	.venv/bin/python -m coverage erase
	.venv/bin/python -m coverage run -m pytest -n auto --dist worksteal $(addprefix --deselect=,$(UNMEASURED))
	.venv/bin/python -m coverage combine --quiet
	.venv/bin/python -m coverage report
	.venv/bin/python -m pytest -n auto --dist worksteal $(UNMEASURED)

test-python-backoff: ## Run what repeats requests with python-backoff, the maintained continuation of backoff
	@$(call environment,.venv,dev)
	@$(call beside,python-backoff,--no-deps 'python-backoff>=3$(comma)<4')
	PYTHONPATH=$(CURDIR)/.beside/python-backoff .venv/bin/python -m pytest -n auto --dist worksteal tests/client tests/core/test_retrying.py

test-uvloop: ## Run on uvloop what sends, waits, follows and is cancelled
	@$(call environment,.venv,dev)
	JOURNEY_TEST_UVLOOP=1 .venv/bin/python -m pytest -n auto --dist worksteal -k uvloop tests/cancellation tests/client \
		tests/cluster tests/downloads tests/journal tests/runs tests/webhooks

test-lowest: ## Run what talks to the service with the lowest versions that pyproject.toml allows
	@$(call environment,.venv,dev)
	@$(call beside,lowest,$$(.venv/bin/python tests/lowest.py))
	PYTHONPATH=$(CURDIR)/.beside/lowest .venv/bin/python -m pytest -n auto --dist worksteal tests/client

test-openapi: ## Try the OpenAPI description: a generated client, and Schemathesis against the sandbox
	@$(call environment,.venv,dev)
	@$(call beside,openapi,'openapi-python-client>=0.29.1' 'schemathesis>=4.32')
	PYTHONPATH=$(CURDIR)/.beside/openapi .venv/bin/python -m pytest -p no:schemathesis tests/openapi/test_generated_client.py tests/openapi/test_schemathesis.py

chaos: ## Run the fault campaign for some minutes: ARGS="--seed 1 --minutes 5 --loop uvloop"
	@$(call environment,.venv,dev)
	.venv/bin/python -m tests.chaos $(ARGS)

fuzz: ## Look for inputs that break what reads them: about ten minutes
	@$(call environment,.venv,dev)
	@.venv/bin/python -m pip install -qq 'atheris>=3'
	.venv/bin/python -m tests.fuzz --seconds 600

mutants: ## Break the core in one place after another: do its tests notice? ARGS="--seed 2 --sample 1000"
	@$(call environment,.venv,dev)
	@.venv/bin/python -m pip install -qq 'cosmic-ray>=8.7,<9'
	CI=1 .venv/bin/python -m tests.mutation $(ARGS)

lint: ## Check style, imports and types
	@$(call environment,.venv,dev)
	.venv/bin/python -m ruff check
	.venv/bin/python -m ruff format --check
	.venv/bin/lint-imports --no-logo
	.venv/bin/python -m mypy $(FOLDERS) & mypy=$$!; \
		.venv/bin/python -m pyright --pythonpath .venv/bin/python $(FOLDERS); pyright=$$?; wait $$mypy && exit $$pyright

lint-pythons: ## Check the types for every Python from 3.12 on; `lint` does it for 3.11
	@$(call environment,.venv,dev)
	for version in 3.12 3.13 3.14 3.15; do \
		.venv/bin/python -m mypy --python-version $$version $(FOLDERS) \
			&& .venv/bin/python -m pyright --pythonpath .venv/bin/python --pythonversion $$version $(FOLDERS) || exit 1; \
	done

audit: ## Look for known weaknesses: bandit in the code, pip-audit in what it needs (asks pypi.org)
	@$(call environment,.venv,dev)
	.venv/bin/python -m bandit --quiet --configfile pyproject.toml --recursive journey_async
	.venv/bin/python -m pip_audit --strict --progress-spinner off --skip-editable

format: ## Put the code into its form, and repair what ruff can repair
	@$(call environment,.venv,dev)
	.venv/bin/python -m ruff check --fix-only
	.venv/bin/python -m ruff format

openapi: ## Write journey_async/openapi.json anew
	@$(call environment,.venv,dev)
	.venv/bin/python -m tests.openapi.shipping

interface: ## Record the public interface, once CHANGELOG.md tells what changes
	@$(call environment,.venv,dev)
	.venv/bin/python -m tests.public_interface

package: ## Build the wheel and the sdist into dist, and try both in empty environments
	@$(call environment,.venv,dev)
	rm -rf dist
	.venv/bin/python -m build --outdir dist
	.venv/bin/python -m twine check --strict dist/*
	.venv/bin/python tests/package_smoke.py dist

readme: ## Make anew what the README and the documentation show of the code
	@$(call environment,.venv,dev)
	.venv/bin/python docs/redraw.py

docs: ## Build the documentation into site, strictly
	@$(call environment,.venv,dev)
	NO_MKDOCS_2_WARNING=1 .venv/bin/python -m mkdocs build --quiet --strict --clean

bench: ## Measure everything: one table, benchmarks/results.json, charts; about fifteen minutes
	@$(call environment,.venv,dev)
	@.venv/bin/python -m pip install -qq --requirement benchmarks/requirements.txt
	.venv/bin/python benchmarks/all.py
	.venv/bin/python docs/charts.py
	.venv/bin/python docs/redraw.py

bench-long: ## Measure with larger loads: 100,000 tasks in flight, 10,000 nodes in a run
	@$(call environment,.venv,dev)
	@.venv/bin/python -m pip install -qq --requirement benchmarks/requirements.txt
	.venv/bin/python benchmarks/all.py --full
	.venv/bin/python docs/charts.py
	.venv/bin/python docs/redraw.py

clean: ## Remove everything that can be made again, the environments too
	rm -rf .venv .beside demo-out build dist htmlcov site .coverage .coverage.*
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

comma := ,
