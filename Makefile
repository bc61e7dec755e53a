# Set-up and daily work. It needs bash, make and Python 3.11 or newer; all else is installed into .venv in this folder.
#
# Versions are fixed, each with the hashes of its files: requirements-run.lock for use (`make run`), requirements.lock
# for work on the code (`make test`); `make lock` writes both anew from the bounds of pyproject.toml.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
.PHONY: help run serve test test-night fuzz check samples screenshots golden docs bench lock sbom licences audit clean setup setup-dev fonts-night

PYTHON ?= python3
ARGS ?=
# Processes of pytest. One more than two processors: many tests wait for other programs.
TEST_PROCESSES ?= 3
# How often `make fuzz` runs the tests over random examples.
ROUNDS ?= 5
BIN := .venv/bin
# Each process begins with a half of the tests in their order, so that the tests of a file share what they are made of.
PYTEST = $(BIN)/pytest -n $(TEST_PROCESSES) --dist worksteal
# For `make test-night`, which reads printed pages with each set of fonts that tests/fonts describes.
NIGHT_FONTS := fonts-noto-cjk fonts-wqy-zenhei fonts-wqy-microhei fonts-arphic-uming fonts-arphic-ukai
NIGHT_FONT_TESTS := tests/extract/pdf tests/extract/ofd tests/extract/scan tests/extract/layout

help:  ## show this list
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

run: setup  ## read data/samples/ into data/out/nianbao.duckdb (other input: make run ARGS="FOLDER --database FILE")
	@$(BIN)/nianbao run $(ARGS)

serve: setup  ## the pages in a browser: check drafts, look at reports and findings (more: make serve ARGS="--help")
	@$(BIN)/nianbao serve $(ARGS)

# The style, the types, the direction of imports and the limits of size are tests too.
# On a build machine (CI=true) a skipped test is a failure: there everything that the tests need must be present.
test: setup-dev  ## set up and run all tests (some of them: make test ARGS="tests/load -k publish")
	@[ "$${CI:-}" != true ] || export NIANBAO_REQUIRE_ALL=1
	$(PYTEST) $(ARGS)

