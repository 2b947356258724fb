# Two commands matter: `make demo` and `make test`. Both prepare .venv by themselves.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PACKAGES := api planner models loaders scripts
COVERAGE := .coverage.json
CLIENT := .venv-client
PUBLISHED := api/graphql/published

.PHONY: demo test lint format types contracts bench bench-api benchmark schema release-schema client lock clean

demo: $(READY)  ## Load a generated community, choose its coefficients and serve the result.
	$(BIN)/reparto demo $(DEMO_ARGS)

test: $(READY)  ## Run every test with branch coverage, one more at once than there are cores.
	$(BIN)/python -m slipcover --json --out $(COVERAGE) -m pytest --numprocesses auto --dist worksteal $(TEST_ARGS)
	$(BIN)/python -m slipcover --merge $(COVERAGE) --out $(COVERAGE) --fail-under 95

# Compiled on every core at once; examples that some packages hold cannot be compiled.
$(READY): scripts/locks/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --no-compile --require-hashes --requirement scripts/locks/dev.txt
	-$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

lint: $(READY)
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --check .

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(READY)
	$(BIN)/mypy

contracts: $(READY)
	$(BIN)/lint-imports

bench: $(READY)  ## Time the planner, the simulator and the readers.
	$(BIN)/pytest tests/benchmarks --benchmark-enable --benchmark-only $(TEST_ARGS)

bench-api: $(READY)  ## Measure the served API against a bare endpoint, and under load.
	$(BIN)/python -m tests.benchmarks.served $(BENCHMARK_ARGS)

benchmark: $(READY)  ## Compare every method that is installed on named communities.
	$(BIN)/python -m scripts.benchmark $(BENCHMARK_ARGS)

schema: $(READY)  ## Write the GraphQL schema that the code defines.
	$(BIN)/reparto schema export --output api/graphql/schema.graphql \
		--possible-types $(PUBLISHED)/possibleTypes.json --introspection $(PUBLISHED)/introspection.json

release-schema: schema  ## Hold the schema of a release: what breaks it from now on must be told.
	cp api/graphql/schema.graphql $(PUBLISHED)/released.graphql

client: $(CLIENT)/.ready  ## Generate the typed Python client of tests/clients/python.
	mkdir -p $(CLIENT)/generated
	$(CLIENT)/bin/ariadne-codegen --config tests/clients/python/ariadne-codegen.toml

$(CLIENT)/.ready: scripts/locks/client.txt
	$(PYTHON) -m venv $(CLIENT)
	$(CLIENT)/bin/pip install --quiet --require-hashes --requirement scripts/locks/client.txt
	touch $@

lock:  ## Pin every dependency anew, with hashes and without addresses (needs uv).
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --quiet -o scripts/locks/dev.txt
	uv pip compile pyproject.toml --constraints scripts/locks/dev.txt --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --quiet -o scripts/locks/product.txt
	uv pip compile --group client --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --quiet -o scripts/locks/client.txt

clean:
	rm -rf $(VENV) $(CLIENT) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache $(COVERAGE) dist
