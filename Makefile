# Fewstep in two commands: `make` and `make test`. Neither does anything twice.
PYTHON ?= python3
BIN := .venv/bin
SET_UP := .venv/set-up

.PHONY: run test bench lint readme help
.DEFAULT_GOAL := run

run: $(SET_UP) ## set up and run the default profile (also: plain `make`)
	$(BIN)/snakemake --cores all
	@echo "The report: reports/mnist/index.html"

test: $(SET_UP) ## set up and run the tests
	$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile

bench: $(SET_UP) ## set up and run the benchmarks of the hot paths, on a machine that does nothing else
	$(BIN)/python -m pytest tests/benchmarks --benchmark-enable

lint: $(SET_UP) ## set up and check style, workflow, profiles, method cards and baselines
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check --config pyproject.toml Snakefile workflow
	$(BIN)/snakemake --lint
	$(BIN)/check-jsonschema --schemafile workflow/schemas/config.schema.yaml config/*.yaml
	$(BIN)/check-jsonschema --schemafile workflow/schemas/method.schema.yaml methods/*/method.yaml
	$(if $(wildcard results/baselines/*.json),$(BIN)/check-jsonschema \
		--schemafile workflow/schemas/baseline.schema.yaml results/baselines/*.json)
	$(if $(wildcard methods/*/weights/*.json),$(BIN)/check-jsonschema \
		--schemafile workflow/schemas/weights.schema.yaml methods/*/weights/*.json)

readme: $(SET_UP) ## set up and renew the table of methods in README.md, after adding a method
	PYTHONPATH=workflow $(BIN)/python -m fewstep.cli.readme

help: ## show this
	@echo "make [target] [PYTHON=python3.12]"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The stamp is written last, so that a set-up that was cut off is made again, and one of another lock file too.
$(SET_UP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Fewstep needs Python 3.11 or newer; name one with make PYTHON=python3.11." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@touch $@
