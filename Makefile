# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test check bench faults screenshots lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/  /' | sort

demo: ## the program, on sample people and the embedded demo portal
	@$(PYTHON) tools/bootstrap.py demo
	@$(BIN)/phr-desktop --demo

test: ## every test, as CI runs them
	@$(PYTHON) tools/bootstrap.py test
	@$(BIN)/python tools/run_tests.py

check: ## format, lint, types, imports, tests: before every push
	@$(PYTHON) tools/bootstrap.py test
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tools/run_tests.py

bench: ## benchmarks, each against its limit
	@$(PYTHON) tools/bootstrap.py test
	@$(BIN)/python -m benchmarks

SIZE ?= small
faults: ## kills, full disks, power failures; SIZE=nightly for 10,000 kills, ONLY=name for one scenario
	@$(PYTHON) tools/bootstrap.py test
	@$(BIN)/python tools/faults.py --size "$(SIZE)" --only "$(ONLY)"

screenshots: ## every screen into build/screenshots; LOOKS="dark large" for some of light, dark, contrast, large
	@$(PYTHON) tools/bootstrap.py test
	@$(BIN)/python tools/screenshots.py $(LOOKS)

lock: ## make the lock files anew (needs uv)
	@for name in build run dev node; do uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-emit-index-url --no-emit-find-links requirements/$$name.in -o requirements/$$name.lock; done

clean: ## remove what was built
	rm -rf $(VENV) build dist *.egg-info
