# Two commands matter: `make demo` and `make test`. Both prepare .venv by themselves.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PACKAGES := api planner models loaders scripts

.PHONY: demo test lint format types contracts bench benchmark schema lock clean

demo: $(READY)  ## Load a generated community, choose its coefficients and serve the result.
	$(BIN)/reparto demo $(DEMO_ARGS)

test: $(READY)  ## Run every test with branch coverage, on every core.
	$(BIN)/pytest --numprocesses auto --dist worksteal $(TEST_ARGS)

$(READY): scripts/locks/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes --requirement scripts/locks/dev.txt
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
	$(BIN)/pytest tests/benchmarks --benchmark-enable --benchmark-only --no-cov $(TEST_ARGS)

benchmark: $(READY)  ## Compare every method that is installed on named communities.
	$(BIN)/python -m scripts.benchmark $(BENCHMARK_ARGS)

schema: $(READY)  ## Write the GraphQL schema that the code defines.
	$(BIN)/reparto schema export --output api/graphql/schema.graphql

lock:  ## Pin every dependency anew, with hashes and without addresses (needs uv).
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --quiet -o scripts/locks/dev.txt
	uv pip compile pyproject.toml --constraints scripts/locks/dev.txt --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --quiet -o scripts/locks/product.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage dist
