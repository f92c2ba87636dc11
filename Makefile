# The commands that README names. PYTHON chooses the interpreter; uv is used if it is installed.
PYTHON ?= python3
VENV ?= .venv
ARGS ?=
MODULES ?=
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
PYTEST := $(BIN)/python -m pytest
# Other interpreters and versions run neither the benchmarks, whose numbers nothing asserts, nor the tests of the tools and
# of the sandbox itself, which is a test server: `make test` has them. All other tests use the sandbox there, too.
CORE := --ignore=tests/benchmarks --ignore=tests/tools --ignore=tests/lago_async/sandbox

.DEFAULT_GOAL := help
.PHONY: help demo docs quick test test-all test-lowest live coverage check mutation generate contract drift recorded billing bench
.PHONY: events-proof exports-proof nginx-proof format clean release release-check

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(BIN)/python:
ifdef UV
	$(UV) venv --quiet --python $(PYTHON) $(VENV)
else
	$(PYTHON) -m venv $(VENV)
endif

# One stamp per set of extras: it is installed again when pyproject.toml changes.
$(VENV)/.%: pyproject.toml | $(BIN)/python
ifdef UV
	$(UV) pip install --quiet --python $(BIN)/python --editable '.[$*]'
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
endif
	@touch $@

demo: $(VENV)/.cli ## Bill 300 customers on the embedded sandbox, fetch their usage, show the largest bills.
	$(BIN)/python examples/bulk_past_usage.py

quick: $(VENV)/.dev ## Run a few cases of each test that starts no process, in half a minute.
	$(PYTEST) -n auto --quick $(ARGS)

test: $(VENV)/.dev ## Run all tests; ARGS are for pytest.
	@echo "On two cores this takes about 9 minutes."
	$(PYTEST) -n auto $(ARGS)

test-all: $(VENV)/.dev ## Run the tests on each other Python that pyproject.toml names; ARGS=--quick runs a few cases of each.
	VENV=$(VENV) $(BIN)/python -m tools.interpreters $(MAKE) --no-print-directory test ARGS='$(CORE) $(ARGS)'

test-lowest: $(VENV)-lowest/.dev ## Run the tests with the lowest versions that pyproject.toml allows.
	$(MAKE) --no-print-directory test VENV=$(VENV)-lowest ARGS='$(CORE) $(ARGS)'

# Only uv can resolve to the lowest versions.
$(VENV)-lowest/.dev: pyproject.toml
	$(PYTHON) -m venv --clear $(VENV)-lowest
	$(VENV)-lowest/bin/python -m pip install --quiet --disable-pip-version-check uv
	$(VENV)-lowest/bin/uv pip install --quiet --python $(VENV)-lowest/bin/python --resolution lowest-direct --editable '.[dev]'
	@touch $@

live: $(VENV)/.dev ## Call every operation on the server of LAGO_LIVE_URL and LAGO_LIVE_API_KEY; ARGS names stories.
	$(BIN)/python -m tests.live $(ARGS)

coverage: $(VENV)/.dev ## Run all tests, and check the branch coverage of both packages against its floors.
	$(MAKE) --no-print-directory test ARGS='--cov --cov-report='
	$(BIN)/coverage report --include='lago_async/*' --fail-under=96
	$(BIN)/coverage report --include='lago_sync/*' --fail-under=94

check: $(VENV)/.dev ## Check format, lint, types, generated files and prose.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python
	PATH="$(abspath $(BIN)):$$PATH" pyright --verifytypes lago_async --ignoreexternal
	PATH="$(abspath $(BIN)):$$PATH" pyright --verifytypes lago_sync --ignoreexternal
	$(BIN)/python -m tools.generate --check
	$(BIN)/codespell
	$(BIN)/python -m tools.prose

docs: $(VENV)/.docs ## Build the documentation site into build/site; a warning is an error.
	$(BIN)/python -m tools.migration --check
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --jobs auto -b html docs build/site

release-check: $(VENV)/.release ## Build both archives twice, and check them, the licences and known vulnerabilities.
	$(BIN)/python -m tools.release check

release: $(VENV)/.release ## The same, and leave the archives and the bill of materials in the empty folder dist.
	$(BIN)/python -m tools.release build dist

generate: $(VENV)/.dev ## Write the blocking face and the indexes again from the endpoint table.
	$(BIN)/python -m tools.generate

contract: $(VENV)/.dev ## Write the contract again from its sources; with DESCRIPTION=openapi.yaml, write its facts first.
	$(BIN)/python -m tools.make_contract $(DESCRIPTION)

recorded: $(VENV)/.dev ## Compare the sandbox with a running Lago's recorded responses; ARGS="--only 'billing.*'" picks.
	$(BIN)/python -m tools.recorded $(ARGS)

billing: $(VENV)/.dev ## Tell the billing stories of a running Lago to the sandbox; ARGS="--worlds 10000" bills random worlds, too.
	$(BIN)/python -m tools.billing $(ARGS)

drift: $(VENV)/.dev ## Print what a checkout of the server (SERVER=path) or a newer description (DESCRIPTION=path) has and we lack.
	$(BIN)/python -m tools.drift $(if $(SERVER),--server '$(SERVER)') $(if $(DESCRIPTION),--description '$(DESCRIPTION)')

mutation: $(VENV)/.dev ## Change the pure rules, one spot at a time, and list what no test notices; MODULES selects by path.
	nice $(BIN)/python -m tools.mutation $(MODULES)

bench: $(VENV)/.bench ## Measure, as ratios, against bare aiohttp, httpx, urllib3 and the official client.
	$(BIN)/python tests/benchmarks/run.py

events-proof: $(VENV)/.dev ## Add 1,000,000 events in processes that are killed 400 times, and count them at the server; ARGS="--kills 50".
	$(BIN)/python -m tests.lago_async._ingest.kill_proof $(ARGS)

exports-proof: $(VENV)/.dev ## Kill the processes of an export 100 times, for CSV and Parquet on both faces, and count its rows; ARGS="--kills 20".
	$(BIN)/python -m tests.lago_async.usage.export.kill_proof $(ARGS)

nginx-proof: $(VENV)/.dev ## Send long JWTs through the nginx of this machine, with and without the setting of docs/webhooks.md.
	$(BIN)/python -m tests.lago_async.webhooks.nginx_proof

format: $(VENV)/.dev ## Format, and apply the fixes of the linter.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## Remove the environments and the caches.
	rm -rf $(VENV) $(VENV)-* dist build .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
