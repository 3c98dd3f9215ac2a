# Two commands do everything: `make learn` and `make test`. Both make the environment first.
PYTHON ?= $(shell command -v python3 || command -v python)
BIN := .venv/bin

.PHONY: learn test setup

learn: setup
	@$(BIN)/python -m grader.learn

test:
	@$(PYTHON) install.py --dev
	@$(BIN)/ruff check .
	@$(BIN)/python -m pytest

setup:
	@$(PYTHON) install.py
