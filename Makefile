# One front door for people and CI: `make help` lists it. Each target does all the set-up it needs;
# what has not changed is not done again.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
unexport MAKEFLAGS # a test that calls make or cargo must not inherit our job server

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
STAMPS := .venv/stamps
export UV_PYTHON_DOWNLOADS := never
export VIRTUAL_ENV := $(CURDIR)/.venv

# A uv the machine already has, else our own under .uv, brought by pip.
UV := $(or $(shell uv --version >/dev/null 2>&1 && command -v uv),$(CURDIR)/.uv/bin/uv)
LOCK := $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --custom-compile-command "make locks" --quiet

RUST_SOURCES := rust/Cargo.toml rust/Cargo.lock $(shell find rust/core rust/net rust/prefetch rust/python \
	-name target -prune -o \( -name '*.rs' -o -name Cargo.toml \) -print)
PYTHON_SOURCES := $(shell find src -name '*.py' -o -name '*.pyi' -o -name py.typed)
PAGE_SOURCES := $(shell find dashboard -name node_modules -prune -o -type f -print)
PAGE := src/tidegauge/web/static/index.html

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

## Set-up

.PHONY: setup
setup: $(STAMPS)/native $(PAGE) ## leave a release build at .venv/bin/tidegauge, dashboard included
	@echo "ready: .venv/bin/tidegauge"

$(CURDIR)/.uv/bin/uv: locks/bootstrap.txt
	$(PYTHON) -m pip install --quiet --require-hashes --upgrade --target .uv -r $<
	touch $@

$(STAMPS)/python: locks/dev.txt locks/runtime.txt | $(UV)
	test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	$(UV) pip install --quiet --compile-bytecode --require-hashes -r locks/runtime.txt -r locks/dev.txt
	mkdir -p $(STAMPS) && touch $@

$(STAMPS)/native: $(STAMPS)/python $(RUST_SOURCES) pyproject.toml
	MATURIN_PEP517_ARGS=--locked $(UV) pip install --no-deps --no-build-isolation --editable .
	touch $@

dashboard/node_modules/.package-lock.json: dashboard/package-lock.json
	cd dashboard && npm ci --no-audit --no-fund --loglevel=error
	touch $@

$(PAGE): dashboard/node_modules/.package-lock.json $(PAGE_SOURCES)
	cd dashboard && npm run --silent build
	touch $@

## The main job

.PHONY: demo
demo: setup ## simulated office, real exports, real collector: prints the page's address
	$(BIN)/tidegauge demo

## Checks

.PHONY: test
test: lint test-rust test-dashboard test-python ## every check and every test this machine can run

.PHONY: lint
lint: setup ## formatting, lint, types, the map, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest tidegauge._core._native
	$(BIN)/lint-imports
	$(BIN)/python schema/generate.py --check
	$(BIN)/python scripts/commands.py --check
	$(BIN)/python scripts/conformance.py --check
	$(BIN)/python scripts/figures.py --check
	cargo fmt --manifest-path rust/Cargo.toml --all --check
	cargo clippy --manifest-path rust/Cargo.toml --workspace --all-targets --locked --quiet -- -D warnings
	cd dashboard && npm run --silent lint

.PHONY: test-rust
test-rust:
	cargo test --manifest-path rust/Cargo.toml --workspace --locked --quiet

.PHONY: test-dashboard
test-dashboard: dashboard/node_modules/.package-lock.json
	cd dashboard && npm test --silent

.PHONY: test-python
test-python: setup wheel peers
	UV=$(UV) $(BIN)/pytest -n auto -q

.PHONY: peers
peers:
	scripts/install-peers

.PHONY: soak
soak: setup peers cargo-fuzz llvm-tools ## what takes longer than a test may; results are written as data to tests/soak/results
	$(BIN)/pytest -q -m soak

.PHONY: fuzz
fuzz: cargo-fuzz ## fuzz each wire format for a minute (SECONDS_EACH=60)
	cd rust/fuzz && for target in $$(cargo fuzz list); do mkdir -p "corpus/$$target"; \
		RUSTC_BOOTSTRAP=1 cargo fuzz run "$$target" "corpus/$$target" "seeds/$$target" -- \
			-max_total_time=$(or $(SECONDS_EACH),60); done

.PHONY: cargo-fuzz
cargo-fuzz:
	command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz

.PHONY: llvm-tools
llvm-tools:
	test -x "$$(rustc --print target-libdir)/../bin/llvm-cov" || rustup component add llvm-tools

# The only collector in Go: built from its module where there is Go.
GOFLOW2 := .peers/goflow2/usr/bin/goflow2
.PHONY: goflow2
goflow2: $(GOFLOW2)
$(GOFLOW2):
	command -v go >/dev/null || { echo "no go: goflow2 is left out"; exit 0; }; \
		GOBIN=$(CURDIR)/$(dir $@) go install github.com/netsampler/goflow2/v2/cmd/goflow2@v2.2.6

.PHONY: bench
bench: setup peers goflow2 ## the numbers we promise, beside real peers, kept as data (ONLY="collect-ipfix meter": some)
	$(BIN)/python bench/suite.py $(ONLY) $(if $(FOLDER),--folder $(FOLDER))

## Products

.PHONY: wheel
wheel: dist/.built ## an abi3 wheel that needs neither cargo nor node, in dist/

dist/.built: $(STAMPS)/native $(PAGE) $(PYTHON_SOURCES)
	rm -rf dist
	$(BIN)/maturin build --release --locked --quiet --out dist
	touch $@

.PHONY: generate
generate: $(STAMPS)/native ## write what is generated from schema/, help texts, marks of tests and results of benches
	$(BIN)/python schema/generate.py
	$(BIN)/python scripts/commands.py
	$(BIN)/python scripts/conformance.py
	$(BIN)/python scripts/figures.py

.PHONY: format
format: $(STAMPS)/python ## put every source file into its format
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	cargo fmt --manifest-path rust/Cargo.toml --all
	cd dashboard && npm run --silent format

.PHONY: locks
locks: | $(UV) ## resolve the Python locks anew (UPGRADE=--upgrade takes the newest)
	$(LOCK) $(UPGRADE) -o locks/runtime.txt pyproject.toml
	$(LOCK) $(UPGRADE) -o locks/dev.txt locks/dev.in
	$(LOCK) $(UPGRADE) -o locks/bootstrap.txt locks/bootstrap.in

.PHONY: clean
clean: ## remove everything that set-up and builds made
	rm -rf .venv .uv .peers dist rust/target dashboard/node_modules src/tidegauge/web/static
	rm -f src/tidegauge/_core/*.so
