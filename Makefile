# Thin targets: what they do stands in deploy/setup.py, in the `gongzheng` command and in the tests.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help run test lint types bench chaos documents up down compose-story lock setup-run setup-test setup-bench setup-up

help: ## Show what can be typed here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

run: setup-run ## Start the whole suite in one process at http://127.0.0.1:8000 and play the demonstration
	@exec $(BIN)/gongzheng up --port $(PORT) --sample tests/data/nyc_parking_camera/cases.csv

test: setup-test lint ## Install what the tests need, then lint, types, import rules and every test
	@$(BIN)/python deploy/run_tests.py

lint: setup-test ## Only ruff, mypy and the import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

bench: setup-bench ## Measure the suite beside its bare floors and its peers; build/bench.json (25 min)
	@$(BIN)/python -m tests.bench

chaos: setup-test ## Kill processes under load and count what was lost, doubled or out of order
	@$(BIN)/python -m tests.chaos

up: setup-up ## Build and start the containers (docker compose) and wait until all are healthy
	@$(BIN)/python -m deploy.compose up

down: setup-up ## Stop the containers; the data stays
	@$(BIN)/python -m deploy.compose down

compose-story: setup-test ## Bring the containers up in a copy, tell the story through the proxy while some of them die
	@$(BIN)/python -m tests.containers

lock: setup-test ## Renew requirements/*.lock (UPGRADE=--upgrade takes the newest versions)
	@sh deploy/lock.sh $(UPGRADE)

setup-run:
	@$(PYTHON) deploy/setup.py run

setup-test:
	@$(PYTHON) deploy/setup.py test

setup-bench:
	@$(PYTHON) deploy/setup.py bench

setup-up:
	@$(PYTHON) deploy/setup.py up