test-night: setup-dev fonts-night  ## all tests, also those worth a night only; printed pages once with each set of fonts
	@export NIANBAO_NIGHT=1
	status=0
	$(PYTEST) $(ARGS) || status=1
	for fonts in tests/fonts/*.conf; do
	  [ -e "$$fonts" ] || continue
	  echo "== $$fonts"
	  FONTCONFIG_FILE="$$PWD/$$fonts" $(PYTEST) $(NIGHT_FONT_TESTS) $(ARGS) || status=1
	done
	exit $$status

fuzz: setup-dev  ## the tests over generated examples, each time with others (how often: make fuzz ROUNDS=20)
	@for round in $$(seq $(ROUNDS)); do
	  $(PYTEST) -m hypothesis --hypothesis-profile=fuzz $(ARGS)
	done

check: setup-dev  ## lint only: ruff, mypy --strict, the direction of imports, limits of size
	@status=0
	$(BIN)/ruff check . || status=1
	$(BIN)/mypy || status=1
	$(BIN)/lint-imports || status=1
	$(BIN)/pytest tests/test_limits.py || status=1
	exit $$status

samples: setup-dev  ## write data/samples/ and data/drafts/ again, always with the same bytes
	@$(BIN)/python -m tests.build.samples
	$(BIN)/python -m tests.build.drafts

screenshots: setup-dev  ## pictures of all pages into build/screenshots, at two widths, light and dark, in both languages
	@$(BIN)/python -m tests.review.pages.screenshots $(ARGS)

golden: setup-dev  ## run the tests over built reports only: every layout must come back as it was put in
	@$(PYTEST) tests/build tests/golden $(ARGS)

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

# No address of an index and no path gets in: what pip takes from where is a matter of the machine.
lock: setup-dev  ## write requirements.lock and requirements-run.lock anew: the newest versions that pyproject.toml allows
	@compile() {
	  $(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' |
	    $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	      --no-emit-index-url --no-emit-find-links --upgrade "$$@" pyproject.toml -
	}
	compile --all-extras --output-file requirements.lock
	compile --constraints requirements.lock --output-file requirements-run.lock

# Programs that look at the packages are none of the project's: each runs in an environment of its own, which uv keeps.
APART = $(BIN)/uv tool run --quiet --from

sbom: setup-dev  ## write build/sbom.json: all packages that a run needs with versions and hashes, as CycloneDX
	@mkdir -p build
	$(APART) cyclonedx-bom==7.5.0 cyclonedx-py requirements --output-reproducible --pyproject pyproject.toml \
	  --output-file build/sbom.json requirements-run.lock
	echo "build/sbom.json: $$(grep -c '"type": "library"' build/sbom.json) packages"

licences: setup-dev  ## list the licences of what is installed
	@$(APART) pip-licenses==5.5.5 pip-licenses --python $(BIN)/python --order license --from mixed |
	  grep -E '^ [^ ]'  # of a licence given in full its first line

audit: setup-dev  ## look the locked packages up among known weaknesses (needs pypi.org)
	@$(APART) pip-audit==2.10.1 pip-audit --disable-pip --require-hashes --requirement requirements-run.lock

clean:  ## remove .venv, caches and build leftovers; data/out/ stays
	@rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Set-up. The mark in .venv names the folder, pyproject.toml and lock that it was made for, so that nothing is installed twice,
# and new dependencies, a moved folder or a broken .venv are noticed. A moved .venv is of no use: its programs name the old folder.
setup: LOCK := requirements-run.lock
setup-dev: LOCK := requirements.lock
setup-dev: DEVELOPMENT := yes
setup setup-dev:
	@here="$$(pwd -P)"
	say() { printf 'nianbao: %s\n' "$$*" >&2; }
	healthy() { [ -x $(BIN)/python ] && $(BIN)/python -I -c "$$1" 2>/dev/null; }
	key="$$here $$(cat pyproject.toml $(LOCK) | cksum)"
	if [ "$$(cat '.venv/ready-$(LOCK)' 2>/dev/null)" = "$$key" ] && healthy 'import flows.steps.version'; then exit 0; fi
	
	may_install() { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; }
	apt() { apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$$@" >&2; }
	need() {  # packages of Debian and its kin, installed if we may
	  if may_install; then
	    say "installing $$*"
	    apt "$$@"
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
	# -qq: errors alone; of index folders that a machine's pip.conf names and that are not there it would warn for each
	# package. --no-deps: the lock is whole, nothing is left to be resolved.
	pip() { $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps "$$@"; }
	{ pip --require-hashes -r $(LOCK) && pip --no-build-isolation -e .; } ||
	  { say "installing failed (see above); with a connection to a package index start the same command again"; exit 1; }
	# The tests of legacy Word files need LibreOffice, those of printed pages Chromium and a Chinese font. Without the
	# programs they are skipped, which a build machine takes for a failure; without a font they fail.
	packages=()
	if [ -n '$(DEVELOPMENT)' ]; then
	  command -v soffice >/dev/null || packages+=(libreoffice-writer-nogui)
	  command -v chromium >/dev/null || packages+=(chromium)
	  [ -n "$$(fc-list :lang=zh 2>/dev/null)" ] || packages+=(fontconfig fonts-wqy-microhei)
	  command -v systemd-analyze >/dev/null || packages+=(systemd)
	fi
	if [ "$${#packages[@]}" -gt 0 ]; then
	  if may_install; then
	    say "installing $${packages[*]}"
	    apt "$${packages[@]}" || say "not installed: $${packages[*]}; the tests that need them are skipped or fail"
	  else
	    say "to run all tests: sudo apt-get install --no-install-recommends $${packages[*]}"
	  fi
	fi
	for mark in .venv/ready-requirements-run.lock '.venv/ready-$(LOCK)'; do
	  echo "$$here $$(cat pyproject.toml "$${mark#.venv/ready-}" | cksum)" > "$$mark"
	done

fonts-night:
	@missing=()
	for font in $(NIGHT_FONTS); do
	  dpkg-query -W -f '$${Status}' "$$font" 2>/dev/null | grep -q ' installed$$' || missing+=("$$font")
	done
	[ "$${#missing[@]}" -gt 0 ] || exit 0
	install=(apt-get install -y -qq --no-install-recommends "$${missing[@]}")
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	  apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive "$${install[@]}" >&2
	else
	  printf 'nianbao: fonts are missing; on Debian or Ubuntu: sudo %s\n' "$${install[*]}" >&2
	  exit 1
	fi
