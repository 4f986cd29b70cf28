# make chat   set everything up, then open the chat on the bundled article
# make test   set everything up, then run every test
# make check  style and types only            make bench  how long a question takes
PYTHON ?= python3
VENV ?= .venv
PORT ?=

INSTALL = $(VENV)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: chat test check bench clean

chat: $(VENV)/.runs
	$(VENV)/bin/verbatim chat --open $(if $(PORT),--port $(PORT))

test: check
	HF_HUB_OFFLINE=1 $(VENV)/bin/python -m pytest

check: $(VENV)/.tests
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

bench: $(VENV)/.tests
	$(VENV)/bin/python benchmarks/speed.py

$(VENV)/.runs: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 chat" >&2; exit 1; }
	@echo "Installing into $(VENV): a few minutes the first time."
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --editable .
	@touch $@

$(VENV)/.tests: $(VENV)/.runs
	$(INSTALL) --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV)
