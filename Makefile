# Two everyday entry points: `make build` and `make test`. Each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: build test check acceptance golden docs images benchmark package clean
.DELETE_ON_ERROR:

build: $(VENV)/run.stamp ## set up, then compile policies/ into output/
	$(BIN)/bpc build

test: $(VENV)/dev.stamp ## set up, then pass the tests
	$(BIN)/pytest -n auto

check: ## all that CI runs
	bash .ci/run

acceptance: $(VENV)/dev.stamp ## run what was generated, in containers, against real servers and stores
	$(BIN)/python -m tests.acceptance.tools
	$(BIN)/pytest tests/acceptance -m acceptance -n 2 --dist loadfile -q -rs

golden: $(VENV)/dev.stamp ## rewrite the expected trees, then show what changed
	$(BIN)/pytest tests/golden --update-golden -q
	$(BIN)/bpc build
	git diff --stat -- tests/golden output

docs: $(VENV)/dev.stamp ## rewrite the pages that are generated from code
	$(BIN)/python -m tests.generate_docs

images: $(VENV)/dev.stamp ## ask the registries for the digests of the catalogue, and show what changed
	$(BIN)/python -m tests.renew_images
	git diff --stat -- compiler/bpc/plan

benchmark: ## measure bpc against its targets and its peers, as docs/performance.md tells; takes minutes
	$(PYTHON) -m venv --clear .benchmark
	.benchmark/bin/python -m pip install --quiet --require-hashes -r requirements-build.lock -r requirements.lock
	.benchmark/bin/python -m pip install --quiet -r benchmarks/requirements.txt
	.benchmark/bin/python -m pip install --quiet --no-build-isolation --no-deps .
	.benchmark/bin/python -m benchmarks.run

package: $(VENV)/dev.stamp ## build the wheel and the source archive
	$(BIN)/hatchling build

clean: ## remove everything that make made
	rm -rf $(VENV) .benchmark dist

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: $(VENV)/bin/python requirements.lock requirements-build.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-build.lock -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps --editable .
	touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	touch $@
