# Everything a person does with a checkout. Needs Python 3.11-3.14, make and a package registry; `make help` lists the verbs.
# Set-up happens by itself, once per change of a lock file, into .venv; nothing outside this folder is touched.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# PYTHON=... chooses the interpreter that .venv is made with. Otherwise the first of these that is 3.11-3.14 and can make a venv.
PYTHON ?=
CANDIDATES = $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11)

VENV := .venv
RUN := $(VENV)/bin/python
REPORTS := build/reports
PIP_INSTALL = $(RUN) -m pip --disable-pip-version-check --no-input install --quiet --require-hashes --only-binary :all:

# PYTEST_ARGS="-k outbox -x" or "-n 2" is handed on to pytest.
PYTEST_ARGS ?=
# make torture MINUTES=15: how long; SEEDS=100000: from which seed on; RECORD=1: add what was run to docs/.
MINUTES ?= 3
SEEDS ?=
RECORD ?=
# The suite makes two processes of itself; a real PostgreSQL and real kills are in both.
WORKERS ?= 2
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
export CHROMIUM
export TORTURE_SECONDS ?= $(shell expr $(MINUTES) \* 4)

.PHONY: help demo test browser check torture bench run lock clean

help: ## list these verbs
	@awk -F ':[^#]*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(VENV)/installed ## publish an example to every imitation channel, then stay up (PORT, SANDBOX_PORT, DEMO_ONCE=1, SANDBOX_SCRIPT)
	@exec $(RUN) -m broadcaster demo

test: $(VENV)/installed-dev ## run every test but those of `browser` and `torture` (WORKERS=2, PYTEST_ARGS="-k word -x")
	@$(call pytest,test,not browser and not pictures and not torture,-n $(WORKERS) --dist worksteal)

browser: $(VENV)/installed-dev ## run the tests that drive a real Chromium (CHROMIUM=path; without one, an error only when CI=1)
	@if [ -z "$(CHROMIUM)" ]; then \
	  count=$$($(RUN) -m pytest -m browser --collect-only -q 2>/dev/null | grep -c '::'); \
	  echo "No Chromium on this machine: $$count browser tests were NOT run."; \
	  echo "Install it with   apt-get install chromium   (Debian, Ubuntu) or set CHROMIUM=/path/to/it, then: make browser"; \
	  [ "$${CI:-0}" != 1 ] && [ "$${CI:-}" != true ]; exit; \
	fi; \
	$(call pytest,browser,browser,-n $(WORKERS) --dist worksteal)

pictures: $(VENV)/installed-dev ## take a picture of every page in every state, both themes, into build/pictures/index.html
	@$(call pytest,pictures,pictures)
	@echo "Look at build/pictures/index.html"

check: $(VENV)/installed-dev ## judge the code without running it: ruff, mypy --strict, hadolint, the syntax of .ci/run
	@bad=""; \
	$(VENV)/bin/ruff check . || bad="$$bad ruff"; \
	$(VENV)/bin/mypy --strict || bad="$$bad mypy"; \
	$(VENV)/bin/hadolint Dockerfile || bad="$$bad hadolint"; \
	bash -n .ci/run || bad="$$bad .ci/run"; \
	if [ -n "$$bad" ]; then echo "check: not clean:$$bad"; exit 1; fi; echo "check: clean"

torture: $(VENV)/installed-dev ## simulate, kill and starve for MINUTES (3) and count what was lost, doubled or stale (SEEDS=n, RECORD=1)
	@code=0; ($(call pytest,torture,torture)) || code=$$?; \
	PYTHONPATH=.:tests $(RUN) -m torture --minutes $(shell expr $(MINUTES) \* 7).e-1 $(if $(SEEDS),--seeds $(SEEDS)) $(if $(RECORD),--record) || code=$$?; \
	exit $$code

bench: $(VENV)/installed-dev ## measure how fast every channel has its request, beside a bare client (no verdict)
	@$(RUN) -m bench $(BENCH_ARGS)

run: $(VENV)/installed ## serve with the settings file named by BROADCASTER_CONFIG
	@exec $(RUN) -m broadcaster serve

lock: $(VENV)/installed-dev ## renew the lock files after a change in pyproject.toml (UPGRADE=1: newest versions of everything)
	@$(call lock,requirements.lock,What runs.,)
	@$(call lock,requirements-dev.lock,What runs and what tests it.,--group dev --constraint requirements.lock)

clean: ## remove reports, builds and caches (keeps .venv and every database)
	@rm -rf build dist .hypothesis .pytest_cache
	@find . -path ./$(VENV) -prune -o -type d \( -name __pycache__ -o -name .mypy_cache -o -name .ruff_cache \) -prune -exec rm -rf {} +

# ------------------------------------------------------------------------------------------------------------------------

$(VENV)/installed: requirements.lock | $(VENV)/bin/python
	@$(call install,requirements.lock)
	@touch $@

# The second stamp is the first one's as well: what tests the program holds all that runs it, at the same versions.
$(VENV)/installed-dev: requirements-dev.lock requirements.lock | $(VENV)/bin/python
	@$(call install,requirements-dev.lock)
	@touch $(VENV)/installed $@

$(VENV)/bin/python:
	@for python in $(CANDIDATES); do \
	  if "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; then \
	    found=$$python; \
	    if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	      echo "Making $(VENV) with $$("$$python" --version)"; exec "$$python" -m venv --clear $(VENV); \
	    fi; \
	  fi; \
	done; \
	if [ -n "$$found" ]; then \
	  echo "$$found is new enough but cannot make a virtual environment."; \
	  echo "Install what it lacks:   apt-get install python3-venv   (Debian, Ubuntu), then try again."; \
	else \
	  echo "No Python 3.11-3.14 among: $(CANDIDATES)"; \
	  echo "Install one:   apt-get install python3 python3-venv   (Debian 12 or later), or name yours: make PYTHON=/path/to/python3"; \
	fi >&2; exit 1

define install
echo "Installing $$(grep -c '==' $(1)) packages from $(1) (once per change of that file)"; \
$(PIP_INSTALL) -r $(1) || { echo "Could not install from $(1): is the package registry within reach, and the disk not full?" >&2; exit 1; }
endef

# pytest ends with 5 when it found no test; then make fails too.
define pytest
mkdir -p $(REPORTS); rm -f $(REPORTS)/$(1).xml; \
$(RUN) -m pytest -m "$(2)" $(3) --junitxml=$(REPORTS)/$(1).xml $(PYTEST_ARGS); code=$$?; \
$(RUN) .ci/count.py $(1) $(REPORTS)/$(1).xml || [ $$code != 0 ] || code=1; \
exit $$code
endef

# Versions and hashes only: where packages come from is the business of the machine that installs them.
define lock
$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --only-binary :all: --generate-hashes \
  --no-emit-index-url --no-annotate --no-header $(if $(UPGRADE),--upgrade) $(3) pyproject.toml --output-file $(1) && \
{ printf '%s\n' "# $(2) Every version and hash, for Python 3.11-3.14 on any machine." "# Written by \`make lock\` from pyproject.toml; not by hand." ""; \
  grep -v '^#' $(1) | sed '/./,$$!d'; } > $(1).new && mv $(1).new $(1)
endef
