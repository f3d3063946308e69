# The two that matter: `make demo` shows the main job, `make test` runs the tests. Both set up what they need.
# `make hosts` runs the converters that this program works inside, each in an environment of its own; HOSTS=... names some.
# PYTHON=... names the interpreter to make the virtual environment with; ARGS=... goes to the program that a target runs.

VENV := .venv
BIN := $(VENV)/bin
ARGS :=
HOSTS :=

# A checkout that was moved needs its environment made anew: the paths in it are absolute.
ifneq ($(shell cat $(VENV)/made-in 2>/dev/null),$(CURDIR))
$(shell rm -f $(VENV)/ready-to-run $(VENV)/ready-to-work)
endif

# Tests and benchmarks start the program again and again, as users do, whose Python keeps what it compiled.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo test hosts lint format types docs wheel bench effects pictures clean

setup: $(VENV)/ready-to-work

$(VENV)/ready-to-run: pyproject.toml constraints.txt .ci/venv
	@PYTHON="$(PYTHON)" .ci/venv $(VENV)
	@echo "$(CURDIR)" > $(VENV)/made-in
	@touch $@

$(VENV)/ready-to-work: $(VENV)/ready-to-run
	@.ci/venv $(VENV) dev
	@touch $@

demo: $(VENV)/ready-to-run
	@$(BIN)/rewriter demo $(ARGS)

# Most of a test's time goes by in one process at a time, its own or that of the runtime: each core takes tests.
test: setup
	$(BIN)/python -m pytest -q -n auto --dist worksteal $(ARGS)

hosts: setup
	@$(BIN)/python .ci/hosts $(HOSTS)

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: setup
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: setup
	$(BIN)/pyright

# The pages, in build/docs. A link that leads nowhere is a warning, and a warning is an error.
docs: setup
	$(BIN)/python -m sphinx -q -E -W --keep-going -b html docs build/docs $(ARGS)

wheel: setup
	.ci/wheel $(VENV)

bench: setup
	$(BIN)/python -m tests.benchmarks $(ARGS)

# Checks what the stock packs do to every model at hand: the first time, that takes an hour.
effects: setup
	$(BIN)/python -m tests.effects $(ARGS)

pictures: setup
	$(BIN)/python -m tests.docs.pictures

clean:
	rm -rf $(VENV) .venv-hosts build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
