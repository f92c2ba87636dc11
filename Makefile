# The commands that README names. PYTHON chooses the interpreter; uv is used where it is present.
PYTHON ?= python3
VENV ?= .venv
MODULES ?=
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help demo test check mutation generate bench format clean

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(BIN)/python:
ifdef UV
	$(UV) venv --quiet --python $(PYTHON) $(VENV)
else
	$(PYTHON) -m venv $(VENV)
endif

# One stamp for each set of extras: installed again when pyproject.toml changes.
$(VENV)/.%: pyproject.toml | $(BIN)/python
ifdef UV
	$(UV) pip install --quiet --python $(BIN)/python --editable '.[$*]'
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
endif
	@touch $@

demo: $(VENV)/.cli ## Bill some hundreds of customers on the embedded sandbox, fetch it all, show the largest bills.
	$(BIN)/python examples/bulk_past_usage.py

test: $(VENV)/.dev ## Run the tests.
	$(BIN)/python -m pytest

check: $(VENV)/.dev ## Check format, lint, types and generated files.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python
	PATH="$(abspath $(BIN)):$$PATH" pyright --verifytypes lago_async --ignoreexternal
	PATH="$(abspath $(BIN)):$$PATH" pyright --verifytypes lago_sync --ignoreexternal
	$(BIN)/python -m tools.generate --check

generate: $(VENV)/.dev ## Write the blocking face and the indexes anew from the endpoint table.
	$(BIN)/python -m tools.generate

mutation: $(VENV)/.dev ## Change the pure rules, one spot at a time, and list what no test notices; MODULES selects by path.
	nice $(BIN)/python -m tools.mutation $(MODULES)

bench: $(VENV)/.bench ## Measure, as ratios, against bare aiohttp, httpx, urllib3 and the official client.
	$(BIN)/python tests/benchmarks/run.py

format: $(VENV)/.dev ## Format and mend what the linter can mend.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## Remove the environment and the caches.
	rm -rf $(VENV) dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis
