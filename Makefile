# make demo   sets everything up and runs models/digits.yaml
# make test   sets everything up, runs the checks and the tests
# make lint   the checks alone      make format   lays the sources out
# make wheel  builds dist/*.whl     make clean    removes what was built

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup demo test lint format wheel constraints clean

setup: $(READY)

# uv installs in half a minute what takes pip two; pip is the way out where uv cannot be had.
$(READY): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt uv || true
	$(BIN)/python -m uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[dev]' \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

demo: $(READY)
	$(BIN)/hwgen run models/digits.yaml
	@echo "open $(CURDIR)/build/digits/report.html in a browser"

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

test: lint
	$(BIN)/pytest -n 2 --dist loadgroup

format: $(READY)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

wheel: $(READY)
	$(BIN)/python -m build --wheel --no-isolation

# The newest versions that fit pyproject.toml; run the tests before committing the result.
constraints:
	$(BIN)/uv pip compile pyproject.toml --extra dev --python-version 3.11 --no-header --no-annotate \
	  --upgrade --output-file constraints.txt

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
