# Four commands: `make setup`, then `make demo`, `make test`, `make check` (the last three call the first).
# Another interpreter: `make demo PYTHON=python3.13`.  Another environment beside it: `make demo VENV=.venv-313 PYTHON=python3.13`.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
UV := $(BIN)/uv
ROOMS := ledger features models worklist pipelines desk simulator configs

# What a shell may carry that would send packages elsewhere than into $(VENV).
unexport PIP_USER PIP_TARGET PIP_PREFIX PYTHONPATH PYTHONHOME VIRTUAL_ENV CONDA_PREFIX
# uv reads its own variables only: it trusts whom the system trusts, and a mirror that pip was told of is passed on.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS ?= true
endif
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif
ifdef PIP_CERT
export SSL_CERT_FILE ?= $(PIP_CERT)
endif
export MLFLOW_DISABLE_TELEMETRY := true
export GX_ANALYTICS_ENABLED := false

# An interpreter that was asked for by name replaces an environment of another version; the default never does.
version = $(shell $(1) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
ifneq ($(origin PYTHON),file)
ifneq ($(call version,$(PYTHON)),$(call version,$(BIN)/python))
REPLACED := yes
.PHONY: $(STAMP)
endif
endif

.PHONY: help setup demo test check docs picture bench lock clean
.DEFAULT_GOAL := help

help:
	@echo "make setup    install into $(VENV), from the hashed lock"
	@echo "make demo     simulate, train, score: demo/scores/latest/worklist.html"
	@echo "make test     every test and doctest"
	@echo "make check    ruff, mypy --strict, import-linter"
	@echo "make docs     write the generated pages of docs/ anew"
	@echo "make picture  photograph the worklist of the demo for the README (needs chromium)"
	@echo "make bench    install what benchmarks/ compares with into .venv-bench"
	@echo "make lock     resolve the dependencies anew into requirements/"
	@echo "make clean    remove $(VENV), demo/ and the caches"

setup: $(STAMP)
	@:

$(STAMP): pyproject.toml requirements/dev.txt requirements/bootstrap.txt
	@sh requirements/prerequisites.sh "$(if $(REPLACED),$(PYTHON),$(firstword $(wildcard $(BIN)/python) $(PYTHON)))"
	@$(if $(REPLACED),"$(PYTHON)" -m venv --clear $(VENV),test -x $(BIN)/pip || "$(PYTHON)" -m venv --clear $(VENV))
	@echo "Installing into $(VENV) (about 1 GB; a few minutes, once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@
	@echo "Ready: $(BIN)/duewise --help"

demo: setup
	@$(BIN)/duewise demo

# A file to a worker, in the order of the files: what a file prepares is prepared once, and the longest do not come last.
test: setup
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict $(ROOMS)
	$(BIN)/lint-imports

docs: setup
	@$(BIN)/python -m desk.pages

picture: demo
	@chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1440,900 \
		--screenshot=$(CURDIR)/docs/images/worklist.png file://$(CURDIR)/demo/scores/latest/worklist.html

# The contenders of benchmarks/ in an environment of their own, see docs/results.md.
bench: setup
	@test -x .venv-bench/bin/python || $(BIN)/python -m venv --without-pip .venv-bench
	@$(UV) pip sync --quiet --python .venv-bench/bin/python --require-hashes requirements/bench.txt

lock: setup
	@$(UV) pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
		pyproject.toml --extra dev --output-file requirements/dev.txt
	@$(UV) pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
		--group bench --output-file requirements/bench.txt

clean:
	rm -rf $(VENV) demo build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
