# Everything starts from python3 (3.11 or newer), pip (22.3 or newer) and make; nothing is installed outside this folder.
# Another interpreter: make install PYTHON=python3.12

# The interpreter that made .venv is kept until another is asked for.
PYTHON ?= $(shell cat .venv/made-by 2>/dev/null || echo python3)
BIN := .venv/bin
# pip runs from outside and works on .venv: no ensurepip needed, and an "externally managed" pip does not object.
PIP := PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 $(PYTHON) -m pip --python $(BIN)/python install -qq
EDITABLE := --no-deps --no-build-isolation --editable .

# The stamps carry the interpreter's name, so that asking for another one rebuilds.
STAMP := .venv/installed-$(subst /,-,$(PYTHON))
STAMP_DEV := $(STAMP)-dev
# An interpreter that was upgraded or removed leaves a dangling link behind: start again.
STALE := $(shell test -x $(BIN)/python || echo stale)

define CHECK_PYTHON
import sys
try:
    import pip
    fit = sys.version_info >= (3, 11) and tuple(map(int, pip.__version__.split(".")[:2])) >= (22, 3)
except ImportError:
    fit = False
sys.exit(not fit)
endef
export CHECK_PYTHON

.DEFAULT_GOAL := run
.NOTPARALLEL:
.PHONY: run install install-dev test crash-test inbox-test fuzz discord-fuzz takeover screenshots readme schemas lock clean stale

# Install what is missing, then serve until Ctrl-C; exec, so that signals reach the process itself.
run: install
	@exec $(BIN)/paperclub run

# Make .venv and put the locked run-time packages and the project into it.
install: $(STAMP)

# The same, with what the tests need.
install-dev: $(STAMP_DEV)

$(STAMP): requirements.lock pyproject.toml $(STALE)
	@$(PYTHON) -c "$$CHECK_PYTHON" 2>/dev/null || \
		{ echo "Paperclub needs Python 3.11 or newer with pip 22.3 or newer; '$(PYTHON)' is not that. Name one that is: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Installing into .venv (once, under a minute) ..."
	@test -x $(BIN)/python && test "$$(cat .venv/made-by 2>/dev/null)" = "$(PYTHON)" || $(PYTHON) -m venv --clear --without-pip .venv
	@echo "$(PYTHON)" > .venv/made-by
	@$(PIP) --require-hashes --requirement requirements.lock
	@$(PIP) $(EDITABLE)
	@touch $@

$(STAMP_DEV): $(STAMP) requirements-dev.lock
	@echo "Installing the development tools into .venv (once) ..."
	@$(PIP) --require-hashes --requirement requirements-dev.lock
	@touch $@

stale:

# Everything that must hold: style, types, architecture, content, behaviour.
test: install-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy bot schedules tests
	$(BIN)/lint-imports --no-logo
	$(BIN)/paperclub check
	$(BIN)/pytest

# The crash test in full, some minutes: the real program is killed -9 over a run of posts to both platforms.
# make crash-test KILLS=500 SEED=7
crash-test: KILLS := 200
SEED :=
crash-test: install-dev
	CRASH_KILLS=$(KILLS) CRASH_SEED=$(SEED) $(BIN)/pytest -s tests/crashes/test_crashes.py

# The same over a thousand updates from Telegram, by polling and by webhook, some minutes.
# make inbox-test RUNS=30 SEED=7
inbox-test: RUNS := 10
inbox-test: install-dev
	INBOX_RUNS=$(RUNS) INBOX_SEED=$(SEED) $(BIN)/pytest -s tests/crashes/test_inbox.py

# Whatever may come from Telegram, in full, some ten minutes: the house is fed invented, broken and real updates.
# make fuzz UPDATES=20000 SEED=7
fuzz: UPDATES := 100000
fuzz: install-dev
	FUZZ_UPDATES=$(UPDATES) FUZZ_SEED=$(SEED) $(BIN)/pytest -s -p no:logging tests/platforms/telegram/test_fuzz.py

# Whatever may come from Discord, in full, some five minutes: interactions of every kind, real, invented and forged.
# make discord-fuzz INTERACTIONS=5000 SEED=7
discord-fuzz: INTERACTIONS := 20000
discord-fuzz: install-dev
	FUZZ_INTERACTIONS=$(INTERACTIONS) FUZZ_SEED=$(SEED) $(BIN)/pytest -s -p no:logging tests/platforms/discord/test_fuzz.py

# Two processes on one PostgreSQL, some minutes: the one that serves is killed -9 over a run of posts.
takeover: KILLS := 50
takeover: install-dev
	TAKEOVER_KILLS=$(KILLS) $(BIN)/pytest -s tests/test_takeover.py

# Make the README's pictures from the real page.
screenshots: install-dev
	$(BIN)/python -m tests.screenshots

# Write the READMEs' tables from the commands and settings in the code.
readme: install-dev
	$(BIN)/python -m tests.readme

# Write the JSON Schemas of the content files from their forms.
schemas: install-dev
	$(BIN)/python -m tests.schemas

# Compile both lock files again, keeping pins that still fit; LOCK=--upgrade takes the newest of everything.
LOCK :=
UV := .tools/bin/uv --no-config pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --quiet $(LOCK)
lock:
	@$(PYTHON) -m pip install -qq --upgrade --target .tools "uv>=0.9,<1"
	$(UV) --group build --output-file requirements.lock pyproject.toml
	$(UV) --group build --group dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
	@! grep -nE '://|^ *--(index|extra|find|trusted)' requirements.lock requirements-dev.lock

# Remove what the other targets made; the members' data lives elsewhere.
clean:
	rm -rf .venv .tools .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist
	find bot schedules content tests -name __pycache__ -type d -prune -exec rm -rf {} +
