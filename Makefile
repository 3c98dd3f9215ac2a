# Two commands do everything: `make learn` and `make test`. Both make the environment first.
PYTHON ?= $(shell command -v python3 || command -v python || command -v python3.13 || command -v python3.12 || \
	command -v python3.11)
ifeq ($(strip $(PYTHON)),)
$(error There is no Python on the path; install Python 3.11, 3.12 or 3.13 and try again)
endif
BIN := .venv/bin

.PHONY: learn test setup

learn: setup
	@$(BIN)/dojo start

test:
	@$(PYTHON) install.py --dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/python -m pytest -n auto --dist loadgroup --durations 10 --ignore tests/stack --ignore tests/deploy

setup:
	@$(PYTHON) install.py
