# Callfloor: two commands are enough, `make demo` and `make test`. All targets: `make help`.

SHELL := /bin/bash
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help setup demo run test lint format unit peers browser soak bench docs lock clean \
  speech-model speech-eval

help: ## this list
	@grep -E '^[a-z -]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z -]+):.*## /  make \1\t/' | expand -t 26

setup: ## installs what is missing, builds the SIP library and the pages
	@command -v /usr/bin/python3 >/dev/null || { \
	  echo '[setup] Debian packages: installing python3'; \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  $$sudo apt-get -q update && $$sudo apt-get -q install -y --no-install-recommends python3; }
	@/usr/bin/python3 image/setup.py

demo: setup ## a box with a virtual floor at work; prints where to look
	@$(BIN)/callfloor demo

run: setup ## the box with your own settings: make run SITE=site.toml
	@$(BIN)/callfloor run --site $(or $(SITE),site.toml)

test: setup ## lint and all tests, within 15 minutes on two cores
	@$(BIN)/python -m tests.tiers

lint: setup ## style, types, import rules
	@$(BIN)/python -m tests.tiers lint

format: setup ## puts the code into the project's form
	@$(BIN)/ruff check --fix-only -q . ; $(BIN)/ruff format -q .

unit peers browser: setup ## one tier of the tests
	@$(BIN)/python -m tests.tiers $@

soak: setup ## hours: many repetitions, kill -9, long runs
	@$(BIN)/python -m tests.tiers soak

bench: setup ## prints figures and writes build/bench.json
	@$(BIN)/python -m tests.bench $(BENCH)

speech-eval: setup ## how well a speech model hears: make speech-eval MODEL=folder (default: ours)
	@$(BIN)/python image/speech-model/evaluate.py $(MODEL)

SPEECH := /var/tmp/callfloor-speech
speech-model: ## makes our English speech model anew: hours, or minutes with a GPU
	@test -d $(SPEECH)/venv || /usr/bin/python3 -m venv $(SPEECH)/venv
	@$(SPEECH)/venv/bin/pip install -q -r image/speech-model/requirements.txt
	@$(SPEECH)/venv/bin/python image/speech-model/train.py all

docs: setup ## writes docs/settings.md, commands.md, events.md from the code
	@$(BIN)/python -m tests.docs.generate

lock: setup ## new versions of all Python packages into requirements.lock
	@$(BIN)/uv pip compile -q pyproject.toml --extra dev --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-emit-index-url --no-annotate --no-config \
	  --upgrade -o requirements.lock

clean: ## removes everything that was built; not the data of a box
	rm -rf build .venv web/node_modules appliance/web/pages *.egg-info \
	  .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
