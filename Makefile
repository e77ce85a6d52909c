# make demo       the whole road on generated text, about 5 minutes after installation
# make test       the whole suite
# make packages   what the suite wants beside Python, on Debian: tests that find no PostgreSQL or Chromium are skipped
# make test-browser  the tests of rendered pages alone, in Debian's Chromium
# make check      linter, formatter, types, suite: what has to pass before a change lands

PYTHON ?= python3
VENV := .venv
INSTALLED := $(VENV)/.installed

.PHONY: demo test test-browser packages lint check clean

demo: $(INSTALLED)
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" bash demo.sh

test: $(INSTALLED)
	$(VENV)/bin/pytest -n 2 --dist loadfile

test-browser: $(INSTALLED) packages
	CI=true $(VENV)/bin/pytest tests/crawler/test_browser.py

packages:
	bash .ci/packages

lint: $(INSTALLED)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

check: lint test

# Installed once; again only when what is to be installed has changed.
$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --editable '.[dev]' --constraint constraints.txt
	@touch $@

clean:
	rm -rf $(VENV) demo *.egg-info build .mypy_cache .ruff_cache .pytest_cache
