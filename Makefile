# Livestream Rooms. `make help` lists the targets; each sets up what it needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:

export PATH := $(CURDIR)/tools/bin:$(CURDIR)/.venv/bin:$(PATH)
export SOLCX_BINARY_PATH := $(CURDIR)/tools/solc-bin

PY := .venv/bin/python

# --- what is installed, kept in stamp files --------------------------------------------------
PYTHON_READY := .venv/.python-ready
NODE_READY := node_modules/.ready
BROWSER_READY := .venv/.browser
PROMETHEUS_READY := .venv/bin/promtool .venv/bin/amtool
NGINX_READY := .venv/bin/nginx
DAPP_READY := $(if $(wildcard dapp/package-lock.json),dapp/node_modules/.ready)
PAGE := $(if $(wildcard dapp/package-lock.json),dapp/dist/.ready)
PAGE_SOURCES := $(shell find dapp -path dapp/node_modules -prune -o -path dapp/dist -prune \
	-o -type f -print 2>/dev/null)

$(PYTHON_READY): requirements.lock
	@tools/setup_python.sh

$(NODE_READY): package.json package-lock.json .npmrc | $(PYTHON_READY)
	@tools/setup_node.sh .

$(BROWSER_READY): | $(PYTHON_READY)
	@tools/setup_browser.sh

$(PROMETHEUS_READY): | $(PYTHON_READY)
	@tools/setup_prometheus.sh $(@F)

$(NGINX_READY): | $(PYTHON_READY)
	@tools/setup_nginx.sh

tests/interop/node_modules/.ready: tests/interop/package.json tests/interop/package-lock.json \
		tools/setup_interop.sh | $(NODE_READY)
	@tools/setup_interop.sh

dapp/node_modules/.ready: dapp/package.json dapp/package-lock.json | $(NODE_READY)
	@tools/setup_node.sh dapp

dapp/dist/.ready: $(PAGE_SOURCES) | dapp/node_modules/.ready
	@tools/build_page.sh

# --- targets ---------------------------------------------------------------------------------
.PHONY: help setup dapp demo test album interop check artifact bench audit chaos drill image pin-images lock format clean

help: ## show this list
	@echo "Livestream Rooms"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(PYTHON_READY) $(NODE_READY) $(DAPP_READY) ## install everything but the test browser
	@echo "  ready     next: make demo"

dapp: $(PAGE) ## build the web page into dapp/dist

demo: $(PYTHON_READY) $(NODE_READY) $(PAGE) ## run the whole system locally; ONCE=1: one room, then stop; FRESH=1: start over
	@$(PY) -m localnet demo $(if $(ONCE),--once) $(if $(FRESH),--fresh) $(if $(STATE),--state "$(STATE)")

test: $(PYTHON_READY) $(NODE_READY) $(BROWSER_READY) $(PROMETHEUS_READY) $(NGINX_READY) $(PAGE) ## run all tests; T=path or ARGS='-k name' for some
	@tools/run_tests.sh $(T) $(ARGS)

album: $(PYTHON_READY) $(NODE_READY) $(BROWSER_READY) $(PAGE) ## pictures of every state of the page in build/screens/
	@ALBUM=1 tools/run_tests.sh $(or $(T),tests/browser/test_states.py tests/browser/test_private_states.py) $(ARGS)

interop: $(PYTHON_READY) $(NODE_READY) $(BROWSER_READY) $(PAGE) tests/interop/node_modules/.ready ## try OBS, ffmpeg and WHIP/WHEP programs of others against ours
	@tools/run_tests.sh tests/interop $(ARGS)

check: $(PYTHON_READY) $(NODE_READY) $(DAPP_READY) ## lint, format, types, declared packages, artifacts against source
	@tools/run_checks.sh

artifact: $(PYTHON_READY) $(NODE_READY) ## compile contracts/ into contracts/artifacts
	@$(PY) -m tools.artifact write

bench: $(PYTHON_READY) $(NODE_READY) $(BROWSER_READY) $(PAGE) ## run the benchmarks
	@$(PY) -m bench $(ARGS)

audit: $(PYTHON_READY) $(NODE_READY) ## long checks: property tests, mutants, static analysis, proofs
	@$(PY) -m bench.audit $(ARGS)

chaos: $(PYTHON_READY) $(NODE_READY) ## kill programs of a running system at random and check that it recovers
	@$(PY) -m bench.chaos $(ARGS)
	@tools/setup_node.sh bench/hardhat
	@$(PY) -m bench.chaos.hardhat

drill: $(PYTHON_READY) $(NODE_READY) $(PAGE) ## an operator's bad days tried on the real services; ARGS='disk pairs' for some
	@$(PY) -m bench.drill $(ARGS)

image: $(if $(findstring --try,$(ARGS)),$(PYTHON_READY) $(NODE_READY)) ## build the services' image, with Docker or buildah; ARGS=--try: start each service from it
	@tools/build_image.sh $(ARGS)

pin-images: $(PYTHON_READY) ## put the present digest behind each outside image's tag (needs a network, Docker's buildx or skopeo)
	@$(PY) -m tools.pin_images

lock: $(PYTHON_READY) ## update requirements.lock after a change of requirements*.txt
	@tools/lock.sh $(ARGS)

format: $(PYTHON_READY) $(DAPP_READY) ## format, and fix what can be fixed automatically
	@.venv/bin/ruff check --fix --quiet . || true
	@.venv/bin/ruff format .
	@cd dapp && node_modules/.bin/biome check --write --reporter=summary . || true

clean: ## remove everything built and installed, and the local stack's state
	rm -rf .venv node_modules build reports dapp/node_modules dapp/dist tests/interop/node_modules bench/hardhat/node_modules .localnet
	rm -rf .mypy_cache .pytest_cache .ruff_cache .cache .hypothesis .setup.lock
