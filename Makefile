# Set-up and daily work. It needs bash, make and Python 3.11 or newer; all else is installed into .venv in this folder.
#
# There is no lock file: pip resolves the bounds of pyproject.toml. To install one fixed set of versions, write it down
# once (.venv/bin/pip freeze --exclude-editable > versions.txt) and hand it to pip: make run PIP_CONSTRAINT=versions.txt

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
.PHONY: help run test check samples golden docs bench clean setup setup-dev

PYTHON ?= python3
ARGS ?=
# Processes of pytest. More than the processors help nothing: the tests start reader processes of their own.
TEST_PROCESSES ?= 2
BIN := .venv/bin

help:  ## show this list
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

run: setup  ## read data/samples/ into data/out/nianbao.duckdb (other input: make run ARGS="FOLDER --database FILE")
	@$(BIN)/nianbao run $(ARGS)

# Everything is run, also after a failure, so that one run shows all there is to mend.
# On a build machine (CI=true) a skipped test is a failure: there everything that the tests need must be present.
test: setup-dev  ## set up, lint, and run all tests (some of them: make test ARGS="tests/load -k publish")
	@[ "$${CI:-}" != true ] || export NIANBAO_REQUIRE_ALL=1
	status=0
	$(MAKE) --no-print-directory check || status=1
	$(BIN)/pytest -n $(TEST_PROCESSES) $(ARGS) || status=1
	exit $$status

check: setup-dev  ## lint only: ruff, mypy --strict, the direction of imports
	@status=0
	$(BIN)/ruff check . || status=1
	$(BIN)/mypy || status=1
	$(BIN)/lint-imports || status=1
	exit $$status

samples: setup-dev  ## write data/samples/ again, always with the same bytes
	@$(BIN)/python -m tests.build.samples

golden: setup-dev  ## run the tests over built reports only: every layout must come back as it was put in
	@$(BIN)/pytest -n $(TEST_PROCESSES) tests/build tests/golden $(ARGS)

docs: setup-dev  ## write docs/dictionary.md, docs/rules.md and the output shown in the READMEs again; look at the difference
	@$(BIN)/nianbao dictionary > docs/dictionary.md
	$(BIN)/python docs/make_rules.py > docs/rules.md
	$(BIN)/python -m tests.test_readme

bench: setup-dev  ## measure
	@for file in bench/*.py; do
	  [ -s "$$file" ] || continue
	  module="$${file%.py}"
	  echo "== $$file"
	  $(BIN)/python -m "$${module/\//.}"
	done

clean:  ## remove .venv, caches and build leftovers; data/out/ stays
	@rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Set-up. The mark in .venv names the folder and the pyproject.toml that it was made for, so that nothing is installed twice,
# and new dependencies, a moved folder or a broken .venv are noticed. A moved .venv is of no use: its programs name the old folder.
setup: EXTRA :=
setup-dev: EXTRA := [dev,scan]
setup setup-dev:
	@here="$$(pwd -P)"
	say() { printf 'nianbao: %s\n' "$$*" >&2; }
	healthy() { [ -x $(BIN)/python ] && $(BIN)/python -I -c "$$1" 2>/dev/null; }
	key="$$here $$(cksum < pyproject.toml)"
	if [ "$$(cat '.venv/ready$(EXTRA)' 2>/dev/null)" = "$$key" ] && healthy 'import flows.steps.version'; then exit 0; fi
	
	need() {  # packages of Debian and its kin, installed if we may
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	    say "installing $$*"
	    apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$$@" >&2
	  else
	    say "Python 3.11 or newer with venv is needed; on Debian or Ubuntu: sudo apt-get install $$*"
	    exit 1
	  fi
	}
	new='import sys; sys.exit(sys.version_info < (3, 11))'
	if ! { healthy "$$new" && grep -qF "$$here/.venv/bin/" $(BIN)/pip 2>/dev/null; }; then
	  command -v '$(PYTHON)' >/dev/null || need python3 python3-venv
	  '$(PYTHON)' -c "$$new" || { say "$$('$(PYTHON)' --version) is too old, 3.11 or newer is needed; name another: make PYTHON=python3.12"; exit 1; }
	  [ ! -e .venv ] || say "making .venv again: it is broken, or was made in another folder"
	  rm -rf .venv
	  '$(PYTHON)' -m venv .venv >/dev/null 2>&1 || { rm -rf .venv; need python3-venv; '$(PYTHON)' -m venv .venv; }
	fi
	say "installing into .venv; the first time this takes some minutes"
	rm -f .venv/ready*
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.$(EXTRA)' ||
	  { say "installing failed (see above); with a connection to a package index start the same command again"; exit 1; }
	# The tests of legacy Word files need LibreOffice, those of printed pages Chromium; without them they are skipped, which a
	# build machine takes for a failure.
	programs=()
	[ -z '$(EXTRA)' ] || command -v soffice >/dev/null || programs+=(libreoffice-writer-nogui)
	[ -z '$(EXTRA)' ] || command -v chromium >/dev/null || programs+=(chromium)
	if [ "$${#programs[@]}" -gt 0 ]; then
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	    need "$${programs[@]}" || say "not installed: $${programs[*]}; the tests that need them are skipped"
	  else
	    say "to run all tests: sudo apt-get install --no-install-recommends $${programs[*]}"
	  fi
	fi
	for mark in '.venv/ready' '.venv/ready$(EXTRA)'; do echo "$$key" > "$$mark"; done
