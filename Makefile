# Jetbridge. `make run` runs everything on this machine, `make test` tests everything; both need only
# git, make and a Python 3.13. `make help` lists the rest.

SHELL := /bin/sh
.DEFAULT_GOAL := help
PORT ?= 4566
STAGE ?= dev
TEMPLATES := template.yaml $(wildcard services/*/template.yaml)

# Our environment first: SAM looks for python3.13 and its tools on PATH.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

.PHONY: help run stop test matrix check build deploy bench clean lock exports environments

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  PORT=4566 is the port of the embedded AWS, STAGE=dev the stage of \`make deploy\`,"
	@echo "  ARGS=tests/unit what \`make test\` hands to pytest."

run: environments ## run the whole application on this machine and watch it work
	@python -m sandbox run --port "$(PORT)"

stop: ## stop what `make run` left running
	@[ ! -e .venv/installed ] || python -m sandbox stop

test: environments ## all tests, those on the embedded AWS included
	@python -m pytest $(or $(ARGS),-n 2 --no-loadscope-reorder)

matrix: environments ## let every task of the saga fail in every way, and print what became of money and seats
	@MATRIX_SHARE=1 python -m pytest -o timeout=1200 tests/integration/orchestration/test_product.py
	@python -m tests.matrix

check: environments ## lint, types, layering, templates, state machines, exports, locks
	ruff format --check .
	ruff check .
	mypy
	lint-imports
	python -m checks.asl
	python -m checks.exports
	python -m checks.locks
	@set -e; for template in $(TEMPLATES); do \
		echo "sam validate --lint -t $$template"; sam validate --lint --region eu-west-1 -t $$template; done

build: environments ## sam build of everything, for a deploy to AWS
	sam build

deploy: build ## deploy everything to the AWS account of your credentials
	sam deploy --stack-name jetbridge-$(STAGE) --parameter-overrides Stage=$(STAGE)

bench: build ## what it costs: init time, calls per transaction, rows per second
	@python -m bench

exports: environments ## make docs/events.md, docs/openapi.json and events/schemas/ anew
	@python -m checks.exports --write

lock: environments ## lock the versions that pyproject.toml names
	@python -m checks.locks --write

clean: stop ## remove all that was made: environments, builds, state
	rm -rf .venv .local .aws-sam .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

environments: .venv/installed .local/venv/emulator/installed .local/venv/runtime/installed

.venv/installed: requirements/dev.txt
	@sh local/setup.sh development .venv requirements/dev.txt editable

.local/venv/%/installed: requirements/%.txt
	@sh local/setup.sh $* .local/venv/$* requirements/$*.txt
