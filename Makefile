# The two first commands of the README are `make demo` and `make test`. Nothing else is needed beforehand.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
PROMPT ?= a red glass sphere on a wooden table at sunset

.PHONY: demo studio studio-build test test-ray quick check format bench docs clean

$(VENV)/generate.stamp: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Reflet needs Python 3.11 or newer: set PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) "torch==2.13.0"
	$(PIP) --editable .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/generate.stamp
	$(PIP) --editable ".[dev]"
	@touch $@

demo: $(VENV)/generate.stamp  ## a picture from a prompt: make demo PROMPT="..."
	@$(BIN)/reflet generate "$(PROMPT)" --out out

$(VENV)/serve.stamp: $(VENV)/generate.stamp
	$(PIP) --editable ".[serve]"
	@touch $@

studio: $(VENV)/serve.stamp  ## the studio, in the browser
	@$(BIN)/reflet studio

studio-build:  ## the studio's page anew (needs Node 20.19 or newer); the result is committed
	cd studio && npm ci --ignore-scripts --no-audit --no-fund && npm run check && npm run build

test: $(VENV)/dev.stamp  ## the whole suite but for the two tests that start a Ray
	@OMP_WAIT_POLICY=passive $(BIN)/python -m pytest -rs --durations=25 --durations-min=8 -n auto --dist loadfile --no-loadscope-reorder -m "not ray"
	@echo "Not run: the two tests that start a Ray (a minute each): make test-ray"

test-ray: $(VENV)/dev.stamp  ## the two tests that start a Ray of their own
	@$(BIN)/python -m pytest -m ray

quick: $(VENV)/dev.stamp  ## the fast tests
	@$(BIN)/python -m pytest -m "not slow and not oracle and not ray"

check: $(VENV)/dev.stamp  ## style, types, architecture
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright --pythonpath $(BIN)/python
	@$(BIN)/lint-imports

format: $(VENV)/dev.stamp
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/dev.stamp  ## every figure of docs/bench.md
	@for script in bench/*.py; do $(BIN)/python $$script; done

clean:
	rm -rf $(VENV) out build *.egg-info
